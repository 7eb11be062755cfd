"""Strangers: the same ones count for one command, whatever else a store holds."""

from pathlib import Path

import pytest

from eval.result import Result
from eval.scoring import unrelated
from tests.eval.benching import CHEAP, EXACT, ONE, Capture, bench, rescore, result_in, staged
from tests.eval.test_scoring import crowd

FLAGS = ("--per-profile", "2", "--turns", "2", *CHEAP, "--judge", EXACT, "--baseline", ONE)


def told(result: Result) -> Result:
    """Return a result without its digests, which cover what nobody asked about, too."""
    return result.model_copy(update={"digests": {}})


def fresh(folder: Path, *flags: str) -> Result:
    folder.mkdir()
    assert bench(folder, *FLAGS, *flags) == 0
    return told(result_in(folder))


@pytest.mark.parametrize(("first", "then"), [("6", "10"), ("10", "6")])
def test_a_store_that_held_more_or_less_gives_what_a_fresh_one_gives(
    tmp_path: Path, first: str, then: str
) -> None:
    assert bench(tmp_path, *FLAGS, "--cases", first) == 0
    assert bench(tmp_path, *FLAGS, "--cases", then, out="second") == 0
    expected = fresh(tmp_path / "fresh", "--cases", then)
    assert told(result_in(tmp_path, "second")) == expected
    assert {len(said.mismatched[EXACT]) for case in expected.cases for said in case.replies} == {3}


@pytest.mark.parametrize("swap", ["0", "1"])
def test_as_many_strangers_count_as_the_command_asks_for(tmp_path: Path, swap: str) -> None:
    assert bench(tmp_path, *FLAGS, "--cases", "6") == 0
    with staged() as heard:
        assert bench(tmp_path, *FLAGS, "--cases", "6", "--swap", swap, out="fewer") == 0
    assert heard == []
    fewer = told(result_in(tmp_path, "fewer"))
    assert fewer == fresh(tmp_path / "fresh", "--cases", "6", "--swap", swap)
    assert [row.gap is None for row in fewer.tables[0].rows] == [swap == "0"] * 2


def test_scored_again_the_same_cases_have_the_same_strangers(tmp_path: Path) -> None:
    assert bench(tmp_path, *FLAGS, "--cases", "10") == 0
    assert rescore(tmp_path, "--judge", EXACT, "--baseline", ONE, "--cases", "6") == 0
    expected = fresh(tmp_path / "fresh", "--cases", "6")
    assert told(result_in(tmp_path, "again")).tables == expected.tables


def test_a_failed_score_for_a_stranger_that_does_not_count_is_not_missing(
    tmp_path: Path, capsys: Capture
) -> None:
    with staged(lambda brief: ValueError() if getattr(brief, "speaker", None) else None):
        assert bench(tmp_path, *FLAGS, "--cases", "6", "--swap", "1") == 1
    assert bench(tmp_path, *FLAGS, "--cases", "6", "--swap", "0") == 0


def test_one_more_person_takes_at_most_one_place_among_those_drawn() -> None:
    people = crowd(5, 4)
    me, newcomer = people[0], people[-1]
    before, after = unrelated(me, people[:-1], 3, 0), unrelated(me, people, 3, 0)
    assert [each for each in after if each != newcomer] == before[: 3 - (newcomer in after)]
