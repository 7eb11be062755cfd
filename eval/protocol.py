"""Protocols: what a benchmark fixes, so that two numbers of the same name mean the same.

Under both, assistants get the deployed prompt and are told nothing of how long to be; users never
leave early; judges score one reply at a time, at temperature 0.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.casting import MODEL_KINDS
from agents.models.settings import SeatSampling
from dialogues.errors import UsageError
from dialogues.node import Message
from dialogues.spec import Spec

NEEDS_HISTORY = frozenset({"scripted:recall"})
"""Judges that make no sense of a message without what was said before."""


class Protocol(NamedTuple):
    """What is fixed.

    Attributes:
        history: the judge sees the whole dialogue, not the last message alone.
        judge_role: how a model judges that is named without a role.
        temperature: of the assistants.
        by_profile: cases are taken profile by profile, not spread over all of them.
    """

    name: str
    history: bool
    judge_role: str
    temperature: float
    by_profile: bool

    def judge(self, text: str) -> str:
        """Return a judge's spec with its role.

        Raises:
            UsageError: it needs to see more than this protocol shows.
        """
        spec = Spec.parse(text)
        if spec.model in NEEDS_HISTORY and not self.history:
            raise UsageError(
                f"--judge {text} needs --protocol grove, which shows the judge the whole dialogue"
            )
        if spec.kind in MODEL_KINDS and spec.role == "listwise":
            raise UsageError(f"--judge {text}: here each reply is scored by itself; take another")
        return f"{self.judge_role}={text}" if spec.kind in MODEL_KINDS and not spec.role else text

    def shown(self, history: list[Message]) -> list[Message]:
        """Return what the judge sees of a dialogue that ends with the user's message."""
        return history if self.history else history[-1:]

    def refuse_temperatures(self, sampling: SeatSampling) -> None:
        """Make sure that a sampling asks for no other temperature than those that are fixed.

        Raises:
            ValueError: it does.
        """
        fixed = self.sampled(sampling)
        for seat in ("assistant", "judge"):
            asked, mine = getattr(sampling, seat), getattr(fixed, seat).temperature
            if "temperature" in asked.model_fields_set and asked.temperature != mine:
                raise ValueError(
                    f"--sampling.{seat}.temperature {asked.temperature}: --protocol {self.name} "
                    f"sets it to {mine:g}; leave it out"
                )

    def sampled(self, sampling: SeatSampling) -> SeatSampling:
        """Return a sampling with the temperatures that are fixed."""
        assistant = sampling.assistant.model_copy(update={"temperature": self.temperature})
        judge = sampling.judge.model_copy(update={"temperature": 0.0})
        return sampling.model_copy(update={"assistant": assistant, "judge": judge})


PROTOCOLS = {
    "aloe": Protocol("aloe", False, "overall", 0.0, True),
    "grove": Protocol("grove", True, "pointwise", 0.7, False),
}
"""`aloe` as the paper's code does it; `grove` as an assistant is deployed and a reader judges."""


def played_under(config: Mapping[str, Any]) -> str:
    """Return the protocol under which a run was played, from its stored settings."""
    temperature = config["sampling"]["assistant"]["temperature"]
    return next(each.name for each in PROTOCOLS.values() if each.temperature == temperature)
