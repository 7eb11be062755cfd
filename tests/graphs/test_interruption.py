"""Real processes, killed and stopped: whatever happens to them, the run goes on to the same end."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.agents.troupe import PATH
from tests.growing import digest_of, simulate

HOME = Path(__file__).parents[2]
TREES, TURNS = 16, 6
NODES = TREES * TURNS * 5
SLOW = ("--user", f"{PATH}:SlowUser")
SHAPE = (*SLOW, "--limit", str(TREES), "--turns", str(TURNS))
TWO_WORKERS = ("--workers", "2", "--concurrency", "2")
PATIENCE = 60.0


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the run when nobody disturbs it."""
    store = tmp_path_factory.mktemp("undisturbed") / "a.db"
    assert simulate(store, *SHAPE) == 0
    assert count(store) == NODES
    return digest_of(store)


def count(store: Path, of: str = "nodes") -> int:
    """Count the rows of a table of a store that others are writing."""
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"select count(*) from {of}").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def held_leases(store: Path) -> int:
    return count(store, "trees where owner is not null")


class Running:
    """A `graphs.simulate` process of its own process group, and its workers."""

    def __init__(self, store: Path, *flags: str, **environment: str) -> None:
        command = [sys.executable, "-m", "graphs.simulate", "--store", str(store), *flags]
        self.store = store
        self.process = subprocess.Popen(
            command,
            cwd=HOME,
            env={**os.environ, **environment},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, nodes: int, of: str = "nodes") -> None:
        """Wait until the store holds that many nodes."""
        until(lambda: count(self.store, of) >= nodes or self.process.poll() is not None)
        assert self.process.poll() is None, "it ended before it could be disturbed"

    def workers(self) -> list[int]:
        """Return the process ids of the workers that are alive, also when orphaned."""
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,pgid=,stat=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
        return [
            int(row[0])
            for row in rows
            if int(row[1]) == self.process.pid and row[2][0] != "Z" and "spawn_main" in row[-1]
        ]

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what was said."""
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def kill_group(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(store: Path, *flags: str, **environment: str) -> Iterator[Running]:
    """Run `graphs.simulate` in a process; leave none behind."""
    started = Running(store, *flags, **environment)
    try:
        yield started
    finally:
        if started.workers() or started.process.poll() is None:
            started.kill_group()
        if started.process.stderr:
            started.process.stderr.close()


def test_a_run_killed_three_times_ends_as_if_undisturbed(tmp_path: Path, undisturbed: str) -> None:
    store = tmp_path / "a.db"
    rng = Random(7)
    for third in range(3):
        with running(store, *SHAPE, *TWO_WORKERS) as run:
            run.wait_for(int(NODES * (third + 0.7 * rng.random()) / 3))
            run.kill_group()
        assert count(store) < NODES
    assert simulate(store, *SHAPE) == 0
    assert count(store) == NODES
    assert digest_of(store) == undisturbed


def test_orphaned_workers_and_a_resumed_run_grow_the_same_trees_together(
    tmp_path: Path, undisturbed: str
) -> None:
    store = tmp_path / "a.db"
    with running(store, *SHAPE, *TWO_WORKERS) as run:
        run.wait_for(NODES // 8)
        run.process.kill()
        assert simulate(store, *SHAPE) == 0
    assert count(store) == NODES
    assert digest_of(store) == undisturbed


def test_orphaned_workers_go_away_and_give_their_leases_back(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with running(store, *SLOW, "--limit", "100", "--workers", "2", "--concurrency", "2") as run:
        run.wait_for(10)
        assert len(run.workers()) == 2
        run.process.kill()
        until(lambda: not run.workers())
        assert count(store, "trees where status = 'open'") > 0
        assert held_leases(store) == 0


@pytest.mark.parametrize("whole_group", [False, True], ids=["supervisor", "group"])
def test_ctrl_c_stops_the_run_and_says_how_to_go_on(
    tmp_path: Path, undisturbed: str, whole_group: bool
) -> None:
    store = tmp_path / "a.db"
    with running(store, *SHAPE, *TWO_WORKERS) as run:
        run.wait_for(NODES // 4)
        (os.killpg if whole_group else os.kill)(run.process.pid, signal.SIGINT)
        status, said = run.end()
        assert status == 1
        assert f"stopped; the same command goes on with {store}" in " ".join(said.split())
        assert "Traceback" not in said
        assert run.workers() == []
    assert held_leases(store) == 0
    assert count(store) < NODES
    assert simulate(store, *SHAPE) == 0
    assert digest_of(store) == undisturbed


def test_the_summary_of_a_stopped_run_counts_all_that_is_stored(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with running(store, *SLOW, "--turns", "30", "--limit", "20", "--workers", "1") as run:
        run.wait_for(200)
        run.process.send_signal(signal.SIGINT)
        said = " ".join(run.end()[1].split())
    assert count(store, "trees where status = 'open'") == 20
    assert f"│ nodes │ {count(store):,} │" in said


SLOW_START = """
import os, pathlib, sys, time
if "--multiprocessing-fork" in sys.orig_argv:
    pathlib.Path(os.environ["A_WORKER_STARTS"]).touch()
    time.sleep(2)
"""


def test_ctrl_c_while_the_workers_start_leaves_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(SLOW_START)
    started = tmp_path / "started"
    environment = {"PYTHONPATH": str(tmp_path), "A_WORKER_STARTS": str(started)}
    with running(tmp_path / "a.db", *SHAPE, *TWO_WORKERS, **environment) as run:
        until(started.exists)
        until(lambda: len(run.workers()) == 2)
        os.killpg(run.process.pid, signal.SIGINT)
        status, said = run.end()
    assert status == 1
    assert "KeyboardInterrupt" not in said
    assert "Traceback" not in said


def test_ctrl_c_stops_a_run_of_one_worker_too(tmp_path: Path, undisturbed: str) -> None:
    store = tmp_path / "a.db"
    with running(store, *SHAPE, "--workers", "1", "--concurrency", "2") as run:
        run.wait_for(NODES // 4)
        run.process.send_signal(signal.SIGINT)
        status, said = run.end()
    assert status == 1
    assert "stopped; the same command goes on" in said
    assert "Traceback" not in said
    assert held_leases(store) == 0
    assert simulate(store, *SHAPE) == 0
    assert digest_of(store) == undisturbed


def test_the_other_worker_finishes_the_trees_of_one_that_was_killed(
    tmp_path: Path, undisturbed: str
) -> None:
    store = tmp_path / "a.db"
    with running(store, *SHAPE, *TWO_WORKERS) as run:
        run.wait_for(NODES // 4)
        os.kill(run.workers()[0], signal.SIGKILL)
        status, said = run.end()
    assert status == 0
    assert "Traceback" not in said
    assert digest_of(store) == undisturbed
    assert held_leases(store) == 0
    assert simulate(store, *SHAPE) == 0
