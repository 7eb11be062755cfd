"""A worker: one process that leases open trees of a run and grows many of them at a time."""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from agents.casting import Cast, cast
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
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "store"))

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
        leases = Leases(self.run)
        growing: dict[asyncio.Task[None], StoredTree] = {}
        heart = asyncio.create_task(self._beat(leases, growing))
        try:
            await self._grow_all(leases, growing)
        finally:
            tasks = [heart, *growing]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(Exception):
                await self._call(leases.release)
            self._thread.shutdown()

    async def _grow_all(
        self, leases: Leases, growing: dict[asyncio.Task[None], StoredTree]
    ) -> None:
        graph, recorder = build_graph(), Recorder(self.run, self._thread)
        limits: defaultdict[str, asyncio.Semaphore] = defaultdict(
            lambda: asyncio.Semaphore(self.concurrency)
        )
        refill = max(1, self.concurrency // 4)
        while True:
            room = self.concurrency - len(growing)
            claimed = await self._call(leases.claim, room, self.limit) if room >= refill else []
            for stored in claimed:
                scene = self._scene(stored, recorder, limits)
                growing[asyncio.create_task(self._grow(graph, scene, stored))] = stored
            if growing:
                timeout = None if claimed else _IDLE_SECONDS
                done, _ = await asyncio.wait(
                    growing, timeout=timeout, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done:
                    del growing[task]
                    task.result()
            elif await self._all_finished():
                return
            else:
                await asyncio.sleep(_IDLE_SECONDS)

    def _scene(
        self, stored: StoredTree, recorder: Recorder, limits: defaultdict[str, asyncio.Semaphore]
    ) -> Scene:
        async def save(node: Node) -> Node:
            return await recorder.add(stored.id, node)

        return Scene(stored.tree, self.cast, self.script, save, limits.__getitem__)

    async def _grow(self, graph: DialogueGraph, scene: Scene, stored: StoredTree) -> None:
        await grow(graph, scene)
        await self._call(self.run.finish, stored.id, stored.tree)

    async def _all_finished(self) -> bool:
        progress = await self._call(self.run.progress, self.limit)
        return progress.finished >= progress.trees

    async def _beat(self, leases: Leases, growing: dict[asyncio.Task[None], StoredTree]) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            sizes = {stored.id: len(stored.tree) for stored in growing.values()}
            await self._call(leases.beat, sizes)
            if self.parent is not None and os.getppid() != self.parent:
                os.kill(os.getpid(), signal.SIGTERM)

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))
