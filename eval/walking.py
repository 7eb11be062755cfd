"""Walking the stored trees of a run to add nodes to them, many trees at a time."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext

from agents.casting import Seated
from agents.models.stock import Models
from dialogues.node import Node
from dialogues.recorder import Recorder
from dialogues.records import StoredTree
from dialogues.run import Run
from graphs.filling import Filler

_TREES_AT_ONCE = 64


async def each_tree(
    run: Run,
    limit: int | None,
    work: Callable[[Filler], Awaitable[None]],
    models: Models,
    retry: bool,
    done: Callable[[], None],
) -> None:
    """Do `work` with a filler of each tree of a run; `done` is called after each.

    Args:
        run: whose trees.
        limit: only the first so many.
        work: fills slots of one tree.
        models: whose permits hold back agents that do not limit themselves.
        retry: ask again where an agent failed.
        done: counts.

    Raises:
        GroveError: the store failed, or an agent can never answer as it is configured.
    """
    seed = int(run.record.config.get("seed", 0))
    free = asyncio.Semaphore(_TREES_AT_ONCE)

    @asynccontextmanager
    async def permitted(seated: Seated) -> AsyncIterator[None]:
        permits = None if seated.limits_itself else models.permits(seated.spec.endpoint)
        async with permits or nullcontext():
            yield

    with ThreadPoolExecutor(1, "store") as thread:
        recorder = Recorder(run, thread)

        async def one(stored: StoredTree) -> None:
            async def save(node: Node) -> Node:
                return await recorder.add(stored.id, node)

            async with free:
                await work(Filler(stored.tree, seed, save, permitted, retry))
            done()

        tasks = [asyncio.create_task(one(stored)) for stored in run.planned_trees(limit)]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await recorder.flush()
