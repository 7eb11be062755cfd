"""Suites: whom a benchmark talks to, for how long, and what is looked at besides alignment."""

from pathlib import Path
from typing import NamedTuple

from dialogues.pool import SHIPPED

UNSEEN = Path(__file__).parent / "data" / "unseen"
"""A pool of people described by other schemes than those a model was trained on."""


class Suite(NamedTuple):
    """What a suite sets.

    Attributes:
        turns: user messages in a dialogue.
        user: the user where none is named.
        pool: folder of the pool where none is named.
        split: whom of that pool it talks to.
        flips: a wish of the user flips, and how assistants take it is measured.
    """

    turns: int = 10
    user: str = "scripted"
    pool: Path = SHIPPED
    split: str = "eval"
    flips: bool = False


SUITES = {
    "aloe": Suite(),
    "flip": Suite(user="scripted:flip", flips=True),
    "long": Suite(turns=70),
    "unseen": Suite(pool=UNSEEN, split="unseen"),
}
