"""A worker: one process that leases open trees of a run and grows many of them at a time."""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, TypeVar

from agents.casting import Cast, cast
from dialogues.errors import StoreError
from dialogues.leases import HEARTBEAT_SECONDS, Leases
from dialogues.node import Node
from dialogues.recorder import Recorder
from dialogues.records import StoredTree
from dialogues.run import Run
from graphs.dialogue import DialogueGraph, build_graph
from graphs.expansion import load_policy
from graphs.growth import grow
from graphs.scene import Scene, Script
from graphs.simulate import Simulate

P = ParamSpec("P")
T = TypeVar("T")

_IDLE_SECONDS = 0.2


@dataclass
class Worker:
    """Grows the open trees of a run until there are none.

    Attributes:
        run: the run whose trees to grow.
        cast: who plays.
        script: turns, candidates, policy.
        limit: only the first so many trees of the run.
        concurrency: calls in flight per endpoint, and trees in flight.
        parent: process id of the supervisor; the worker stops when it is gone.
    """

    run: Run
    cast: Cast
    script: Script
    limit: int
    concurrency: int
    parent: int | None = None

    def __post_init__(self) -> None:
        """Prepare what the worker keeps while it works."""
        # One thread does all the store's work, so that it never blocks the agents' calls.
        self._thread = ThreadPoolExecutor(1, "store")
        self._recorder = Recorder(self.run, self._thread)
        self._leases = Leases(self.run)
        self._limits = defaultdict[str, asyncio.Semaphore](
            lambda: asyncio.Semaphore(self.concurrency)
        )
        self._growing: dict[asyncio.Task[None], StoredTree] = {}

    @classmethod
    def of(cls, settings: Simulate, run: Run, limit: int, parent: int | None = None) -> "Worker":
        """Make one of the workers `settings` ask for, with its share of the calls in flight."""
        return cls(
            run=run,
            cast=cast(settings.user, settings.inducer, settings.assistant, settings.judge),
            script=Script(
                turns=settings.turns,
                candidates=settings.candidates,
                policy=load_policy(settings.expand),
                width=settings.max_branches,
                seed=settings.seed,
                system=settings.system,
            ),
            limit=limit,
            concurrency=max(1, settings.concurrency // settings.workers),
            parent=parent,
        )

    async def work(self) -> None:
        """Grow trees until all are finished; when cancelled, give the leases back.

        Raises:
            GroveError: the store failed or the expansion policy did.
        """
        heart = asyncio.create_task(self._beat())
        try:
            await self._grow_all(heart)
        finally:
            tasks = [heart, *self._growing]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._recorder.flush()
            with suppress(StoreError):
                # What is stored, which may be a node more than the stopped dialogues know of.
                left = [stored.id for stored in self._growing.values()]
                await self._call(self._leases.beat, await self._call(self.run.load, left))
                await self._call(self._leases.release)
            self._thread.shutdown()

    async def _grow_all(self, heart: asyncio.Task[None]) -> None:
        graph = build_graph()
        refill = max(1, self.concurrency // 4)
        while True:
            room = self.concurrency - len(self._growing)
            if room >= refill:
                for stored in await self._call(self._leases.claim, room, self.limit):
                    self._growing[asyncio.create_task(self._grow(graph, stored))] = stored
            if not self._growing and await self._all_finished():
                return
            done, _ = await asyncio.wait(
                [heart, *self._growing], timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
                del self._growing[task]

    async def _grow(self, graph: DialogueGraph, stored: StoredTree) -> None:
        async def save(node: Node) -> Node:
            return await self._recorder.add(stored.id, node)

        limit = self._limits.__getitem__
        await grow(graph, Scene(stored.tree, self.cast, self.script, save, limit))
        await self._call(self.run.finish, stored.id, stored.tree)

    async def _all_finished(self) -> bool:
        progress = await self._call(self.run.progress, self.limit)
        return progress.finished >= progress.trees

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self._call(self._leases.beat, list(self._growing.values()))
            if self.parent is not None and os.getppid() != self.parent:
                os.kill(os.getpid(), signal.SIGTERM)

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))
