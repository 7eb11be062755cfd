"""The store: how runs begin, go on and share a database."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dialogues import RunRecord, open_store
from dialogues.errors import StoreError, UsageError
from tests.growing import digest_of, error_line, grow, simulate
from tests.stress import at_once, full_disk, pages_of

Captured = pytest.CaptureFixture[str]


def test_a_store_holds_several_runs(new_store: str) -> None:
    store = new_store
    assert simulate(store, "--limit", "2", "--turns", "1") == 0
    assert simulate(store, "--limit", "1", "--turns", "2", "--run", "long") == 0
    with open_store(store) as opened:
        assert [run.record.name for run in opened.runs()] == ["main", "long"]
        assert [run.progress().trees for run in opened.runs()] == [2, 1]
    assert digest_of(store) != digest_of(store, "long")


def test_a_second_run_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=2, turns=2)
    before = digest_of(store)
    grow(store, "--run", "other", "--seed", "5", limit=2, turns=2)
    assert digest_of(store) == before


def test_an_unknown_run_is_refused_by_the_names_there_are(grown_store: Path) -> None:
    with open_store(grown_store) as store, pytest.raises(UsageError, match=r"'x'.*--run: main"):
        store.run("x")


def test_a_run_keeps_how_it_was_made(grown_store: Path) -> None:
    with open_store(grown_store) as store:
        record = store.run().record
    assert record.judge == "scripted"
    assert record.config["turns"] == 4
    assert record.config["seed"] == 0
    assert record.config["assistant"] == ["hinted=scripted", "plain=scripted"]
    assert {"persona-grove", "langgraph", "sqlalchemy", "python"} <= record.versions.keys()


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("turns", "2"),
        ("seed", "1"),
        ("candidates", "3"),
        ("expand", "best"),
        ("repeats", "2"),
        ("per-profile", "2"),
        ("max-branches", "3"),
        ("system", "Be kind."),
        ("assistant", "plain=scripted"),
        ("inducer", "extract=scripted"),
        ("judge", "agents.scripted.judge:ScriptedJudge"),
        ("user", "agents.scripted.user:ScriptedUser"),
    ],
)
def test_resuming_with_another_setting_is_refused_by_its_name(
    tmp_path: Path, capsys: Captured, setting: str, value: str
) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    before = digest_of(store)
    capsys.readouterr()
    argv = {"limit": "1", "turns": "1", setting: value}
    flags = [word for name, each in argv.items() for word in (f"--{name}", each)]
    assert simulate(store, *flags) == 2
    assert f"({setting.replace('-', '_')} " in error_line(capsys.readouterr().err)
    assert digest_of(store) == before


def test_resuming_with_another_pool_is_refused(tmp_path: Path, capsys: Captured) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    capsys.readouterr()
    (tmp_path / "profiles.jsonl").write_text('"He is 40."')
    (tmp_path / "personalities.jsonl").write_text('"He is shy."')
    assert simulate(store, "--limit", "1", "--turns", "1", "--pool", str(tmp_path)) == 2
    assert "(pool " in error_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "flags",
    [
        ["--concurrency", "3"],
        ["--limit", "2"],
        ["--assistant", "hinted=scripted@lab", "--assistant", "plain=scripted@http://h:1/v1"],
    ],
    ids=["concurrency", "limit", "endpoint"],
)
def test_limit_concurrency_and_endpoints_may_change_on_resume(
    tmp_path: Path, flags: list[str]
) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    assert simulate(store, "--limit", "1", "--turns", "1", *flags) == 0


def test_a_larger_limit_on_resume_gives_the_trees_of_one_go(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=2)
    grow(store, limit=3, turns=2)
    assert digest_of(store) == digest_of(grow(tmp_path / "b.db", limit=3, turns=2))


def test_endpoints_and_the_secrets_in_them_are_never_stored(tmp_path: Path) -> None:
    spec = "plain=scripted@https://me:hunter2@host/v1"
    store = grow(tmp_path / "a.db", "--assistant", spec, "--judge", spec.removeprefix("plain="))
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"hunter2" not in stored and b"https://" not in stored
    assert digest_of(store)


def test_another_version_of_a_library_does_not_stop_a_resume(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db", create=True) as store:
        first = store.begin(RunRecord(config={"turns": 1}, versions={"python": "3.11"}))
        again = store.begin(RunRecord(config={"turns": 1}, versions={"python": "3.12"}))
    assert first.id == again.id
    assert again.record.versions == {"python": "3.11"}


def test_several_may_begin_the_same_run_at_once(tmp_path: Path) -> None:
    open_store(tmp_path / "a.db", create=True).close()
    stores = [open_store(tmp_path / "a.db") for _ in range(6)]
    runs = at_once(lambda index: stores[index].begin(RunRecord(config={"turns": 1})))
    assert {run.id for run in runs} == {1}


def test_a_store_can_be_read_while_a_run_writes(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    before = digest_of(store)
    writer = sqlite3.connect(store)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM nodes")
    assert digest_of(store) == before
    writer.rollback()


def test_a_full_disk_is_a_store_error(tmp_path: Path, persona: Any) -> None:
    open_store(tmp_path / "a.db", create=True).close()
    with full_disk(pages_of(tmp_path / "a.db")), open_store(tmp_path / "a.db") as store:
        run = store.begin(RunRecord())
        with pytest.raises(StoreError, match="full"):
            run.plan((persona, repeat) for repeat in range(2000))


@pytest.mark.parametrize("spare", [1, 3, 6])
def test_a_run_stopped_by_a_full_disk_goes_on_to_the_same_digest(
    tmp_path: Path, capsys: Captured, grown_store: Path, spare: int
) -> None:
    store = tmp_path / "a.db"
    open_store(store, create=True).close()
    flags = ("--limit", "6", "--turns", "4")
    with full_disk(pages_of(store) + spare):
        assert simulate(store, *flags) == 1
    told = capsys.readouterr().err
    assert "is full" in told and "Traceback" not in told
    assert simulate(store, *flags) == 0
    assert digest_of(store) == digest_of(grown_store)


FILL = """
import sys
from dialogues import open_store
from tests.growing import a_node
with open_store(sys.argv[1]) as store:
    run = store.run()
    print("ready", flush=True)
    sys.stdin.readline()
    for place in range(0, 300, 3):
        nodes = [a_node("p", "user", place=place + i, text=sys.argv[2]) for i in range(3)]
        print(*(node.text for node in run.add([(1, node) for node in nodes])), flush=True)
"""


def test_two_processes_that_race_for_the_same_slots_read_the_same_texts(
    new_store: str, persona: Any
) -> None:
    with open_store(new_store, create=True) as store:
        store.begin(RunRecord()).plan([(persona, 0)])
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", FILL, new_store, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("left", "right")
    ]
    for racer in racers:
        assert racer.stdout and racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = [racer.communicate(timeout=60)[0] for racer in racers]
    assert told[0] == told[1]
    assert len(told[0].split()) == 300
    with open_store(new_store) as store:
        assert len(store.run().load([1])[0].tree) == 300
