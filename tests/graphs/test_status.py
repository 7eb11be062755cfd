"""The status of a store: what is stored, who is at work, how fast; told while others write."""

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import update

from dialogues import Persona, Run, RunRecord, open_store
from dialogues.leases import Leases
from dialogues.node import USER, Usage
from dialogues.schema import trees
from dialogues.standing import standing_of
from graphs import status
from graphs.simulate import Simulate
from tests.graphs.stage import Capture, error_line
from tests.growing import a_failure, a_node, command, store_trees

READ_ONLY = ("options=", "options=-cdefault_transaction_read_only%3Don%20")
SPENT = Usage(calls=1, prompt_tokens=90, completion_tokens=10)


@pytest.fixture(autouse=True)
def _short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "LOOK_SECONDS", 0.4)


@pytest.fixture
def run(new_store: str, persona: Persona) -> Iterator[Run]:
    """A run of six trees: two done with 3 nodes each, one failed, one begun by one who is gone."""
    with open_store(new_store, create=True) as store:
        run = store.begin(RunRecord())
        run.plan((persona, repeat) for repeat in range(6))
        add(run, 1, 3)
        add(run, 2, 3)
        add(run, 4, 2)
        run.add([(3, a_node("p", USER, failure=a_failure()))])
        for number in (1, 2, 3):
            run.finish(number, run.load([number])[0].tree)
        gone = Leases(run)
        gone.claim(1)
        with run.engine.begin() as connection:
            late = trees.c.lease_until - 100
            connection.execute(update(trees).where(trees.c.id == 4).values(lease_until=late))
        yield run


def add(run: Run, number: int, nodes: int, first: int = 0) -> None:
    """Store nodes in a tree."""
    places = range(first, first + nodes)
    run.add([(number, a_node("p", USER, place=place, usage=SPENT)) for place in places])


@contextmanager
def growing(run: Run, number: int) -> Iterator[None]:
    """Add a node to a tree every few milliseconds meanwhile."""
    over = threading.Event()

    def grow() -> None:
        for place in count():
            if over.wait(0.005):
                return
            add(run, number, 1, place)

    worker = threading.Thread(target=grow)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


def told(capsys: Capture, *flags: str) -> str:
    """Return what the command says of a store, with the cells of its tables apart by a space."""
    assert command(Simulate, "--status", *flags) == 0
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_trees_nodes_and_tokens_are_counted_and_nobody_is_waited_for(
    run: Run, new_store: str, capsys: Capture
) -> None:
    began = time.monotonic()
    said = told(capsys, new_store)
    assert time.monotonic() - began < status.LOOK_SECONDS
    assert " main 6 2 1 3 0 9 800 " in said
    assert f" main {socket.gethostname()} {os.getpid()} 1 100 s ago, gone " in said
    assert "nodes/s" not in said


def test_who_works_is_told_with_the_rate_and_the_end(
    run: Run, new_store: str, capsys: Capture
) -> None:
    leases = Leases(run)
    began = time.monotonic()
    leases.claim(2)
    with growing(run, 5):
        said = told(capsys, new_store)
    # Both figures are 0 where nothing holds the commands up.
    longest = int(time.monotonic() - began) + 1
    assert " main 6 2 1 3 2 " in said
    ago = re.search(rf" {os.getpid()} 2 (\d+) s ago ", said)
    rated = re.search(r" tokens/s in the last (\d+) s; at that rate done in about ", said)
    assert ago and int(ago[1]) <= longest
    assert rated and int(rated[1]) <= longest
    leases.release()
    assert "nodes/s" not in told(capsys, new_store)


def test_where_nothing_comes_or_nothing_is_done_no_end_is_told(
    new_store: str, persona: Persona, capsys: Capture
) -> None:
    with open_store(new_store, create=True) as store:
        run = store.begin(RunRecord(name="new"))
        run.plan([(persona, 0), (persona, 1)])
        (stored,) = Leases(run).claim(1)
        assert "new: 0.0 nodes/s in the last 0 s; no tree is done yet" in told(capsys, new_store)
        run.finish(stored.id, stored.tree)
        Leases(run).claim(1)
        assert "nothing was added, so the end cannot be told" in told(capsys, new_store)


def test_what_is_left_is_reckoned_from_the_trees_that_are_done(run: Run) -> None:
    standing = standing_of(run)
    assert (standing.done, standing.failed, standing.open, standing.trees) == (2, 1, 3, 6)
    assert (standing.nodes, standing.nodes_of_done, standing.nodes_of_open) == (9, 6, 2)
    assert standing.nodes_left == 3 * 6 / 2 - 2


def test_all_runs_are_told_or_the_one_that_is_named(
    new_store: str, persona: Persona, capsys: Capture
) -> None:
    store_trees(new_store, [], RunRecord(name="one")).engine.dispose()
    store_trees(new_store, [], RunRecord(name="other")).engine.dispose()
    assert " one 0 " in (both := told(capsys, new_store)) and " other 0 " in both
    assert " one 0 " not in told(capsys, new_store, "--run", "other")
    assert command(Simulate, "--status", new_store, "--run", "third") == 2
    assert "--run: one, other" in error_line(capsys)


def test_a_status_takes_no_right_to_write(database: str, persona: Persona, capsys: Capture) -> None:
    with open_store(database, create=True) as store:
        run = store.begin(RunRecord())
        run.plan([(persona, 0)])
        Leases(run).claim(1)
    assert " main 1 0 0 1 1 0 0 " in told(capsys, database.replace(*READ_ONLY))


def test_a_store_that_is_not_there_is_named_and_not_made(tmp_path: Path, capsys: Capture) -> None:
    assert command(Simulate, "--status", tmp_path / "a.db") == 2
    assert f"no store at {tmp_path / 'a.db'}" in error_line(capsys)
    assert list(tmp_path.iterdir()) == []
