"""Repetition: does a judge say the same when it is asked the same again?"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np

from dialogues.persona import Frozen
from eval.auditing.agreement import alpha
from eval.auditing.answers import Answered, Answers
from eval.auditing.asking import whole
from eval.auditing.figures import Measure, estimate, ratio, share
from eval.auditing.items import Item


class Repetition(Frozen):
    """How alike the answers to one question are, over the sets with all of them.

    Attributes:
        same: share of sets with the same order every time; of single replies, the same score.
        differ: mean absolute difference of a reply's scores between two answers, in the judge's
            own units.
        scores: Krippendorff's alpha of the scores, ordinal, in fortieths of the scale.
        preferred: Krippendorff's alpha, nominal, of which of a set's first two replies is
            preferred, or that they tie.
    """

    same: Measure
    differ: Measure
    scores: Measure
    preferred: Measure


class _Asked(NamedTuple):
    item: Item
    told: list[Answered]


def repetition(items: Sequence[Item], answers: Answers, repeats: int, seed: int) -> Repetition:
    """Compare what a judge said of the same set each time."""
    asked = [
        _Asked(item, told)
        for item in items
        if len(told := _told(item, answers, repeats)) == repeats
    ]
    scored = [each for each in asked if all(one.scores for one in each.told)]
    ranked = [each for each in asked if len(each.item.replies) > 1]
    same = [len({_outcome(one) for one in each.told}) == 1 for each in [*ranked, *_single(scored)]]
    owners = [each.item.person for each in [*ranked, *_single(scored)]]
    return Repetition(
        same=share(same, [1] * len(same), owners, seed),
        differ=_differ(scored, seed),
        scores=_scores(scored, seed),
        preferred=_preferred(ranked, repeats, seed),
    )


def _told(item: Item, answers: Answers, repeats: int) -> list[Answered]:
    found = (answers.get(item, whole(item), number) for number in range(repeats))
    return [one for one in found if one]


def _single(scored: Sequence[_Asked]) -> list[_Asked]:
    """Return the single replies: of one without a score, a judge has said nothing."""
    return [each for each in scored if len(each.item.replies) == 1]


def _outcome(told: Answered) -> object:
    return told.tiers if len(told.order) > 1 else told.scores[0]


def _differ(scored: Sequence[_Asked], seed: int) -> Measure:
    means = [
        float(
            np.mean(
                [
                    abs(one.scores[place] - other.scores[place])
                    for one, other in combinations(each.told, 2)
                    for place in one.scores
                ]
            )
        )
        for each in scored
    ]
    owners = [each.item.person for each in scored]
    return estimate(ratio(means, [1] * len(means)), owners, seed, low=0.0)


def _scores(scored: Sequence[_Asked], seed: int) -> Measure:
    replies = [(each, place) for each in scored for place in range(len(each.item.replies))]
    said = [[one.steps[place] for one in each.told] for each, place in replies]
    owners = [each.item.person for each, _ in replies]
    return alpha(_table(said), owners, seed, "ordinal")


def _preferred(ranked: Sequence[_Asked], repeats: int, seed: int) -> Measure:
    said = [[one.preferred for one in each.told] for each in ranked]
    return alpha(_table(said), [each.item.person for each in ranked], seed, "nominal")


def _table(said: Sequence[Sequence[int]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    """Turn answers by item into raters by items."""
    width = len(said[0]) if said else 0
    return np.array(said, dtype=np.int64).reshape(len(said), width).T
