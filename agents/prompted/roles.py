"""The roles of assistants on a model: their prompts, and which of the history each sees."""

from collections.abc import Mapping, Sequence

from agents.prompted.prompts import JOINT, Prompt, Prompts
from agents.prompted.retrieval import recalled
from dialogues.node import Message

HINTED, CONCISE, REMINDER = "hinted", "concise", "reminder"
COT, SELF_CRITIC = "cot", "self-critic"
RAG, INDUCE, ORACLE, AMNESIC = "rag", "induce", "oracle", "amnesic"
INFER, PROBE = "infer", "probe"

_ASKED_WITH: Mapping[str, tuple[str, ...]] = {
    **{role: (role,) for role in (HINTED, CONCISE, REMINDER, COT, SELF_CRITIC, RAG, ORACLE)},
    INDUCE: (INFER, INDUCE, HINTED),
}
"""The prompt files of each role that has any; a role not named here adds no text."""


def prompt_of(role: str, prompts: Prompts) -> Prompt | None:
    """Return all texts a role adds to the deployed prompt as one prompt; None if there are none."""
    names = _ASKED_WITH.get(role, ())
    if len(names) <= 1:
        return prompts[names[0]] if names else None
    texts = {f"{name}.{key}": text for name in names for key, text in prompts[name].texts.items()}
    return Prompt(JOINT.join(names), texts)


def seen(role: str, history: Sequence[Message]) -> Sequence[Message]:
    """Return what a role sees of a history that ends with the user's latest message."""
    if role == AMNESIC:
        return history[-1:]
    return recalled(history) if role == RAG else history
