"""Real processes, killed and stopped: whatever happens to them, the run goes on to the same end."""

import os
import signal
import subprocess
from pathlib import Path
from random import Random

import pytest

from tests.agents.prompted.serving import EVERY_SEAT, config, shape, spent
from tests.graphs.running import (
    NODES,
    SHAPE,
    SLOW,
    TWO_WORKERS,
    count,
    held_leases,
    running,
    until,
)
from tests.growing import digest_of, simulate
from tests.model_server import ModelServer


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the run when nobody disturbs it."""
    store = tmp_path_factory.mktemp("undisturbed") / "a.db"
    assert simulate(store, *SHAPE) == 0
    assert count(store) == NODES
    return digest_of(store)


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


def test_ctrl_c_lets_the_calls_in_flight_end(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer(latency=0.5) as server:
        flags = (*config(tmp_path, server), *EVERY_SEAT, *shape(6, 3), "--workers", "1")
        with running(store, *flags) as run:
            run.wait_for(6)
            until(lambda: server.in_flight > 0)
            run.process.send_signal(signal.SIGINT)
            assert run.end()[0] == 1
        assert len(server.calls) == spent(store).calls


def test_a_second_ctrl_c_drops_the_calls_in_flight(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer(latency=60) as server:
        flags = (*config(tmp_path, server), *EVERY_SEAT, *shape(6, 3), "--workers", "2")
        with running(store, *flags) as run:
            until(lambda: len(server.calls) == 6)
            run.process.send_signal(signal.SIGINT)
            with pytest.raises(subprocess.TimeoutExpired):
                run.process.wait(1)
            run.process.send_signal(signal.SIGINT)
            status, said = run.end()
    assert status == 1
    assert "Ctrl-C again drops them" in " ".join(said.split())
    assert "Traceback" not in said
    assert count(store) == held_leases(store) == 0


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
