"""Flips: a user asks to be talked to in one way, and later in the opposite; how is that taken?

Who is always brief keeps every wish for short replies without having heard it. So a wish counts
as kept by as much as it is kept more often than by chance, which is how often the same assistant's
replies keep it to users who have wished nothing of the kind. Each wish counts the same, however
many users have it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dialogues.tree import Tree
from eval.pigeonhole import Array
from eval.reading import scores_of
from eval.resampling import estimated
from eval.result import Case, Figure, Flip, Wished, rounded
from eval.scores import Scores
from eval.wishes import KEPT, Wishes, wishes_of

_ENOUGH = 0.9
"""Of how far above chance the old wish was kept, the share that is as good as all of it."""

_NAMES = tuple(KEPT)

Mask = NDArray[np.bool_]


class Heard(NamedTuple):
    """What an assistant's replies did, of C dialogues, W wishes and K turns.

    Attributes:
        kept: (C, W, K), the share of the replies that keep a wish, NaN where there is none.
        before: (C, W, K), it is the old wish, and has been said.
        after: (C, W, K), it is the new wish, and has been said.
        still: (C, W, K), it is the old wish, and its opposite has been said.
        unsaid: (C, W, K), nothing of the kind has been said.
    """

    kept: Array
    before: Mask
    after: Mask
    still: Mask
    unsaid: Mask


def flip_of(
    cases: Sequence[Case],
    trees: Sequence[Tree],
    user: str,
    judge: str,
    kind: type[Scores],
    turns: int,
    seed: int,
) -> Flip | None:
    """Measure how one assistant takes the flip; None where no dialogue has one.

    Args:
        cases: of one assistant with one user.
        trees: the same dialogues.
        user: name of the user.
        judge: whose scores to look at.
        kind: the scale it scores on.
        turns: of a dialogue.
        seed: of the resampling.
    """
    wished = [(case, tree, wishes_of(tree)) for case, tree in zip(cases, trees, strict=True)]
    found = [(case, tree, wishes) for case, tree, wishes in wished if wishes]
    if not found:
        return None
    flips = [wishes for _, _, wishes in found]
    scores = scores_of([case for case, _, _ in found], judge, kind, turns)
    heard = _heard([tree for _, tree, _ in found], flips, turns)

    def statistic(weights: Array) -> Array:
        over = _over_chance(heard, weights)
        means = [_over_wishes(each) for each in over]
        depth = _depth(scores.values, flips, weights)
        return np.concatenate([np.stack([depth, *means], axis=1), over[1]], axis=1)

    depth, before, after, still, *each_after = estimated(statistic, scores, seed=seed)
    flipped = max(wishes.flipped for wishes in flips)
    return Flip(
        assistant=cases[0].assistant,
        user=user,
        judge=judge,
        turn=flipped,
        depth=Figure.of(depth),
        kept_before=Figure.of(before),
        kept_after=Figure.of(after),
        old_after=Figure.of(still),
        recovery=_recovery(heard, flipped, turns) if before.low and before.low > 0 else None,
        wishes=_wished(heard, flips, [Figure.of(each) for each in each_after]),
        cases=len(found),
        factor=kind.factor,
    )


def _heard(trees: Sequence[Tree], flips: Sequence[Wishes], turns: int) -> Heard:
    kept = np.full((len(trees), len(KEPT), turns), np.nan)
    masks = np.zeros((4, *kept.shape), dtype=bool)
    for at, (tree, wishes) in enumerate(zip(trees, flips, strict=True)):
        for user in tree.user_messages():
            replies = [reply.text for reply in tree.candidates(user.key)]
            for place, name in enumerate(_NAMES):
                if replies:
                    kept[at, place, user.turn - 1] = np.mean([*map(KEPT[name], replies)])
                masks[:, at, place, user.turn - 1] = _phases(name, wishes, user.turn)
    return Heard(kept, *masks)


def _phases(wish: str, wishes: Wishes, turn: int) -> list[bool]:
    """Tell for what a reply counts: a wish's keeping before, after, still, and by chance."""
    flipped = turn >= wishes.flipped
    return [
        wish == wishes.old and wishes.since <= turn and not flipped,
        wish == wishes.new and flipped,
        wish == wishes.old and flipped,
        not wishes.speak_of(wish) or turn < wishes.since,
    ]


def _over_chance(heard: Heard, weights: Array) -> list[Array]:
    """Return how far above chance wishes are kept before, after and still, (D, W) each."""
    chance = _means(heard.kept, heard.unsaid, weights)
    phases = (heard.before, heard.after, heard.still)
    return [_means(heard.kept, phase, weights) - chance for phase in phases]


def _depth(scores: Array, flips: Sequence[Wishes], weights: Array) -> Array:
    """Return the mean score between wish and flip minus that in the turn of the flip, (D,)."""
    turn = np.arange(1, scores.shape[1] + 1)
    since = np.array([[wishes.since] for wishes in flips])
    flipped = np.array([[wishes.flipped] for wishes in flips])
    between = (since <= turn) & (turn < flipped)
    return _means(scores, between, weights) - _means(scores, turn == flipped, weights)


def _recovery(heard: Heard, flipped: int, turns: int) -> int | None:
    """Return the turns until the new wish is kept nearly as far above chance as the old one was.

    So it must be in that turn, and on average from there to the end.
    """
    alone = np.ones((1, len(heard.kept)))
    level = _ENOUGH * float(_over_wishes(_over_chance(heard, alone)[0])[0])
    turn = np.arange(1, turns + 1)
    for first in range(flipped, turns + 1):
        above = [
            _over_wishes(_over_chance(heard._replace(after=heard.after & when), alone)[1])
            for when in (turn == first, turn >= first)
        ]
        if all(each[0] >= level for each in above):
            return first - flipped
    return None


def _wished(heard: Heard, flips: Sequence[Wishes], above: Sequence[Figure]) -> list[Wished]:
    alone = np.ones((1, len(flips)))
    chance, before, after, still = (
        [rounded(float(share)) for share in _means(heard.kept, phase, alone)[0]]
        for phase in (heard.unsaid, heard.before, heard.after, heard.still)
    )
    return [
        Wished(
            wish=name,
            cases=sum(name == wishes.new for wishes in flips),
            chance=chance[at],
            kept_before=before[at],
            kept_after=after[at],
            old_after=still[at],
            above=above[at],
        )
        for at, name in enumerate(_NAMES)
    ]


def _means(values: Array, counted: Mask, weights: Array) -> Array:
    """Return weighted means over cases and turns, (D, ...), of values (C, ..., K) that count."""
    there = counted & ~np.isnan(values)
    sums, numbers = np.where(there, values, 0.0).sum(axis=-1), there.sum(axis=-1)
    with np.errstate(invalid="ignore"):
        means: Array = (weights @ sums) / (weights @ numbers)
    return means


def _over_wishes(shares: Array) -> Array:
    """Return the means over the wishes for which there is a share, (D,), of shares (D, W)."""
    known = ~np.isnan(shares)
    with np.errstate(invalid="ignore"):
        means: Array = np.where(known, shares, 0.0).sum(axis=1) / known.sum(axis=1)
    return means
