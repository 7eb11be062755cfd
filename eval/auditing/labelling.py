"""Labels: does a judge say what the labels say, and what people say who saw no label?"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from dialogues.persona import Frozen
from eval.auditing.agreement import Agreement, Rater, agreement
from eval.auditing.answers import TIE, Answers
from eval.auditing.asking import FORWARD
from eval.auditing.figures import Measure, share
from eval.auditing.items import Item
from eval.labels import Labelled

Picks = Mapping[str, Mapping[str, int | None]]
"""What people picked, by their name and the pair's id, as `eval.labels.read_picks` gives it."""


class Judged(NamedTuple):
    """A labelled pair, and what a judge said of it."""

    item: Item
    kind: str
    label: int
    said: int


class Rightness(Frozen):
    """How often a judge says what the label says: the first, the second, or a tie.

    Attributes:
        by: whom or what the labels come from.
        right: over all pairs.
        ties: share of the answers that prefer none.
        kinds: over the pairs of each kind.
    """

    by: list[str]
    right: Measure
    ties: Measure
    kinds: dict[str, Measure]


def judged_pairs(
    items: Sequence[Item], labels: Sequence[Labelled], answers: Answers
) -> list[Judged]:
    """Return the labelled pairs that a judge has judged."""
    asked = zip(items, labels, strict=True)
    return [
        Judged(item, label.kind, _code(label.preferred), said.preferred)
        for item, label in asked
        if (said := answers.get(item, FORWARD))
    ]


def rightness(judged: Sequence[Judged], labels: Sequence[Labelled], seed: int) -> Rightness:
    """Compare a judge with the labels."""
    kinds = dict.fromkeys(label.kind for label in labels)
    return Rightness(
        by=list(dict.fromkeys(label.by for label in labels)),
        right=_right(judged, seed),
        ties=_share([one.said == TIE for one in judged], judged, seed),
        kinds={kind: _right([one for one in judged if one.kind == kind], seed) for kind in kinds},
    )


def label_raters(labels: Sequence[Labelled], picks: Picks) -> list[Rater]:
    """Return who spoke of the labelled pairs, beside judges: the labels, and people."""
    made_by = ", ".join(dict.fromkeys(label.by for label in labels))
    made = {label.id: _code(label.preferred) for label in labels}
    people = [
        Rater(name, {item: _code(pick) for item, pick in picked.items()})
        for name, picked in picks.items()
    ]
    return [Rater(f"labels ({made_by})", made), *people]


def with_labels(
    judge: str, judged: Sequence[Judged], raters: Sequence[Rater], seed: int
) -> list[Agreement]:
    """Compare a judge with each of those who spoke of the same pairs."""
    said = Rater(judge, {one.item.key: one.said for one in judged})
    owners = {one.item.key: one.item.person for one in judged}
    return [agreement(said, rater, owners, seed) for rater in raters]


def among(raters: Sequence[Rater], items: Sequence[Item], seed: int) -> list[Agreement]:
    """Compare the labels and the people with each other."""
    owners = {item.key: item.person for item in items}
    return [agreement(one, other, owners, seed) for one, other in combinations(raters, 2)]


def _code(place: int | None) -> int:
    return TIE if place is None else place


def _right(judged: Sequence[Judged], seed: int) -> Measure:
    return _share([one.said == one.label for one in judged], judged, seed)


def _share(hits: Sequence[bool], judged: Sequence[Judged], seed: int) -> Measure:
    return share(hits, [1] * len(judged), [one.item.person for one in judged], seed)
