"""Runs on a real Ray cluster: workers and machines get lost, and the trees are the same."""

import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.agents.prompted.serving import EVERY_SEAT, config, shape, spent
from tests.cluster import NODE, logs_of
from tests.graphs.running import count, held_leases, running, until
from tests.graphs.stage import error_line
from tests.growing import digest_of, simulate
from tests.model_server import ModelServer

pytestmark = pytest.mark.cluster

TREES, TURNS = 8, 6
NODES = TREES * TURNS * 5
PASSWORD = "pa55word"
ELSEWHERE = "postgresql+psycopg://me@db-host/grove"
Printed = pytest.CaptureFixture[str]


def test_the_trees_of_a_lost_machine_are_grown_by_the_others(
    cluster: Any,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Printed,
) -> None:
    (tmp_path / "mine.py").write_text("from tests.agents.troupe import SlowUser as Mine\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    own = ("--user", "mine:Mine", *shape(TREES, TURNS), "--concurrency", "2")
    store = database.replace("@", f":{PASSWORD}@", 1)
    machine = cluster.add_node(**NODE)
    stored = []

    def lose() -> None:
        until(lambda: count(store, "(select distinct owner from trees) as owners") == 3)
        until(lambda: count(store) > NODES // 4)
        cluster.remove_node(machine, allow_graceful=False)
        stored.append(count(store))

    loss = Thread(target=lose)
    loss.start()
    status = simulate(store, *own, "--cluster", cluster.address, "--workers", "2")
    loss.join()
    told = "".join(capfd.readouterr())
    assert status == 0
    assert stored[0] < NODES == count(store)
    assert held_leases(store) == 0
    assert "raylet" not in told
    assert PASSWORD not in told + logs_of(cluster)
    assert simulate("a.db", *own) == 0
    assert digest_of(store) == digest_of("a.db")


def test_a_key_that_a_machine_does_not_have_is_named_with_it(
    cluster: Any,
    database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: Printed,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GROVE_TEST_KEY", "a-key")
    flags = (*config(tmp_path, "http://127.0.0.1:9/v1", key="GROVE_TEST_KEY"), *EVERY_SEAT)
    assert simulate(database, *flags, "--cluster", cluster.address) == 2
    told = error_line(capfd)
    assert f"on {socket.gethostname()}: " in told
    assert told.endswith("set the environment variable GROVE_TEST_KEY")
    assert count(database) == 0


def test_on_a_cluster_of_this_machine_ctrl_c_lets_the_calls_in_flight_end(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    # Ray's sockets lie there, whose paths may not be long.
    with ModelServer(latency=0.5) as server, tempfile.TemporaryDirectory(prefix="ray-") as folder:
        how = ("--concurrency", "6", "--workers", "2", "--cluster", "local")
        flags = (*config(tmp_path, server), *EVERY_SEAT, *shape(6, 3), *how)
        with running(store, *flags, RAY_TMPDIR=folder, HOME=folder) as run:
            run.wait_for(6)
            until(lambda: server.in_flight > 0)
            os.killpg(run.process.pid, signal.SIGINT)
            status, said = run.end()
        assert server.peak <= 6
        assert len(server.calls) == spent(store).calls
        assert not Path(folder, ".ray").exists()
    assert status == 1, said
    assert "stopped; the same command goes on with" in " ".join(said.split())
    assert "Traceback" not in said
    assert held_leases(store) == 0


def test_machines_need_a_store_that_all_of_them_reach(tmp_path: Path, capsys: Printed) -> None:
    assert simulate(tmp_path / "a.db", "--cluster", "head:6379") == 2
    told = error_line(capsys)
    assert "--cluster head:6379: an SQLite store is a file of this machine" in told
    assert "give --store postgresql+psycopg://" in told
    assert not (tmp_path / "a.db").exists()


def test_without_ray_the_mend_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    assert simulate(tmp_path / "a.db", "--cluster", "local") == 2
    told = error_line(capsys)
    assert "pip install -c constraints.txt -e '.[cluster]'" in told


@pytest.mark.parametrize("address", ["127.0.0.1:1", "ray://127.0.0.1:1", "nowhere"])
def test_where_no_cluster_answers_it_is_told_at_once(address: str, capfd: Printed) -> None:
    began = time.monotonic()
    assert simulate(ELSEWHERE, "--cluster", address) == 2
    assert time.monotonic() - began < 10
    told = error_line(capfd)
    assert f"--cluster {address}: " in told
    assert "HOST:6379 or ray://HOST:10001" in told


def test_the_wrong_door_of_a_cluster_is_told_at_once(cluster: Any, capfd: Printed) -> None:
    port = cluster.head_node._ray_params.ray_client_server_port
    clients = f"127.0.0.1:{port}"
    until(lambda: listens(port))
    began = time.monotonic()
    for address, said in (
        (f"ray://{cluster.address}", "that port takes no ray:// address"),
        (clients, "that port takes only ray:// addresses"),
    ):
        assert simulate(ELSEWHERE, "--cluster", address) == 2
        assert said in error_line(capfd)
    assert time.monotonic() - began < 10


def listens(port: int) -> bool:
    with socket.socket() as door:
        return door.connect_ex(("127.0.0.1", port)) == 0


def test_whoever_answers_and_is_no_ray_is_told_within_seconds(
    monkeypatch: pytest.MonkeyPatch, capfd: Printed
) -> None:
    monkeypatch.setattr("graphs.connection.ANSWER_SECONDS", 0.5)
    with ModelServer() as server:
        place = server.url.removeprefix("http://").removesuffix("/v1")
        assert simulate(ELSEWHERE, "--cluster", f"ray://{place}") == 2
    assert "no Ray answers there" in error_line(capfd)
