"""Flips: a user asks to be talked to in one way, and later in the opposite; how is that taken?

Turns and wishes are read from the gold labels in the user's notes; whether a reply keeps a wish is
read from its form alone, so only wishes of form are measured.
"""

from collections.abc import Callable, Sequence
from statistics import fmean
from typing import NamedTuple

from dialogues.tree import Tree
from eval.result import Case, Flip, rounded

_SHORT, _LONG = 25, 35

KEPT: dict[str, Callable[[str], bool]] = {
    "short": lambda reply: len(reply.split()) <= _SHORT,
    "long": lambda reply: len(reply.split()) >= _LONG,
    "fewer_questions": lambda reply: "?" not in reply,
    "more_questions": lambda reply: "?" in reply,
}
"""Whether a reply keeps a wish."""


class Wishes(NamedTuple):
    """What the user of a dialogue wished.

    Attributes:
        since: turn of the first wish.
        flipped: turn of its opposite.
    """

    since: int
    old: str
    flipped: int
    new: str


def wishes_of(tree: Tree) -> Wishes | None:
    """Read the wishes from the gold labels; None where there is no flip that can be measured."""
    agendas = [(user.turn, user.notes.get("agenda", {})) for user in tree.user_messages()]
    flips = [(turn, each["wish"]) for turn, each in agendas if each.get("changed")]
    before = [each for turn, each in agendas if each.get("wish") and not each.get("changed")]
    if not (flips and before):
        return None
    (flipped, new), old = flips[0], before[-1]
    known = new in KEPT and old["wish"] in KEPT
    return Wishes(int(old["wished_at"]), old["wish"], flipped, new) if known else None


def flip_of(
    cases: Sequence[Case], trees: Sequence[Tree], user: str, judge: str, turns: int
) -> Flip | None:
    """Measure how one assistant takes the flip; None where no dialogue has one.

    Args:
        cases: of one assistant with one user.
        trees: the same dialogues.
        user: name of the user.
        judge: whose scores to look at.
        turns: of a dialogue.
    """
    wished = [(case, tree, wishes_of(tree)) for case, tree in zip(cases, trees, strict=True)]
    found = [(case, tree, wishes) for case, tree, wishes in wished if wishes]
    if not found:
        return None
    since = max(wishes.since for _, _, wishes in found)
    flipped = max(wishes.flipped for _, _, wishes in found)
    before, after = range(since, flipped), range(flipped, turns + 1)
    kept = {turn: _share(found, turn, turn < flipped) for turn in (*before, *after)}
    kept_before = _mean([kept[turn] for turn in before])
    level = _mean([_level(cases, judge, turn) for turn in before])
    at_flip = _level(cases, judge, flipped)
    recovered = [turn for turn in after if _reaches(kept[turn], kept_before)]
    return Flip(
        assistant=cases[0].assistant,
        user=user,
        judge=judge,
        turn=flipped,
        depth=rounded(level - at_flip) if level is not None and at_flip is not None else None,
        recovery=recovered[0] - flipped if recovered else None,
        kept_before=rounded(kept_before),
        kept_after=rounded(_mean([kept[turn] for turn in after])),
        old_after=rounded(_mean([_share(found, turn, True) for turn in after])),
        cases=len(found),
    )


def _share(found: Sequence[tuple[Case, Tree, Wishes]], turn: int, old: bool) -> float | None:
    """Return the share of replies in a turn that keep the old or the new wish."""
    kept = []
    for _, tree, wishes in found:
        wish = KEPT[wishes.old if old else wishes.new]
        for user in tree.user_messages():
            if user.turn == turn:
                kept += [wish(reply.text) for reply in tree.candidates(user.key)]
    return _mean(kept)


def _level(cases: Sequence[Case], judge: str, turn: int) -> float | None:
    given = [said.scores.get(judge) for case in cases for said in case.replies if said.turn == turn]
    return _mean(given)


def _reaches(share: float | None, level: float | None) -> bool:
    return share is not None and level is not None and share >= level


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
