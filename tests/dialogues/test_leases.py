"""Leases: which worker grows which open tree."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, true, update

from dialogues import Persona, Run, RunRecord, open_store
from dialogues.errors import StoreError
from dialogues.leases import LEASE_SECONDS, Leases
from dialogues.schema import trees
from dialogues.standing import holders_of
from tests.growing import a_node
from tests.stress import at_once


@pytest.fixture
def run(new_store: str, persona: Persona) -> Iterator[Run]:
    """A run with ten open trees."""
    with open_store(new_store, create=True) as store:
        run = store.begin(RunRecord())
        run.plan((persona, repeat) for repeat in range(10))
        yield run


def ids(leases: Leases, count: int, limit: int | None = None) -> list[int]:
    """Claim trees and return their numbers."""
    return [stored.id for stored in leases.claim(count, limit)]


def change(run: Run, of: Leases | None = None, **values: Any) -> None:
    """Write columns of all trees of a run, or one's, as another process or a clock would."""
    held = trees.c.owner == of.owner if of else true()
    with run.engine.begin() as connection:
        connection.execute(update(trees).where(held).values(**values))


def column(run: Run, name: str) -> list[Any]:
    """Read a column of all trees, in the order they were planned."""
    with run.engine.connect() as connection:
        query = select(trees.c[name]).order_by(trees.c.ordinal)
        return list(connection.execute(query).scalars())


def test_trees_are_claimed_in_the_order_they_were_planned(run: Run) -> None:
    assert ids(Leases(run), 3) == [1, 2, 3]


def test_claimed_trees_come_with_their_nodes(run: Run, grown_store: Path) -> None:
    with open_store(grown_store) as store:
        stored = store.run().load([1])[0]
    run.add([(1, node) for node in stored.tree])
    assert len(Leases(run).claim(1)[0].tree) == len(stored.tree)


def test_two_workers_hold_different_trees(run: Run) -> None:
    one, other = Leases(run), Leases(run)
    assert ids(one, 6) == [1, 2, 3, 4, 5, 6]
    assert ids(other, 6) == [7, 8, 9, 10]
    assert ids(one, 6) == []


def test_workers_that_claim_at_the_same_moment_share_no_tree(run: Run) -> None:
    stores = [open_store(run.location) for _ in range(5)]

    def work(index: int) -> list[int]:
        leases = Leases(stores[index].run())
        return [tree_id for _ in range(4) for tree_id in ids(leases, 1)]

    claimed = [tree_id for each in at_once(work, 5) for tree_id in each]
    assert sorted(claimed) == list(range(1, 11))


def test_only_the_first_trees_are_claimed_under_a_limit(run: Run) -> None:
    assert ids(Leases(run), 9, limit=2) == [1, 2]


def test_finished_trees_are_not_claimed(run: Run) -> None:
    leases = Leases(run)
    for stored in leases.claim(2):
        run.finish(stored.id, stored.tree)
    assert ids(Leases(run), 2) == [3, 4]


def test_trees_of_another_run_are_not_claimed(run: Run, persona: Persona) -> None:
    with open_store(run.location) as store:
        other = store.begin(RunRecord(name="other"))
        other.plan([(persona, 0)])
        assert ids(Leases(other), 99) == [11]
    assert ids(Leases(run), 99) == list(range(1, 11))


def test_a_lease_that_expired_is_free(run: Run) -> None:
    gone = Leases(run)
    gone.claim(10)
    assert ids(Leases(run), 1) == []
    change(run, lease_until=time.time() - 1)
    assert ids(Leases(run), 10) == list(range(1, 11))


def test_a_beat_extends_the_leases_and_tells_how_large_the_trees_are(run: Run) -> None:
    leases = Leases(run)
    first, second = leases.claim(2)
    root = first.tree.key
    for node in (a_node(root, "user"), a_node(root, "user", place=1)):
        first.tree.add(node)
    change(run, lease_until=time.time() + 1)
    leases.beat([first, second])
    assert min(column(run, "lease_until")[:2]) > time.time() + LEASE_SECONDS - 10
    assert column(run, "nodes")[:3] == [2, 0, 0]


def test_a_beat_extends_nobody_elses_lease(run: Run) -> None:
    one, other = Leases(run), Leases(run)
    one.claim(1)
    other.claim(1)
    change(run, lease_until=time.time() + 1)
    one.beat([])
    extended = [until > time.time() + 10 for until in column(run, "lease_until")[:2]]
    assert extended == [True, False]


def test_a_late_beat_does_not_change_the_counts_of_a_finished_tree(run: Run) -> None:
    leases = Leases(run)
    (stored,) = leases.claim(1)
    run.finish(stored.id, stored.tree)
    stored.tree.add(a_node(stored.tree.key, "user"))
    leases.beat([stored])
    assert column(run, "nodes")[0] == 0


def test_a_late_beat_does_not_take_back_a_tree_another_worker_has(run: Run) -> None:
    slow, quick = Leases(run), Leases(run)
    lost = slow.claim(1)
    change(run, lease_until=time.time() - 1)
    assert ids(quick, 1) == [1]
    slow.beat(lost)
    assert column(run, "owner")[0] == quick.owner


