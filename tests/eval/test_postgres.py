"""The benchmark, the audits and the report on PostgreSQL; no password of its URL comes to light."""

from pathlib import Path

import pytest

from dialogues.show import Show
from eval.judge import JudgeAudit
from eval.report import Report
from tests.eval.benching import CHEAP, EXACT, ONE, SIX, bench, rescore, written
from tests.growing import command
from tests.postgres import OWNER, Server

SECRET = "hunter2"
RUN = f"aloe/{CHEAP[1]}/{ONE}"


def leaking(folder: Path) -> list[str]:
    """Return the files below a folder that hold the password."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if SECRET.encode() in path.read_bytes()]


def test_a_benchmark_on_postgresql_gives_the_bytes_it_gives_on_sqlite(
    server: Server, database: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    store = database.replace(f"{OWNER}@", f"{OWNER}:{SECRET}@")
    judge = ("--judge", EXACT)
    assert bench(tmp_path, *CHEAP, *SIX, *judge, out="sqlite") == 0
    assert bench(tmp_path, *CHEAP, *SIX, *judge, store=store) == 0
    assert written(tmp_path) == written(tmp_path, "sqlite")
    assert rescore(tmp_path, *judge, store=store) == 0
    assert rescore(tmp_path, *judge, "--suite", "flip", store=store) == 2
    small = ("--sample", "2", "--repeats", "2", "--out", tmp_path / "audit")
    assert command(JudgeAudit, store, "--run", RUN, *judge, *small) in (0, 1)
    assert command(Report, store, "--out", tmp_path / "report.html") == 0
    assert command(Show, store, "--run", "nix") == 2
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Benchmark aloe of postgres, protocol aloe" in page
    (tmp_path / "dump").write_text(everything(server, database))
    said = "".join(capfd.readouterr())
    assert f"{OWNER}:***@" in said and SECRET not in said
    assert leaking(tmp_path) == []


def everything(server: Server, database: str) -> str:
    """Return all rows of a store."""
    place = database.rpartition("%3D")[2]
    tables = ("grove", "runs", "personas", "trees", "nodes", "tallies", "audits")
    return "".join(str(server.execute(f"SELECT * FROM {place}.{each}")) for each in tables)
