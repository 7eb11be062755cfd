"""Folders of results: looked at before anything is played, and none is lost unawares."""

import json
import shutil
from pathlib import Path

import pytest

from dialogues.errors import UsageError
from eval.writing import check_writable, write
from tests.eval.benching import (
    CHEAP,
    EXACT,
    ONE,
    OTHER,
    SIX,
    Capture,
    a_result,
    a_row,
    bench,
    last_line,
    rescore,
    result_in,
    staged,
    written,
)

FIRST = (*SIX, "--user", CHEAP[1], "--assistant", ONE, "--judge", EXACT)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    assert bench(folder, *FIRST) == 0
    return folder


@pytest.fixture
def played(first: Path, tmp_path: Path) -> Path:
    """A copy of a benchmark with its result."""
    return Path(shutil.copytree(first, tmp_path, dirs_exist_ok=True))


@pytest.mark.parametrize(
    "flags",
    [[], ["--cases", "8"], ["--cases", "4"], ["--assistant", OTHER], ["--swap", "0"],
     ["--protocol", "aloe", "--judge", f"{EXACT}"[:-5] + "UpsideDown"]],
)  # fmt: skip
def test_a_result_of_the_same_dialogues_is_replaced(played: Path, flags: list[str]) -> None:
    assert bench(played, *FIRST, *flags) == 0
    assert result_in(played).missing == []


def test_a_result_of_dialogues_that_broke_off_is_replaced_once_they_went_on(tmp_path: Path) -> None:
    failing = (*FIRST, "--retry-failed")
    with staged(lambda brief: ValueError() if getattr(brief, "turn", 0) == 2 else None):
        assert bench(tmp_path, *FIRST) == 1
    assert bench(tmp_path, *failing) == 0
    assert result_in(tmp_path).missing == []


def refused(folder: Path, capsys: Capture, *flags: str, store: str = "a.db") -> str:
    before = written(folder)
    if store != "a.db":
        (folder / "a.db").rename(folder / "gone.db")
        for left in folder.glob("a.db-*"):
            left.unlink()
    with staged() as heard:
        assert bench(folder, *flags) == 2
    assert heard == [] and written(folder) == before
    assert (folder / "a.db").exists() == (store == "a.db")
    return last_line(capsys.readouterr().err)


def test_a_result_of_other_runs_is_kept(played: Path, capsys: Capture) -> None:
    other = (*SIX, "--user", CHEAP[1], "--assistant", OTHER, "--judge", EXACT)
    told = refused(played, capsys, *other)
    assert "holds the result of another benchmark" in told and f"aloe/{CHEAP[1]}/{ONE}" in told


def test_a_result_of_another_suite_is_kept(played: Path, capsys: Capture) -> None:
    told = refused(played, capsys, *FIRST, "--suite", "unseen")
    assert "holds the result of another benchmark" in told


def test_a_result_that_could_not_be_made_again_is_kept(played: Path, capsys: Capture) -> None:
    told = refused(played, capsys, *FIRST, store="gone")
    assert "holds a result of dialogues that are not in" in told


def test_a_result_is_kept_where_the_store_has_other_dialogues(
    played: Path, tmp_path_factory: pytest.TempPathFactory, capsys: Capture
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    assert bench(elsewhere, *FIRST, "--seed", "1") == 0
    before = written(played)
    assert rescore(elsewhere, "--judge", EXACT, out=str(played / "out")) == 2
    assert "that are not in" in last_line(capsys.readouterr().err)
    assert written(played) == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"accuracy": 0.5}'])
def test_a_file_of_that_name_that_is_no_result_is_kept(
    tmp_path: Path, capsys: Capture, text: str
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "result.json").write_text(text)
    with staged() as heard:
        assert bench(tmp_path, *FIRST) == 2
    assert heard == [] and written(tmp_path).decode() == text
    assert "give another folder" in last_line(capsys.readouterr().err)
    assert not (tmp_path / "a.db").exists()


def test_plots_that_the_new_result_has_not_are_removed_and_nothing_else(tmp_path: Path) -> None:
    (table,) = a_result(a_row("one", 1.0, 2.0)).tables
    write(a_result(tables=[table] * 3), tmp_path)
    (tmp_path / "al_7.png").touch()
    (tmp_path / "al_3.txt").touch()
    write(a_result(tables=[table]), tmp_path)
    kept = sorted(path.name for path in tmp_path.glob("al_*"))
    assert kept == ["al_1.png", "al_1.svg", "al_3.txt", "al_7.png"]


@pytest.mark.parametrize("out", ["file/below", "/proc/none/of/it"])
def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_played(
    tmp_path: Path, capsys: Capture, out: str
) -> None:
    (tmp_path / "file").touch()
    with staged() as heard:
        assert bench(tmp_path, *FIRST, out=out) == 2
    assert heard == [] and not (tmp_path / "a.db").exists()
    assert "cannot be written" in last_line(capsys.readouterr().err)


def test_looking_whether_a_folder_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "deep")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be written"):
        check_writable(tmp_path / "file" / "deep")


def test_a_result_says_what_made_it(played: Path) -> None:
    told = json.loads(written(played))["provenance"]
    assert (told["swap"], told["cases"], told["baseline"], told["played"]) == (3, 6, "", "aloe")
    (run,) = told["runs"].values()
    asked = {"turns": 3, "system": "", "inducer": "", "seed": 0, "per_profile": 2}
    assert {name: run["config"][name] for name in asked} == asked
    assert run["config"]["sampling"]["assistant"]["temperature"] == 0
    assert len(run["config"]["pool"]) == 16
    assert run["versions"]["persona-grove"] == told["grove"]
    assert not {"limit", "concurrency", "workers", "store"} & run["config"].keys()
