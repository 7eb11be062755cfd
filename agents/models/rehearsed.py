"""A stand-in for a model that answers at once and only counts: for estimates before spending."""

from collections.abc import Sequence
from typing import Any

from agents.models.counting import counted
from agents.models.form import Form
from agents.models.model import Answer
from dialogues.node import INDUCER, JUDGE, USER, Message

WORDS = {USER: 30, INDUCER: 40, JUDGE: 40}
"""Words an answer is assumed to have, by seat; any other has `OTHERWISE`."""
OTHERWISE = 70
_BANK = "the garden was quiet and early light fell over what we had planted long before it rained"


class Rehearsed:
    """One stand-in, under the name of the model it stands for; see `Model`."""

    def __init__(self, name: str, seat: str) -> None:
        """Answer at the length that is usual in `seat`."""
        self.name, self.words = name, WORDS.get(seat, OTHERWISE)

    async def ask(
        self, messages: Sequence[Message], seed: int, form: Form[Any] | None = None
    ) -> Answer:
        """Answer with filler, or with the example of the form."""
        text = form.example.model_dump_json() if form else self._filler(seed)
        return Answer(text, usage=counted(self.name, messages, text))

    def _filler(self, seed: int) -> str:
        bank = _BANK.split()
        words = [bank[(seed + at * (1 + seed % 7)) % len(bank)] for at in range(self.words)]
        return f"Number {seed}: {' '.join(words)}."
