"""The recorder: many nodes to a transaction, none lost, errors told to all who wait."""

import asyncio
from collections.abc import Awaitable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import event

from dialogues import Node, Persona, Run, RunRecord, open_store
from dialogues.errors import StoreError
from dialogues.node import USER
from dialogues.recorder import Recorder
from tests.growing import a_node


@pytest.fixture
def run(new_store: str, persona: Persona) -> Iterator[Run]:
    """A run with one planned tree, numbered 1."""
    with open_store(new_store, create=True) as store:
        run = store.begin(RunRecord())
        run.plan([(persona, 0)])
        yield run


@pytest.fixture
def recorder(run: Run) -> Iterator[Recorder]:
    """A recorder with its thread."""
    with ThreadPoolExecutor(1) as thread:
        yield Recorder(run, thread)


def numbered(count: int, text: str = "{}") -> list[Node]:
    """Return nodes of different slots."""
    return [a_node("p", USER, place=place, text=text.format(place)) for place in range(count)]


async def together(*adds: Awaitable[Any], **options: Any) -> list[Any]:
    """Gather what the adds return; one that nobody answers must not hang the test."""
    return await asyncio.wait_for(asyncio.gather(*adds, **options), timeout=30)


def stored(run: Run) -> list[Node]:
    """Read the nodes of the one tree."""
    return list(run.load([1])[0].tree)


async def test_concurrent_adds_are_all_stored_and_each_gets_its_own(
    run: Run, recorder: Recorder
) -> None:
    nodes = numbered(300)
    assert await together(*(recorder.add(1, node) for node in nodes)) == nodes
    assert stored(run) == nodes


async def test_a_node_is_stored_before_its_add_returns(run: Run, recorder: Recorder) -> None:
    for count, node in enumerate(numbered(5), start=1):
        await recorder.add(1, node)
        assert len(stored(run)) == count


async def test_adds_that_come_while_others_are_written_are_not_forgotten(
    run: Run, recorder: Recorder
) -> None:
    async def dialogue(number: int) -> None:
        for step in range(10):
            await recorder.add(1, a_node("p", USER, place=10 * number + step))

    await together(*(dialogue(number) for number in range(20)))
    assert len(stored(run)) == 200


async def test_concurrent_adds_share_transactions(run: Run, recorder: Recorder) -> None:
    commits: list[Any] = []
    event.listen(run.engine, "commit", commits.append)
    await together(*(recorder.add(1, node) for node in numbered(200)))
    assert len(commits) < 20


async def test_whoever_is_late_gets_what_was_first(run: Run, recorder: Recorder) -> None:
    first = numbered(20, "first {}")
    run.add([(1, node) for node in first])
    late = numbered(25, "late {}")
    held = await together(*(recorder.add(1, node) for node in late))
    assert held == [*first, *late[20:]]


async def test_one_slot_written_by_many_at_once_gives_all_the_same(recorder: Recorder) -> None:
    rivals = [a_node("p", USER, text=f"rival {number}") for number in range(30)]
    held = await together(*(recorder.add(1, node) for node in rivals))
    assert len({node.text for node in held}) == 1


async def test_an_error_reaches_everybody_who_waits(run: Run, recorder: Recorder) -> None:
    with run.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE nodes RENAME TO lost")
    adds = (recorder.add(1, node) for node in numbered(50))
    answers = await together(*adds, return_exceptions=True)
    assert len(answers) == 50
    assert {type(answer) for answer in answers} == {StoreError}


async def test_after_an_error_the_recorder_writes_again(run: Run, recorder: Recorder) -> None:
    (node,) = numbered(1)
    with run.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE nodes RENAME TO lost")
    with pytest.raises(StoreError):
        await recorder.add(1, node)
    with run.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE lost RENAME TO nodes")
    assert await recorder.add(1, node) == node
    assert stored(run) == [node]


async def test_one_who_stops_waiting_holds_up_nobody(run: Run, recorder: Recorder) -> None:
    impatient, *others = (asyncio.create_task(recorder.add(1, node)) for node in numbered(20))
    await asyncio.wait([impatient], timeout=0)
    impatient.cancel()
    answers = await together(impatient, *others, return_exceptions=True)
    assert isinstance(answers[0], asyncio.CancelledError)
    assert answers[1:] == numbered(20)[1:]
