"""Writers that bring little or nothing: the build ends, says why, and keeps what it has."""

from pathlib import Path

import pytest

from graphs.personas.loop import is_saturated
from graphs.personas.shelf import Round
from tests.graphs.personas.pools import (
    Capture,
    build,
    built,
    check_index,
    content,
    rounds,
    said,
    texts,
)
from tests.graphs.personas.writers import GOOD, PATH, Moody

PATIENCE = ("--patience", 2, "--calls", 1)
KINDS = ("profiles", "personalities")


def writer(name: str) -> tuple[str, str]:
    return ("--writer", f"{PATH}:{name}")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Silent", "40 came not at all"),
        ("Prosy", "30 came not at all, 10 were no descriptions"),
        ("Parrot", "40 were known"),
        ("Echo", "2 were too much alike"),
        ("Refusing", "AgentError: not [red]today"),
        ("Broken", "ZeroDivisionError: division by zero"),
        ("Stringy", "WrongAnswer: expected a Written, got str"),
        ("Chatty", "ValueError: one two"),
        ("Overspent", "OddlySpent: out of credits"),
        ("Numbers", "2 rounds in a row"),
        ("Nothings", "2 rounds in a row"),
        ("Unbilled", "2 rounds in a row"),
    ],
)
def test_a_writer_that_brings_nothing_new_ends_the_build_which_says_why_and_can_go_on(
    tmp_path: Path, capsys: Capture, name: str, why: str
) -> None:
    pool = tmp_path / "a"
    assert build(pool, *PATIENCE, *writer(name)) == 1
    told = said(capsys)
    for kind in KINDS:
        assert told.count(f"{kind}: hardly anything new comes any more: 2 rounds in a row") == 1
    assert why in told
    assert "Traceback" not in told
    before = content(pool)
    assert build(pool, *PATIENCE, *writer(name)) == 1
    assert all(content(pool)[name].startswith(before[name]) for name in before)
    check_index(pool)


def test_what_a_failing_writer_spent_is_counted(tmp_path: Path, capsys: Capture) -> None:
    assert build(tmp_path / "a", *PATIENCE, *writer("Refusing")) == 1
    assert [each.tokens for each in rounds(tmp_path / "a") if each.number] == [5] * 4
    told = said(capsys)
    assert "│ tokens │ 10 │ 10 │" in told
    assert "4 × AgentError: not [red]today" in told


def test_what_a_parrot_says_first_is_kept(tmp_path: Path) -> None:
    assert build(tmp_path / "a", *PATIENCE, *writer("Parrot")) == 1
    assert [texts(tmp_path / "a", kind).count(GOOD) for kind in ("profile", "personality")] == [
        1
    ] * 2


def test_patience_counts_the_rounds_of_this_session_only(tmp_path: Path) -> None:
    pool = tmp_path / "a"
    for session in (1, 2, 3):
        assert build(pool, "--patience", 3, *writer("Silent")) == 1
        numbers = [each.number for each in rounds(pool) if each.kind == "profile"]
        assert numbers == list(range(3 * session + 1))


def test_only_rounds_in_a_row_are_the_end(tmp_path: Path) -> None:
    flags = ("--calls", 1, "--eval-profiles", 1, "--eval-personalities", 1, "--personalities", 3)
    shape = (*flags, "--per-profile", 3, *writer("Meagre"), "--least-acceptance", 0.05)
    assert build(tmp_path / "a", *shape, "--patience", 3, target=9) == 0
    assert build(tmp_path / "b", *shape, "--patience", 2, target=9) == 1


def test_a_writer_in_a_better_mood_goes_on_with_the_pool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = tmp_path / "a"
    assert build(pool, *PATIENCE, *writer("Moody")) == 1
    before = content(pool)
    monkeypatch.setattr(Moody, "in_the_mood", True)
    built(pool, *PATIENCE, *writer("Moody"))
    assert all(content(pool)[name].startswith(before[name]) for name in before)
    assert len(texts(pool, "profile", "train")) == 5


def test_a_writer_that_has_no_more_ends_the_build(tmp_path: Path, capsys: Capture) -> None:
    assert build(tmp_path / "a", *writer("Ending")) == 1
    told = said(capsys)
    assert "profiles: " in told
    assert "None holds no more" not in told


@pytest.mark.parametrize(
    ("name", "status", "line"),
    [("Misused", 2, "error: give me [bold]a pen"), ("Gone", 1, "error: the server is gone")],
)
def test_an_error_of_ours_ends_the_build_at_once_with_its_line(
    tmp_path: Path, capsys: Capture, name: str, status: int, line: str
) -> None:
    pool = tmp_path / "a"
    assert build(pool, *writer(name)) == status
    told = capsys.readouterr().err.splitlines()
    assert told[-1] == line
    assert sum("error" in each for each in told) == 1
    assert len(texts(pool)) == 2
    assert build(pool, *writer(name)) == status


def a_round(admitted: int, surplus: int = 0) -> Round:
    return Round(kind="profile", number=1, asked=100, admitted=admitted, surplus=surplus)


@pytest.mark.parametrize(
    ("brought", "patience", "over"),
    [
        ([], 1, False),
        ([0], 1, True),
        ([0], 2, False),
        ([0, 0], 2, True),
        ([1, 1], 2, True),
        ([2, 1], 2, False),
        ([1, 2], 2, False),
        ([50, 0, 1], 2, True),
        ([0, 0, 50], 2, False),
        ([0] * 50, None, False),
    ],
)
def test_it_is_over_when_all_of_the_last_rounds_brought_too_little(
    brought: list[int], patience: int | None, over: bool
) -> None:
    assert is_saturated([a_round(admitted) for admitted in brought], 0.02, patience) is over


def test_what_came_beyond_the_target_was_new_too() -> None:
    assert a_round(1, surplus=1).acceptance == 0.02
    assert not is_saturated([a_round(1, surplus=1)], 0.02, 1)
    assert Round(kind="profile", number=0).acceptance == 0


@pytest.mark.parametrize("least", [0, 1])
def test_the_least_acceptance_may_be_nothing_or_all(tmp_path: Path, least: int) -> None:
    flags = ("--patience", 1, "--calls", 1, "--least-acceptance", least)
    status = build(tmp_path / "a", *flags, *writer("Nonsense"), "--per-profile", 1, target=30)
    assert status == 0