def test_released_trees_are_free_at_once(run: Run) -> None:
    one = Leases(run)
    one.claim(3)
    one.release()
    assert column(run, "owner") == [None] * 10
    assert ids(Leases(run), 3) == [1, 2, 3]


def test_a_release_gives_back_only_ones_own(run: Run) -> None:
    one, other = Leases(run), Leases(run)
    one.claim(1)
    other.claim(1)
    one.release()
    assert column(run, "owner")[:2] == [None, other.owner]


CLAIM = """
import os, sys
from dialogues import open_store
from dialogues.leases import Leases
store = open_store(sys.argv[1])
print([stored.id for stored in Leases(store.run()).claim(4)], flush=True)
if sys.argv[2] == "stays":
    sys.stdin.readline()
os._exit(1)
"""


def claiming(run: Run, how: str) -> subprocess.Popen[str]:
    """Start a process that claims four trees and then dies, or stays until told."""
    return subprocess.Popen(
        [sys.executable, "-c", CLAIM, run.location, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_the_trees_of_a_process_that_died_are_free_at_once(run: Run) -> None:
    told, _ = claiming(run, "dies").communicate(timeout=60)
    assert told == "[1, 2, 3, 4]\n"
    assert ids(Leases(run), 10) == list(range(1, 11))


def test_the_trees_of_a_live_process_are_not_free(run: Run) -> None:
    worker = claiming(run, "stays")
    assert worker.stdout and worker.stdout.readline() == "[1, 2, 3, 4]\n"
    assert ids(Leases(run), 10) == [5, 6, 7, 8, 9, 10]
    worker.communicate("leave\n", timeout=60)


def test_a_process_on_another_machine_is_not_taken_for_dead(run: Run) -> None:
    leases = Leases(run)
    leases.claim(10)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=60)
    _, _, machine, number = leases.owner.split("/")
    change(run, owner=f"not-{socket.gethostname()}/{gone.pid}/{machine}/{number}")
    assert ids(Leases(run), 1) == []


def test_a_process_on_another_machine_of_the_same_name_is_not_taken_for_dead(run: Run) -> None:
    leases = Leases(run)
    leases.claim(10)
    host, _, machine, number = leases.owner.split("/")
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait(timeout=60)
    change(run, owner=f"{host}/{gone.pid}/another-{machine}/{number}")
    assert ids(Leases(run), 1) == []
    change(run, owner=f"{host}/{gone.pid}/{machine}/{number}")
    assert ids(Leases(run), 1) == [1]


@pytest.mark.parametrize("wrong", [-3600, 3600])
def test_a_worker_whose_clock_is_wrong_takes_and_loses_no_lease(
    run: Run, monkeypatch: pytest.MonkeyPatch, wrong: int
) -> None:
    right, now = Leases(run), time.time
    right.claim(3)
    monkeypatch.setattr(time, "time", lambda: now() + wrong)
    other = Leases(run)
    assert ids(other, 3) == [4, 5, 6]
    other.beat([])
    monkeypatch.undo()
    assert ids(right, 10) == [7, 8, 9, 10]


def test_who_holds_leases_is_told_with_the_age_of_the_last_beat(run: Run, persona: Persona) -> None:
    with open_store(run.location) as store:
        other_run = store.begin(RunRecord(name="other"))
        other_run.plan([(persona, 0)])
        Leases(other_run).claim(1)
    assert holders_of(run) == []
    one, other = Leases(run), Leases(run)
    one.claim(3)
    other.claim(2)
    one.finish(1, run.load([1])[0].tree)
    change(run, lease_until=trees.c.lease_until - 30, of=other)
    fresh, old = sorted(holders_of(run), key=lambda holder: holder.since)
    assert (fresh.trees, old.trees) == (2, 2)
    assert (fresh.host, fresh.process) == (socket.gethostname(), os.getpid())
    assert 0 <= fresh.since < 10 and 30 <= old.since < 40
    assert not fresh.is_gone and not old.is_gone
    change(run, lease_until=trees.c.lease_until - 31, of=other)
    assert [holder.is_gone for holder in holders_of(run)].count(True) == 1


def test_a_live_process_of_another_user_is_not_taken_for_dead(run: Run) -> None:
    Leases(run).claim(10)
    change(run, owner=Leases(run).owner.replace(f"/{os.getpid()}/", "/1/"))
    assert ids(Leases(run), 1) == []


def test_two_workers_of_one_process_are_two_owners(run: Run) -> None:
    assert Leases(run).owner != Leases(run).owner
    assert Leases(run).owner.startswith(f"{socket.gethostname()}/{os.getpid()}/")


def test_a_store_that_fails_is_a_store_error(run: Run) -> None:
    with run.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE trees RENAME TO lost")
    for call in (lambda: Leases(run).claim(1), lambda: Leases(run).beat([]), Leases(run).release):
        with pytest.raises(StoreError):
            call()
