"""A dialogue, a persona, or a list of statements, as text inside a prompt."""

from collections.abc import Iterable, Sequence

from agents.prompted.prompts import Tagged, tagged
from dialogues.node import Message

_TAGS = {"user": "user_message", "assistant": "assistant_message"}


def transcript(history: Iterable[Message]) -> Tagged:
    """Write messages one after the other, each in the tags of who said it."""
    return Tagged("\n".join(tagged(_TAGS[said.role], said.content) for said in history))


def numbered(statements: Sequence[str]) -> str:
    """Write statements as a numbered list from 1, or say that there is none."""
    lines = [f"{number}. {text}" for number, text in enumerate(statements, 1)]
    return "\n".join(lines) or "(none)"


def listed(statements: Sequence[str]) -> str:
    """Write statements as a list, or say that there is none."""
    return "\n".join(f"- {text}" for text in statements) or "(none)"
