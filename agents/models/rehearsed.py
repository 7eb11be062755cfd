"""A stand-in for a model that answers at once and only counts: for estimates before spending."""

import json
from collections.abc import Sequence
from typing import Any

from agents.models.counting import counted
from agents.models.form import Form
from agents.models.model import Answer
from dialogues.node import INDUCER, JUDGE, USER, Message

WORDS = {USER: 30, INDUCER: 16, JUDGE: 30}
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
        """Answer with filler, or with the form's example, its texts drawn out with filler.

        What is counted is the answer as it stands: the usual words, and where there is a form the
        JSON around them. A form without free text, such as one of numbers, counts as its example.
        """
        text = self._filled(form, seed) if form else self._filler(seed, self.words)
        return Answer(text, usage=counted(self.name, messages, text))

    def _filled(self, form: Form[Any], seed: int) -> str:
        """Write the example with the usual words, divided among the fields that take any."""
        fields = form.example.model_dump(mode="json")
        free = [name for name in fields if _takes_words(form, fields, name)]
        filler = self._filler(seed, self.words // max(1, len(free)))
        return json.dumps(fields | {name: _like(fields[name], filler) for name in free})

    def _filler(self, seed: int, length: int) -> str:
        bank = _BANK.split()
        words = [bank[(seed + at * (1 + seed % 7)) % len(bank)] for at in range(length)]
        return f"Number {seed}: {' '.join(words)}."


def _takes_words(form: Form[Any], fields: dict[str, Any], name: str) -> bool:
    try:
        form.read(json.dumps({**fields, name: _like(fields[name], _BANK)}))
    except ValueError:
        # Labels, numbers, words from a list.
        return False
    return True


def _like(value: object, text: str) -> str | list[str]:
    return [text] if isinstance(value, list) else text
