"""The command: what it writes, what it refuses, and that equal stores give equal bytes."""

import os
from pathlib import Path

import pytest

from agents.seats import AssistantBrief, JudgeBrief
from dialogues import RunRecord, Tree
from dialogues.store import open_store
from eval.report import Report
from tests.eval.benching import CHEAP, EXACT, ONE, SIX, UPSIDE_DOWN, bench, interrupted, staged
from tests.eval.reporting.stage import a_scored_tree, data_in, report
from tests.growing import a_persona, command, error_line, grow, store_trees


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of a small benchmark: two assistants, six cases, two of them strangers to each."""
    folder = tmp_path_factory.mktemp("bench")
    assert bench(folder, *CHEAP, *SIX, "--swap", "1", "--baseline", ONE, whole=True) == 0
    return folder / "a.db"


def a_store(path: Path, *trees: Tree, done: bool = True, name: str = "main") -> Path:
    record = RunRecord(name=name, judge="scripted")
    store_trees(path, trees or [a_scored_tree((4, 2, 1), (5, 3, 0))], record, done=done)
    return path


def page_of(folder: Path, *argv: object) -> str:
    assert report(folder / "report.html", *argv) == 0
    return (folder / "report.html").read_text(encoding="utf-8")


def test_a_benchmark_gives_the_tables_of_its_own_command(played: Path, tmp_path: Path) -> None:
    page = page_of(tmp_path, played, "--baseline", ONE)
    theirs = (played.parent / "out" / "result.md").read_text(encoding="utf-8").split("\n\n")
    tables = [block.strip() for block in theirs if block.startswith(("| ", "- "))]
    beside = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert len(tables) == 5 and [each for each in tables if each not in beside] == []
    assert "matched - mismatched" in page and "Benchmark aloe of a.db, protocol aloe" in page
    assert "<polyline" in page and "<polygon" in page
    assert (tmp_path / "report_1.png").read_bytes().startswith(b"\x89PNG")
    assert "report_1.png" in beside


def test_a_benchmark_without_the_baseline_is_shown_as_it_is(played: Path, tmp_path: Path) -> None:
    assert bench(tmp_path, *CHEAP[:2], *CHEAP[4:6], *SIX) == 0
    page = page_of(tmp_path, played, tmp_path / "a.db", "--baseline", ONE)
    assert page.count("minus plain=") > 0 and "no tables" not in page


def test_several_users_and_judges_give_a_transfer_matrix(tmp_path: Path) -> None:
    judges = ("--judge", EXACT, "--judge", UPSIDE_DOWN)
    assert bench(tmp_path, *CHEAP, *SIX, *judges) == 0
    assert "transfer: mean AL by user / judge" in page_of(tmp_path, tmp_path / "a.db")


def test_a_benchmark_that_was_stopped_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    with staged(interrupted(22, AssistantBrief)):
        assert bench(tmp_path, *CHEAP, *SIX) == 1
    page = page_of(tmp_path, tmp_path / "a.db")
    assert "no reply is scored yet" in page and "is still being grown, or was stopped" in page
    with staged(interrupted(20, JudgeBrief)):
        assert bench(tmp_path, *CHEAP, *SIX, "--judge", EXACT, "--swap", "1") == 1
    page = page_of(tmp_path, tmp_path / "a.db")
    assert "without a score" in page and "scores are missing, listed above" in page


def test_a_benchmark_of_unequal_cases_says_why_it_has_no_table(tmp_path: Path) -> None:
    one, other = CHEAP[2:4], CHEAP[4:6]
    assert bench(tmp_path, *CHEAP[:2], *one, *SIX) == 0
    assert bench(tmp_path, *CHEAP[:2], *other, *SIX[2:], "--cases", "4", out="other") == 0
    page = page_of(tmp_path, tmp_path / "a.db")
    assert "no tables, as of" in page and "the same --cases" in page
    assert len(data_in(tmp_path / "report.html")["trees"]) == 10


def test_a_panel_is_shown_judge_by_judge_and_together(tmp_path: Path) -> None:
    judges = ("--judge", "scripted", "--judge", "scripted:recall")
    store = grow(tmp_path / "a.db", *judges, limit=2, turns=2)
    page_of(tmp_path, store)
    beside = (tmp_path / "report.md").read_text(encoding="utf-8")
    for name in ("scripted", "scripted:recall", "majority"):
        assert f"### judge {name}\n" in beside


def test_a_plain_run_shows_what_judges_said_of_all_candidates(
    grown_store: Path, tmp_path: Path
) -> None:
    page = page_of(tmp_path, grown_store)
    assert "Judged candidates of trees.db/main" in page
    assert "not the benchmark" in page and "margins and ties" in page
    assert "No judge of these runs was audited" in page
    assert "scripted agents take no tokens" in page and "Nothing failed" in page


def test_equal_stores_give_equal_bytes(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one, other = (a_store(folder / "a.db") for folder in (tmp_path, tmp_path / "other"))
    first, second = page_of(tmp_path, one), page_of(tmp_path / "other", other)
    assert first == second
    assert str(tmp_path) not in first
    for name in ("report.md", "report_1.png"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_all_runs_of_all_stores_are_in_one_page(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    one = a_store(tmp_path / "a.db")
    a_store(one, a_scored_tree((1, 2, 0)), name="wide")
    other = a_store(tmp_path / "other" / "a.db")
    page_of(tmp_path, one, other)
    runs = [run["name"] for run in data_in(tmp_path / "report.html")["runs"]]
    assert runs == ["a.db/main", "a.db/wide", "a.db (2)/main"]
    page_of(tmp_path, one, other, "--run", "wide")
    assert len(data_in(tmp_path / "report.html")["trees"]) == 1


def test_a_run_that_is_being_grown_is_shown_as_far_as_it_is(tmp_path: Path) -> None:
    empty = Tree(a_persona(profile="Bea Moss is 41."))
    store = a_store(tmp_path / "a.db", a_scored_tree((4, 2, 0)), empty, done=False)
    page = page_of(tmp_path, store)
    assert "a.db/main is still being grown, or was stopped: 0 of 2 dialogues" in page
    (tree,) = data_in(tmp_path / "report.html")["trees"]
    assert tree["status"] == "open"


def test_a_run_without_a_tree_is_told(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db", create=True) as store:
        store.begin(RunRecord())
    assert "a.db/main has planned no dialogue yet" in page_of(tmp_path, tmp_path / "a.db")


def test_the_worst_dialogues_are_kept_where_not_all_are(tmp_path: Path) -> None:
    trees = [
        a_scored_tree((5, 4 - at % 2, 0), profile=f"Person {at} mends clocks.") for at in range(5)
    ]
    worst = a_scored_tree((1, 5, 0), (3, 3, 0), profile="The last one.")
    store = a_store(tmp_path / "a.db", *trees, worst)
    page_of(tmp_path, store, "--dialogues", "2")
    data = data_in(tmp_path / "report.html")
    assert [tree["key"] for tree in data["trees"]] == [trees[0].key, worst.key]
    assert data["runs"][0] == {"name": "a.db/main", "total": 6, "shown": 2}
    assert data["worst"][0]["tree"] == worst.key


def test_the_verdict_that_counts_can_be_chosen(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = a_store(tmp_path / "a.db")
    page_of(tmp_path, store, "--verdict", "majority")
    capsys.readouterr()
    assert report(tmp_path / "report.html", store, "--verdict", "nobody") == 2
    assert "no such judge; there are scripted" in error_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["missing.db"], "missing.db"),
        (["a.db", "--run", "other"], "--run other: no such run; there are main"),
        (["a.db", "a.db"], "named twice"),
        (["none.db"], "has no run yet; grow one with python -m graphs.simulate"),
        (["a.db", "--out", "report.txt"], "give a name that ends in .html"),
        (["a.db", "--out", "folder"], "is a folder"),
        (["a.db", "--out", "a.db/report.html"], "a.db is no folder"),
        (["missing.db", "--out", "new/deep/report.html"], "missing.db"),
        (["a.db", "--prices", "none.yaml"], "--prices none.yaml"),
        (["a.db", "--baseline", "plain"], "--baseline plain: took part in no benchmark"),
        (["a.db", "--dialogues", "-1"], "--dialogues -1"),
        ([], "required: STORES"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    argv: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    a_store(Path("a.db"))
    open_store("none.db", create=True).close()
    Path("folder").mkdir()
    before = _files(tmp_path)
    given = argv if "--out" in argv else [*argv, "--out", "report.html"]
    status = _run(given)
    assert status == 2
    assert told in error_line(capsys.readouterr().err)
    assert _files(tmp_path) == before


def _files(folder: Path) -> list[Path]:
    """List what is there but for SQLite's own, which come and go."""
    return sorted(path for path in folder.rglob("*") if not path.name.startswith("a.db-"))


def _run(argv: list[str]) -> int:
    return command(Report, *argv)


def test_a_failing_disk_leaves_the_old_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = a_store(tmp_path / "a.db")
    before = page_of(tmp_path, store)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    capsys.readouterr()
    monkeypatch.setattr("eval.reporting.files.plot", full)
    names = sorted(os.listdir(tmp_path))
    assert report(tmp_path / "report.html", store) == 2
    assert "No space left on device" in error_line(capsys.readouterr().err)
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == before
    assert sorted(os.listdir(tmp_path)) == names
