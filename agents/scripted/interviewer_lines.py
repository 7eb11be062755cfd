"""The interviewer's lines: drawn from its own bank, none again while it may be remembered."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random

import yaml

from agents.scripted.interviewer_style import Style

_BANK = Path(__file__).parent / "data" / "interviewer.yaml"
_SLOT = re.compile(r"\{(fact|cue|Cue)\}")
_REMEMBERED = 10


@cache
def bank() -> Mapping[str, tuple[str, ...]]:
    """Load the lines of each move."""
    lines = yaml.safe_load(_BANK.read_text(encoding="utf-8"))
    return {move: tuple(each) for move, each in lines.items()}


class Lines:
    """Chooses lines for one message of somebody who has said `own` messages before."""

    def __init__(self, rng: Random, style: Style, own: Sequence[str]) -> None:
        """Choose by `rng`, and voice what is chosen in `style`."""
        self._rng = rng
        self._style = style
        self._said = " ".join(_bare(text) for text in own[-_REMEMBERED:])

    def line(self, move: str, fact: str = "", cue: str = "") -> str:
        """Draw a line of a move that was not said lately, if there is one, and fill it."""
        lines = [self._style.voiced(line, self._rng) for line in bank()[move]]
        fresh = [line for line in lines if _frame(line) not in self._said]
        # One pass of plain replacement: what fills a slot is never read as a template.
        slots = {"fact": fact, "cue": cue, "Cue": cue[:1].upper() + cue[1:]}
        return _SLOT.sub(lambda slot: slots[slot[1]], self._rng.choice(fresh or lines))


def _frame(line: str) -> str:
    return max((_bare(part) for part in _SLOT.split(line)), key=len)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"[\w'’]+", text.lower()))
