"""Going on: whatever stopped a benchmark, the same command ends as if nothing had."""

import shutil
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents.seats import AssistantBrief, JudgeBrief
from dialogues.errors import GroveError
from dialogues.node import ASSISTANT, JUDGE, USER
from tests.eval.benching import (
    CHEAP,
    EXACT,
    ONE,
    OTHER,
    PATH,
    SIX,
    UPSIDE_DOWN,
    Capture,
    Trouble,
    after,
    bench,
    forest,
    interrupted,
    last_line,
    rescore,
    result_in,
    staged,
    written,
)

STOP = GroveError("stopped by the test")
FLAGS = (*SIX, *CHEAP, "--judge", EXACT, "--baseline", ONE)
CALLS = 2 * 18 * (1 + 4)
DAWDLING = (*SIX, "--user", CHEAP[1], "--assistant", ONE, "--judge", f"{PATH}:Dawdling")


class Whole(NamedTuple):
    """What a benchmark comes to that nobody disturbs: its JSON, and the calls it makes."""

    json: bytes
    asked: Counter[tuple[str, str]]


def made(heard: list[Any]) -> Counter[tuple[str, str]]:
    """Count answers by slot; an assistant's slot has the same key whoever fills it."""
    return Counter((type(brief).__name__ + brief.role, brief.key) for brief in heard)


def whole(folder: Path, *flags: str) -> Whole:
    with staged() as heard:
        assert bench(folder, *flags) == 0
    return Whole(written(folder), made(heard))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    found = whole(tmp_path_factory.mktemp("undisturbed"), *FLAGS)
    assert found.asked.total() == CALLS
    return found


def as_second(brief: Any) -> BaseException | None:
    """Stop before the second assistant says anything."""
    return STOP if isinstance(brief, AssistantBrief) and brief.role == "reminder" else None


def disturbed(folder: Path, trouble: Trouble, *flags: str) -> Whole:
    """Stop a benchmark by a trouble, and let the same command go on."""
    with staged(trouble) as before:
        assert bench(folder, *flags) == 1
    assert not (folder / "out").exists()
    with staged() as rest:
        bench(folder, *flags)
    return Whole(written(folder), made([*before, *rest]))


STOPS = {
    "in the first dialogues": after(7, STOP, AssistantBrief),
    "between two assistants": as_second,
    "before the first score": after(0, STOP),
    "amid the first scores": after(9, STOP),
    "amid the last scores": after(100, STOP),
    "by Ctrl-C": interrupted(30),
}


@pytest.mark.parametrize("trouble", STOPS.values(), ids=STOPS.keys())
def test_a_stopped_benchmark_ends_as_if_undisturbed_and_answers_are_bought_once(
    tmp_path: Path, undisturbed: Whole, trouble: Trouble
) -> None:
    assert disturbed(tmp_path, trouble, *FLAGS) == undisturbed


def test_a_benchmark_that_is_stopped_says_so_in_a_line(tmp_path: Path, capsys: Capture) -> None:
    with staged(after(9, STOP)):
        assert bench(tmp_path, *FLAGS) == 1
    assert "stopped by the test" in last_line(capsys.readouterr().err)


def test_more_cases_are_added_to_those_there(tmp_path: Path) -> None:
    with staged() as heard:
        assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 0
        before = forest(tmp_path, ONE)
        del heard[:]
        assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT, "--cases", "8") == 0
    after_that = forest(tmp_path, ONE)
    assert [tree.key for tree in after_that[:6]] == [tree.key for tree in before]
    assert len(after_that) == 8 and len(result_in(tmp_path).cases) == 16
    assert len([brief for brief in heard if isinstance(brief, AssistantBrief)]) == 2 * 2 * 3


def test_a_further_assistant_is_added_to_those_there(tmp_path: Path) -> None:
    first = (*SIX, "--user", CHEAP[1], "--assistant", ONE, "--judge", EXACT)
    assert bench(tmp_path, *first) == 0
    with staged() as heard:
        assert bench(tmp_path, *first, "--assistant", OTHER) == 0
    assert {brief.role for brief in heard if isinstance(brief, AssistantBrief)} == {"reminder"}
    assert len(heard) == CALLS / 2
    assert [row.assistant for row in result_in(tmp_path).tables[0].rows] == [ONE, OTHER]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played")
    assert bench(folder, *FLAGS) == 0
    return folder


@pytest.fixture
def played(store: Path, tmp_path: Path) -> Path:
    """A copy of a benchmark, to be scored again."""
    return Path(shutil.copytree(store, tmp_path, dirs_exist_ok=True))


def contents(folder: Path, *seats: str) -> list[tuple[str, str]]:
    return [
        (node.key, node.content_hash)
        for assistant in (ONE, OTHER)
        for tree in forest(folder, assistant)
        for node in tree
        if node.seat in seats
    ]


def test_another_judge_adds_verdicts_and_no_dialogue(played: Path) -> None:
    said, verdicts = contents(played, USER, ASSISTANT), contents(played, JUDGE)
    with staged() as heard:
        assert rescore(played, "--judge", UPSIDE_DOWN, "--baseline", ONE) == 0
    assert contents(played, USER, ASSISTANT) == said
    assert len(said) == 72 and len(verdicts) == 144
    assert {*verdicts} < {*contents(played, JUDGE)}
    assert len(contents(played, JUDGE)) == 288
    assert len(heard) == 144 and all(isinstance(brief, JudgeBrief) for brief in heard)
    assert [table.judge for table in result_in(played, "again").tables] == [UPSIDE_DOWN]


def test_the_first_judges_table_stays_as_it_was_when_another_is_added(played: Path) -> None:
    before = result_in(played)
    assert rescore(played, "--judge", UPSIDE_DOWN, "--judge", EXACT, "--baseline", ONE) == 0
    with staged() as heard:
        assert rescore(played, "--judge", EXACT, "--baseline", ONE, out="third") == 0
    assert heard == []
    assert result_in(played, "third").tables == before.tables
    assert result_in(played, "again").tables[1] == before.tables[0]


def test_another_protocol_is_scored_beside_the_first(played: Path) -> None:
    before = result_in(played)
    with staged() as heard:
        assert rescore(played, "--judge", EXACT, "--protocol", "grove", "--baseline", ONE) == 0
    assert len(heard) == 144
    assert {len(brief.history) for brief in heard} == {1, 3, 5}
    assert result_in(played, "again").tables != before.tables
    assert rescore(played, "--judge", EXACT, "--baseline", ONE, out="third") == 0
    assert result_in(played, "third").tables == before.tables


def test_an_unknown_baseline_is_refused_when_rescoring(played: Path, capsys: Capture) -> None:
    assert rescore(played, "--judge", EXACT, "--baseline", "cot=scripted") == 2
    assert f"did not take part; known: {ONE}, {OTHER}" in last_line(capsys.readouterr().err)
