"""Suites: whom a benchmark talks to, for how long, and what is looked at besides alignment."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from agents.casting import MODEL_KINDS
from agents.scripted.options import UserOptions
from agents.scripted.plan import FLIP_CHANGES
from dialogues.errors import UsageError
from dialogues.pool import SHIPPED
from dialogues.spec import Spec

UNSEEN = Path(__file__).parent / "data" / "unseen"
"""A pool of people described by other schemes than those a model was trained on."""


class Suite(NamedTuple):
    """What a suite sets.

    Attributes:
        turns: user messages in a dialogue.
        user: the user where none is named.
        pool: folder of the pool where none is named.
        split: whom of that pool it talks to.
        flips: turn in which a wish of the user flips, and how assistants take it is measured; 0
            for none.
    """

    turns: int = 10
    user: str = "scripted"
    pool: Path = SHIPPED
    split: str = "eval"
    flips: int = 0


SUITES = {
    "aloe": Suite(),
    "flip": Suite(user="scripted:flip", flips=FLIP_CHANGES),
    "long": Suite(turns=70),
    "unseen": Suite(pool=UNSEEN, split="unseen"),
}


def refuse_unfit(suite: str, users: Sequence[str], turns: int) -> None:
    """Make sure that a suite can be played so: that a wish flips where one is to flip.

    Args:
        suite: its name.
        users: specs of the users.
        turns: user messages in a dialogue.

    Raises:
        UsageError: it cannot; the message names the flag.
    """
    flips = SUITES[suite].flips
    if turns < flips:
        raise UsageError(
            f"--turns {turns}: in --suite {suite} the wish flips in turn {flips}; give at least "
            f"--turns {flips}"
        )
    for user in users:
        if flips and not _may_flip(Spec.parse(user)):
            raise UsageError(
                f"--user {user}: its wishes do not flip, which --suite {suite} reads from gold "
                "labels; take scripted:flip, or a class of your own that leaves such labels"
            )


def _may_flip(user: Spec) -> bool:
    if user.kind in MODEL_KINDS or user.model == "scripted:interviewer":
        return False
    return user.kind != "scripted" or UserOptions.parse(user.variant).variant == "flip"
