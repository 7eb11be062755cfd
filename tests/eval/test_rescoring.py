"""Scoring again: which of the stored dialogues, under which protocol, and what is refused."""

import shutil
from pathlib import Path

import pytest

from tests.eval.benching import (
    CHEAP,
    EXACT,
    ONE,
    OTHER,
    PATH,
    SIX,
    Capture,
    bench,
    last_line,
    rescore,
    result_in,
    staged,
)
from tests.eval.test_writing import shown


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played")
    users = ("--user", f"{PATH}:Leaving")
    assert bench(folder, *SIX, *CHEAP, *users, "--judge", EXACT) == 0
    return folder


@pytest.fixture
def played(store: Path, tmp_path: Path) -> Path:
    """A copy of a benchmark of two users and two assistants, to be scored again."""
    return Path(shutil.copytree(store, tmp_path, dirs_exist_ok=True))


def again(folder: Path, *flags: str) -> int:
    return rescore(folder, "--judge", EXACT, *flags)


def test_everything_stored_is_scored_again_by_default(played: Path) -> None:
    assert again(played) == 0
    assert result_in(played, "again").tables == result_in(played).tables
    assert {len(case.replies) for case in result_in(played, "again").cases} == {3}


def test_users_assistants_cases_and_strangers_are_chosen(played: Path) -> None:
    chosen = ("--assistant", OTHER, "--user", CHEAP[1], "--cases", "4", "--swap", "1")
    assert again(played, *chosen) == 0
    result = result_in(played, "again")
    assert {(case.user, case.assistant) for case in result.cases} == {(CHEAP[1], OTHER)}
    assert len(result.cases) == result.provenance.cases == 4
    assert {len(said.mismatched[EXACT]) for case in result.cases for said in case.replies} == {1}


def test_assistants_stand_in_the_order_in_which_they_are_named(played: Path) -> None:
    assert again(played, "--assistant", OTHER, "--assistant", ONE) == 0
    assert [row.assistant for row in result_in(played, "again").tables[0].rows] == [OTHER, ONE]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--assistant", "cot=scripted"], f"no dialogues of it are stored; known: {ONE}, {OTHER}"),
        (["--user", "scripted"], "--user scripted: no dialogues of it are stored; known: "),
        (["--cases", "7"], "has 6; give --cases 6"),
        (["--turns", "4"], "--turns: the dialogues of"),
        (["--seed", "9"], "were played with another (0)"),
        (["--system", "Be kind."], "--system: the dialogues of"),
        (["--per-profile", "5"], "were played with another (2)"),
        (["--sampling.user.temperature", "0.1"], "--sampling.user.temperature: the dialogues of"),
        (["--suite", "unseen"], "no dialogues of --suite unseen there"),
        (["--baseline", "cot=scripted"], f"did not take part; known: {ONE}, {OTHER}"),
    ],
)
def test_what_the_store_does_not_hold_is_refused(
    played: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    with staged() as heard:
        assert again(played, *flags, "--protocol", "grove") == 2
    assert told in last_line(capsys.readouterr().err)
    assert heard == [] and not (played / "again").exists()


def test_another_pool_is_refused(played: Path, capsys: Capture) -> None:
    for name in ("profiles", "personalities"):
        half = name.replace("ies", "y").removesuffix("s")
        (played / f"{name}.jsonl").write_text(f'{{"{half}": "Ada is 52.", "split": "eval"}}\n')
    assert again(played, "--pool", str(played)) == 2
    assert "--pool: the dialogues of" in last_line(capsys.readouterr().err)


def test_what_is_said_of_the_dialogues_and_true_is_no_reason_to_refuse(played: Path) -> None:
    assert again(played, "--turns", "3", "--seed", "0", "--per-profile", "2", "--cases", "6") == 0


def test_an_inducer_is_asked_about_only_where_one_played(played: Path) -> None:
    assert again(played, "--inducer", "extract=scripted") == 0


def test_a_protocol_that_was_not_played_is_told_of(played: Path) -> None:
    assert again(played, "--protocol", "grove") == 0
    result = result_in(played, "again")
    assert (result.protocol, result.provenance.played) == ("grove", "aloe")
    page = (played / "again" / "result.md").read_text()
    assert "protocol `grove`, dialogues played under `aloe`" in page
    assert "protocol grove (dialogues played under aloe)" in " ".join(shown(result, 200).split())
    assert "played under" not in (played / "out" / "result.md").read_text()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--cases", "4"], "has other cases than"),
        (["--cases", "6", "--seed", "1"], "was played with seed 1"),
        (["--cases", "6", "--protocol", "grove"], "was played with protocol grove"),
    ],
)
def test_dialogues_that_cannot_be_compared_are_refused_before_a_judge_is_asked(
    tmp_path: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    one = ("--user", CHEAP[1], "--judge", EXACT)
    assert bench(tmp_path, *SIX, *one, "--assistant", ONE) == 0
    assert bench(tmp_path, *SIX, *one, "--assistant", OTHER, *flags, out="other") == 0
    with staged() as heard:
        assert rescore(tmp_path, "--judge", f"{PATH}:UpsideDown") == 2
    assert heard == [] and told in last_line(capsys.readouterr().err)
    assert rescore(tmp_path, "--judge", f"{PATH}:UpsideDown", "--assistant", ONE) == 0


def test_as_many_cases_as_both_have_can_be_compared(tmp_path: Path) -> None:
    one = ("--user", CHEAP[1], "--judge", EXACT)
    assert bench(tmp_path, *SIX, *one, "--assistant", ONE) == 0
    assert bench(tmp_path, *SIX, *one, "--assistant", OTHER, "--cases", "4", out="other") == 0
    assert rescore(tmp_path, "--judge", EXACT, "--cases", "4", "--baseline", ONE) == 0
    assert len(result_in(tmp_path, "again").cases) == 8


def test_a_missing_store_is_not_to_be_grown_by_another_command(
    tmp_path: Path, capsys: Capture
) -> None:
    assert rescore(tmp_path) == 2
    said = last_line(capsys.readouterr().err)
    assert "no store at" in said and "graphs.simulate" not in said
