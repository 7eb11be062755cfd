"""Assistants that think before they reply: the forms of their answers, and what they are asked."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from agents.models.form import Form
from agents.prompted.prompts import Prompts
from agents.prompted.roles import CONCISE, COT, REMINDER, SELF_CRITIC


class Considered(BaseModel):
    """A reply after thoughts on whom it is for, in role `cot`."""

    model_config = ConfigDict(extra="forbid")

    thoughts: str
    reply: str


class Rewritten(BaseModel):
    """A reply after a critique of its draft, in role `self-critic`."""

    model_config = ConfigDict(extra="forbid")

    critique: str
    reply: str


def _check_reply(answer: BaseModel) -> None:
    if not getattr(answer, "reply", "").strip():
        raise ValueError("the reply is empty")


_THOUGHTS = "They write in half sentences and joke about the weather, so a dry line will do."
_CRITIQUE = "It is long for somebody who writes in half sentences, and passes over the joke."
_REPLY = "Rain again? The ducks at least are pleased."
FORMS: Mapping[str, Form[Any]] = {
    COT: Form(Considered(thoughts=_THOUGHTS, reply=_REPLY), _check_reply),
    SELF_CRITIC: Form(Rewritten(critique=_CRITIQUE, reply=_REPLY), _check_reply),
}
"""By role; in a role that is not here the answer is the reply."""


def instruction(role: str, prompts: Prompts, draft: str) -> str:
    """Return what a role is told to do with the latest message, if it is told anything.

    Args:
        role: the assistant's.
        prompts: where the text comes from.
        draft: the reply to be rewritten, in role `self-critic`.
    """
    if role in (CONCISE, REMINDER):
        return prompts[role].fill("note")
    if role not in FORMS:
        return ""
    given = {"draft": draft} if role == SELF_CRITIC else {}
    return prompts[role].fill("note", example=FORMS[role].example.model_dump_json(), **given)


def thoughts_of(answer: BaseModel) -> str:
    """Return all that an answer in one of the forms holds beside the reply."""
    return "\n\n".join(str(text) for name, text in answer if name != "reply")
