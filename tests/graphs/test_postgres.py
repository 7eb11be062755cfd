"""Runs on PostgreSQL: real processes, a real server that goes away in the middle, one digest."""

import signal
import time

import pytest

from graphs import status
from graphs.simulate import Simulate
from tests.graphs.running import SLOW, count, held_leases, running, until
from tests.growing import command, digest_of, simulate
from tests.postgres import Server

TREES, TURNS = 16, 5
NODES = TREES * TURNS * 5
SHAPE = (*SLOW, "--limit", str(TREES), "--turns", str(TURNS), "--concurrency", "2")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of the run on SQLite, when nobody disturbs it."""
    store = tmp_path_factory.mktemp("undisturbed") / "a.db"
    assert simulate(store, *SHAPE) == 0
    return digest_of(store)


def test_a_run_killed_and_resumed_ends_as_on_sqlite(database: str, undisturbed: str) -> None:
    with running(database, *SHAPE, "--workers", "1") as run:
        run.wait_for(NODES // 3)
        run.kill_group()
    assert 0 < count(database) < NODES
    assert simulate(database, *SHAPE) == 0
    assert count(database) == NODES
    assert digest_of(database) == undisturbed


def test_two_workers_survive_a_server_that_crashes_and_comes_back(
    server: Server,
    database: str,
    undisturbed: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(status, "LOOK_SECONDS", 0.1)

    def are_told(workers: list[int]) -> bool:
        assert command(Simulate, "--status", database) == 0
        told = capsys.readouterr().out
        return len(workers) == 2 and all(f" {pid} " in told for pid in workers)

    with running(database, *SHAPE, "--workers", "2") as run:
        run.wait_for(1)
        # One of them may be between two trees, or not have begun.
        until(lambda: are_told(run.workers()))
        server.stop(signal.SIGQUIT)
        time.sleep(0.5)
        server.start()
        assert count(database) < NODES
        ended, said = run.end()
    assert ended == 0, said
    assert "Traceback" not in said
    assert said.count("waiting for it to come back, at most 300 s") == 1
    assert said.count("answers again after") == 1
    assert count(database) == NODES
    assert held_leases(database) == 0
    assert digest_of(database) == undisturbed


def test_ctrl_c_does_not_wait_for_a_server_that_is_gone(server: Server, database: str) -> None:
    with running(database, *SHAPE, "--workers", "2") as run:
        run.wait_for(1)
        server.stop()
        time.sleep(0.5)
        run.process.send_signal(signal.SIGINT)
        began = time.monotonic()
        ended, said = run.end()
        server.start()
    assert time.monotonic() - began < 10
    assert ended == 1
    assert "the same command goes on with postgresql" in said
    assert "Traceback" not in said and "psycopg" not in said.replace("postgresql+psycopg:", "")
