"""Workers share a run through leases: each tree is grown once, and none is left behind."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from dialogues.digest import digest
from dialogues.leases import Leases
from dialogues.pool import load_pool
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.store import open_store
from graphs.scene import Script
from graphs.worker import Worker
from tests.agents.troupe import NumberUser, Utterance, Witness
from tests.graphs.stage import company, play, witnessed

TREES, TURNS = 10, 2
NODES = TURNS * 5
PERSONAS = load_pool().personas(1)[:TREES]


@pytest.fixture
def run(new_store: str) -> Iterator[Run]:
    """A planned run of a new store."""
    with open_store(new_store, create=True) as store:
        planned = store.begin(RunRecord())
        planned.plan((persona, 0) for persona in PERSONAS)
        yield planned


def worker(run: Run, briefs: list[Any], limit: int = TREES, concurrency: int = 2) -> Worker:
    return Worker(run, witnessed(briefs), Script(turns=TURNS), limit, concurrency)


async def test_two_workers_on_one_run_grow_each_tree_once(run: Run) -> None:
    one: list[Any] = []
    two: list[Any] = []
    await asyncio.gather(worker(run, one).work(), worker(run, two).work())
    assert len(one) + len(two) == TREES * NODES
    assert one and two
    assert not {brief.seed for brief in one} & {brief.seed for brief in two}
    assert run.progress().done == TREES


async def test_what_workers_store_is_what_grows_in_memory(run: Run) -> None:
    await worker(run, []).work()
    alone = await asyncio.to_thread(
        lambda: [play(witnessed([]), persona=persona, turns=TURNS) for persona in PERSONAS]
    )
    assert digest(run.trees()) == digest(alone)


async def test_a_worker_grows_no_tree_beyond_its_limit(run: Run) -> None:
    await worker(run, [], limit=3).work()
    assert run.progress().done == 3
    assert len(list(run.trees())) == 3


async def test_a_worker_has_no_more_calls_in_flight_than_it_may(run: Run) -> None:
    class Counted(NumberUser):
        now = most = 0

        async def speak(self, brief: Any) -> Utterance:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.002)
            self.now -= 1
            return await super().speak(brief)

    user = Counted()
    await Worker(run, company(user=user), Script(turns=TURNS), TREES, 3).work()
    assert 1 < user.most <= 3


async def test_a_cancelled_worker_gives_its_leases_back(run: Run) -> None:
    class Sleeper(NumberUser):
        async def speak(self, brief: Any) -> Utterance:
            await asyncio.sleep(60)
            return await super().speak(brief)

    briefs: list[Any] = []
    cast = company(user=Witness(Sleeper(), briefs))
    task = asyncio.create_task(Worker(run, cast, Script(turns=TURNS), TREES, 64).work())
    while not briefs:
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(Leases(run).claim(TREES)) == TREES


async def test_a_worker_waits_for_trees_another_holds_and_grows_them_when_they_are_free(
    run: Run,
) -> None:
    other = Leases(run)
    other.claim(4)
    task = asyncio.create_task(worker(run, []).work())
    while run.progress().done < TREES - 4:
        await asyncio.sleep(0.02)
    assert not task.done()
    other.release()
    await asyncio.wait_for(task, 10)
    assert run.progress().done == TREES


async def test_a_worker_without_open_trees_ends_at_once(run: Run) -> None:
    await worker(run, []).work()
    briefs: list[Any] = []
    await asyncio.wait_for(worker(run, briefs).work(), 10)
    assert briefs == []
