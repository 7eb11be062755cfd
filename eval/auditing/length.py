"""Length: does a judge prefer the longer of two replies, whoever is right?

Length is in words. A pair of equal length says nothing here.
"""

from collections.abc import Sequence

from dialogues.persona import Frozen
from eval.auditing.answers import TIE
from eval.auditing.figures import Measure, share
from eval.auditing.items import Item
from eval.auditing.labelling import Judged
from eval.auditing.placing import BothWays


class Length(Frozen):
    """How a judge takes length.

    Attributes:
        longer: share of the answers on drawn pairs, those that prefer one, that prefer the longer;
            each pair in both orders.
        labelled: the same on labelled pairs, each in one order.
        right_longer: share of right answers where the label prefers the longer reply.
        right_shorter: the same where it prefers the shorter; a judge that likes length for its
            own sake is worse here.
    """

    longer: Measure
    labelled: Measure
    right_longer: Measure
    right_shorter: Measure


def length(pairs: Sequence[BothWays], judged: Sequence[Judged], seed: int) -> Length:
    """Measure what length does, on drawn and on labelled pairs."""
    right: dict[bool, list[Judged]] = {True: [], False: []}
    for one in judged:
        longer = _longer(one.item)
        if longer is not None and one.label != TIE:
            right[one.label == longer].append(one)
    return Length(
        longer=_share([(pair.item, pair.decided) for pair in pairs], seed),
        labelled=_share([(one.item, [one.said] * (one.said != TIE)) for one in judged], seed),
        right_longer=_right(right[True], seed),
        right_shorter=_right(right[False], seed),
    )


def _longer(item: Item) -> int | None:
    first, second = item.words[:2]
    return None if first == second else int(second > first)


def _share(preferred: Sequence[tuple[Item, list[int]]], seed: int) -> Measure:
    unlike = [(item, of, said) for item, said in preferred if (of := _longer(item)) is not None]
    hits = [sum(one == longer for one in said) for _, longer, said in unlike]
    counts = [len(said) for _, _, said in unlike]
    return share(hits, counts, [item.person for item, _, _ in unlike], seed)


def _right(judged: Sequence[Judged], seed: int) -> Measure:
    right = [one.said == one.label for one in judged]
    return share(right, [1] * len(judged), [one.item.person for one in judged], seed)
