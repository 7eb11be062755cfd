"""Judges of known character: the figures come out as they were made to."""

import shutil
from itertools import combinations
from pathlib import Path

import pytest

from eval.auditing.agreement import Agreement
from eval.auditing.answers import TIE
from eval.auditing.figures import Measure
from eval.auditing.record import Audit
from eval.labels import SHIPPED, read_labels
from tests.eval.auditing.stage import audit, audits, named, spec

JUDGES = ("FirstShown", "Longest", "CoinFlip", "Moody", "Passing", "Perfect")
LABELS = read_labels(SHIPPED)
NOTHING = (None, None, None)


def interval(measure: Measure) -> tuple[float | None, float | None, float | None]:
    return measure.value, measure.low, measure.high


def pair(audited: Audit, other: str) -> Agreement:
    names = {audited.judge, spec(other)}
    (found,) = [each for each in audited.panel if {each.one, each.other} == names]
    return found


@pytest.fixture(scope="module")
def store(grown_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("known") / "trees.db"
    shutil.copyfile(grown_store, copy)
    assert audit(copy, *named(*JUDGES)) == 0
    return copy


@pytest.fixture(scope="module")
def known(store: Path) -> dict[str, Audit]:
    return audits(store)


def test_every_judge_was_asked_everything(known: dict[str, Audit]) -> None:
    for each in known.values():
        # 24 sets: in one order, in the other, and in the first twice more.
        assert (each.sets, each.pairs, each.asked) == (24, 134, 24 * 4 + 134)
        assert (each.failures, each.single, len(each.answers)) == ({}, False, each.asked)


def test_who_likes_what_comes_first(known: dict[str, Audit]) -> None:
    found = known["FirstShown"]
    assert (found.place.same.value, found.place.first.value) == (0.0, 1.0)
    assert found.place.first.low is not None and found.place.first.low < 0.8
    assert found.repetition.same.value == 1.0
    first = sum(label.preferred == 0 for label in LABELS) / len(LABELS)
    assert found.rightness.right.value == pytest.approx(first, abs=1e-6)


def test_what_comes_first_is_not_taken_for_length(known: dict[str, Audit]) -> None:
    assert interval(known["FirstShown"].length.longer) == (0.5, 0.5, 0.5)


def test_who_likes_length(known: dict[str, Audit]) -> None:
    found = known["Longest"].length
    assert (found.longer.value, found.labelled.value) == (1.0, 1.0)
    assert (found.right_longer.value, found.right_shorter.value) == (1.0, 0.0)
    unlike = [len(one.split()) != len(other.split()) for one, other in (x.replies for x in LABELS)]
    decided = [label.preferred is not None for label in LABELS]
    assert found.labelled.items == sum(unlike)
    assert found.right_longer.items + found.right_shorter.items == sum(
        one and other for one, other in zip(unlike, decided, strict=True)
    )


def test_who_likes_length_is_indifferent_to_place(known: dict[str, Audit]) -> None:
    found = known["Longest"].place
    assert (found.same.value, found.first.value) == (1.0, 0.5)


def test_who_tosses_a_coin_is_neither_steady_nor_partial(known: dict[str, Audit]) -> None:
    found = known["CoinFlip"]
    # A quarter of sets comes out alike three times, half alike in both orders.
    assert found.repetition.same.value == pytest.approx(0.25, abs=0.2)
    assert found.place.same.value == pytest.approx(0.5, abs=0.25)
    for measure in (found.place.first, found.length.labelled):
        assert measure.low is not None and measure.high is not None
        assert measure.low < 0.5 < measure.high
    (labelled,) = found.labelled
    assert labelled.kappa.value == pytest.approx(0, abs=0.25)
    assert found.repetition.preferred.value == pytest.approx(0, abs=0.3)


def test_how_far_scores_differ(known: dict[str, Audit]) -> None:
    found = known["Moody"]
    told: dict[str, list[dict[int, float]]] = {}
    for each in found.answers[: 24 * 4]:
        if each.order == (0, 1):
            told.setdefault(each.item, []).append(each.scores)
    gaps = [
        abs(one[place] - other[place])
        for scores in told.values()
        for one, other in combinations(scores, 2)
        for place in (0, 1)
    ]
    assert len(gaps) == 24 * 3 * 2
    assert found.repetition.differ.value == pytest.approx(sum(gaps) / len(gaps), abs=1e-5)
    assert found.repetition.scores.value == pytest.approx(0, abs=0.3)


def test_who_ranks_only_has_no_scores_to_compare(known: dict[str, Audit]) -> None:
    found = known["FirstShown"].repetition
    assert (found.differ.value, found.differ.items) == (None, 0)
    assert (found.scores.value, found.scores.items) == (None, 0)


def test_who_lets_everything_pass_prefers_nothing(known: dict[str, Audit]) -> None:
    found = known["Passing"]
    assert (found.place.ties.value, found.rightness.ties.value) == (1.0, 1.0)
    assert (found.place.first.value, found.place.first.items) == (None, 0)
    assert interval(found.length.longer) == NOTHING
    ties = sum(label.preferred is None for label in LABELS)
    assert found.rightness.right.value == pytest.approx(ties / len(LABELS), abs=1e-6)
    assert found.rightness.kinds["tie"].value == 1.0
    assert found.labelled[0].kappa.value == 0.0


def test_who_knows_the_labels_agrees_with_them(known: dict[str, Audit]) -> None:
    found = known["Perfect"]
    (labelled,) = found.labelled
    assert labelled.other == "labels (construction)"
    assert interval(labelled.kappa) == interval(labelled.alpha) == (1.0, 1.0, 1.0)
    assert found.rightness.by == ["construction"]
    assert {kind: one.value for kind, one in found.rightness.kinds.items()} == {
        label.kind: 1.0 for label in LABELS
    }
    assert sum(one.items for one in found.rightness.kinds.values()) == len(LABELS)
    assert found.rightness.ties.value == pytest.approx(16 / 134, abs=1e-6)
    assert (found.length.right_longer.value, found.length.right_shorter.value) == (1.0, 1.0)


def test_a_panel_is_compared_pair_by_pair(known: dict[str, Audit]) -> None:
    for each in known.values():
        assert len(each.panel) == len(JUDGES) - 1
    assert pair(known["Perfect"], "Passing").kappa.value is None
    assert pair(known["Longest"], "FirstShown") == pair(known["FirstShown"], "Longest")
    assert pair(known["Longest"], "Perfect").kappa.items == 24


def test_all_that_is_kept_can_be_told_from_the_answers(known: dict[str, Audit]) -> None:
    answers = known["Longest"].answers
    assert {each.failure for each in answers} == {""}
    labelled = {each.item: each.preferred for each in answers[24 * 4 :]}
    right = [
        labelled[label.id] == (TIE if label.preferred is None else label.preferred)
        for label in LABELS
    ]
    found = known["Longest"].rightness.right
    assert found.value == pytest.approx(sum(right) / len(right), abs=1e-6)


def test_the_same_is_found_again(store: Path, known: dict[str, Audit], tmp_path: Path) -> None:
    copy = tmp_path / "again.db"
    shutil.copyfile(store, copy)
    assert audit(copy, *named("CoinFlip", "Moody")) == 0
    again = audits(copy)
    for name in ("CoinFlip", "Moody"):
        assert again[name].answers == known[name].answers
        assert again[name].repetition == known[name].repetition
