"""A person in a seat: the dialogue stops there until the person has answered.

It works in a graph with a checkpointer, as `graphs.chat` runs it: LangGraph's `interrupt` ends the
step and names the seat that waits; once the answer is there, the step is done again with it.
"""

from typing import Any

from langgraph.types import interrupt

from agents.seats import JudgeBrief, Judgement, UserBrief, Utterance
from dialogues.node import JUDGE, USER
from dialogues.verdict import Verdict


class Person:
    """Passes on what a person says as the user, or picks as the judge."""

    async def speak(self, brief: UserBrief) -> Utterance:
        """Return the person's message; the interrupt is answered with `Utterance`'s fields."""
        said: dict[str, Any] = interrupt(USER)
        return Utterance(**said)

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Return the person's pick; the interrupt is answered with a `Verdict` as JSON."""
        return Judgement(verdict=Verdict.model_validate(interrupt(JUDGE)))
