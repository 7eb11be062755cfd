"""A worker: one process that leases open trees of a run and grows many of them at a time."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

from agents.casting import Cast, Seated, cast
from agents.models.stock import Models
from dialogues.choice import verdict_chooser
from dialogues.errors import StoreError
from dialogues.leases import HEARTBEAT_SECONDS, Leases
from dialogues.node import Node
from dialogues.recorder import Recorder
from dialogues.records import StoredTree
from dialogues.run import Run
from graphs.brake import Brake
from graphs.budget import UNLIMITED, Budget
from graphs.dialogue import DialogueGraph, build_graph
from graphs.expansion import load_policy
from graphs.growth import grow
from graphs.scene import Scene, Script
from graphs.simulate import Simulate
from graphs.tracing import send_traces

P = ParamSpec("P")
T = TypeVar("T")

_IDLE_SECONDS = 0.2
_TREES_PER_CALL = 4
_COLLECT_AT = (10_000, 10, 10)


@dataclass
class Worker:
    """Grows the open trees of a run until there are none.

    Attributes:
        run: the run whose trees to grow.
        cast: who plays.
        script: turns, candidates, policy.
        limit: only the first so many trees of the run.
        trees_at_once: trees in flight.
        models: the models of the cast, closed when the work is done.
        budget: when to stop.
        retry: take up again what ended in a failure.
        parent: process id of the supervisor; the worker drains when it is gone.
        draining: it begins no further call; see `drain`.
    """

    run: Run
    cast: Cast
    script: Script
    limit: int
    trees_at_once: int
    models: Models = field(default_factory=Models)
    budget: Budget = UNLIMITED
    retry: bool = False
    parent: int | None = None
    draining: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Prepare what the worker keeps while it works."""
        # One thread does all the store's work, so that it never blocks the agents' calls.
        self._thread = ThreadPoolExecutor(1, "store")
        self._recorder = Recorder(self.run, self._thread)
        self._leases = Leases(self.run)
        self._brake = Brake()
        self._growing: dict[asyncio.Task[None], StoredTree] = {}

    @classmethod
    def of(cls, settings: Simulate, run: Run, limit: int, parent: int | None = None) -> "Worker":
        """Make one of the workers `settings` ask for, with its share of the calls in flight."""
        models = Models(settings.models, settings.concurrency, settings.workers)
        seated = cast(settings.user, settings.inducer, settings.assistant, settings.judge, models)
        endpoints = {agent.spec.endpoint for agent in seated if agent.limits_itself}
        # More trees than calls may be in flight: they queue for permits and come to their ends
        # together, so that the permits are in use to the last.
        at_once = settings.concurrency * max(1, _TREES_PER_CALL * len(endpoints))
        return cls(
            run=run,
            cast=seated,
            script=script_of(settings),
            limit=limit,
            models=models,
            trees_at_once=max(1, at_once // settings.workers),
            budget=settings.budget(),
            retry=settings.retry_failed,
            parent=parent,
        )

    async def work(self) -> None:
        """Grow trees until all are finished, the budget is spent or it is drained; free its leases.

        Raises:
            GroveError: the store failed or the expansion policy did.
        """
        self.models.prepare()
        heart = asyncio.create_task(self._beat())
        try:
            with _nothing_old_collected():
                await self._grow_all(heart)
        except BaseException:
            self.run.patience.end()
            raise
        finally:
            tasks = [heart, *self._growing]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._recorder.flush()
            await self.models.close()
            with suppress(StoreError):
                # What is stored, which may be a node more than the stopped dialogues know of.
                left = [stored.id for stored in self._growing.values()]
                await self._call(self._leases.beat, await self._call(self.run.load, left))
                await self._call(self._leases.release)
            self._thread.shutdown()
            send_traces()

    def drain(self) -> None:
        """Begin no further call; `work` ends when those in flight are finished and stored."""
        self.draining = True
        self._brake.pull()
        # Whoever is stopped does not wait for a server that is gone.
        self.run.patience.end()

    async def _grow_all(self, heart: asyncio.Task[None]) -> None:
        graph = build_graph()
        refill = max(1, self.trees_at_once // 4)
        while not (self.draining or await self._is_over_budget()):
            room = self.trees_at_once - len(self._growing)
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
        self._brake.pull()
        await self._brake.idle()

    async def _is_over_budget(self) -> bool:
        if not self.budget.limited:
            return False
        return bool(self.budget.exceeded(await self._call(self.run.spending)))

    @asynccontextmanager
    async def _limit(self, seated: Seated) -> AsyncIterator[None]:
        """Pass the brake, and where the agent does not do it itself, its endpoint's limit."""
        permits = None if seated.limits_itself else self.models.permits(seated.spec.endpoint)
        async with self._brake, permits or nullcontext():
            yield

    async def _grow(self, graph: DialogueGraph, stored: StoredTree) -> None:
        async def save(node: Node) -> Node:
            return await self._recorder.add(stored.id, node)

        scene = Scene(stored.tree, self.cast, self.script, save, self._limit, self.retry)
        await grow(graph, scene)
        await self._call(self._leases.finish, stored.id, stored.tree)

    async def _all_finished(self) -> bool:
        progress = await self._call(self.run.progress, self.limit)
        return progress.finished >= progress.trees

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await self._call(self._leases.beat, list(self._growing.values()))
            if self.parent is not None and os.getppid() != self.parent:
                self.drain()

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(function, *args, **kwargs))


def script_of(settings: Simulate) -> Script:
    """Return what `settings` say that all trees of a run have in common."""
    return Script(
        turns=settings.turns,
        candidates=settings.candidates,
        policy=load_policy(settings.expand),
        width=settings.max_branches,
        seed=settings.seed,
        system=settings.system,
        verdict=verdict_chooser(settings.verdict),
        may_leave=settings.may_leave,
    )


@contextmanager
def _nothing_old_collected() -> Iterator[None]:
    """Keep what is loaded by now out of Python's garbage collections, and make those rarer.

    Each full one would stop all dialogues for a quarter of a second to look through the libraries,
    and there would be one every second. A process that grows many runs can freeze for all of them.
    """
    thresholds, is_frozen = gc.get_threshold(), gc.get_freeze_count() > 0
    if not is_frozen:
        gc.collect()
        gc.freeze()
    gc.set_threshold(*_COLLECT_AT)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if not is_frozen:
            gc.unfreeze()
