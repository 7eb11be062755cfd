"""Workers on this machine: one in this process, or several that share the trees through leases."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from multiprocessing.context import SpawnProcess

from rich.console import Console

from dialogues.command import DONE, FAILED, reporting_errors
from dialogues.errors import GroveError, StoreError, StoreWarning
from dialogues.run import Run
from dialogues.store import open_store
from graphs.simulate import Simulate
from graphs.worker import Worker

Work = Callable[[Run, int, Console], None]
"""Lets a run's workers grow the first so many of its trees until all have ended.

At Ctrl-C they finish and store the calls in flight, at a second one they drop them; then it raises
KeyboardInterrupt.
"""

STOPPING = "stopping once the calls in flight are answered and stored; Ctrl-C again drops them"
_JOIN_SECONDS = 0.1
_STOP_SECONDS = 30.0


def work_here(settings: Simulate, run: Run, limit: int, console: Console) -> None:
    """Let one worker work in this process; see `Work`."""
    worker = Worker.of(settings, run, limit)
    told = until_told(worker, signal.SIGINT, lambda: console.print(STOPPING))
    if asyncio.run(told):
        raise KeyboardInterrupt


def work_in_processes(settings: Simulate, run: Run, limit: int, console: Console) -> None:
    """Let the workers work in processes of their own; see `Work`.

    Raises:
        GroveError: a worker failed, which has said why, and trees are left to grow.
    """
    processes = _start(settings, limit)
    try:
        _join(processes)
    except KeyboardInterrupt:
        console.print(STOPPING)
        for process in processes:
            process.terminate()
        _join(processes)
        raise
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(_STOP_SECONDS)
            process.kill()
    statuses = {process.exitcode for process in processes}
    far = run.progress(limit)
    if statuses != {DONE} and far.finished < far.trees:
        raise GroveError("a worker failed; the same command goes on from where it stopped")


async def until_told(worker: Worker, signum: signal.Signals, tell: Callable[[], None]) -> bool:
    """Let a worker work; the signal drains it, a second one drops the calls in flight.

    Returns:
        Whether it was told to stop.
    """
    loop, work = asyncio.get_running_loop(), asyncio.create_task(worker.work())

    def stop() -> None:
        if worker.draining:
            work.cancel()
        else:
            tell()
            worker.drain()

    # Signals reach the main thread only.
    if threading.current_thread() is threading.main_thread():
        loop.add_signal_handler(signum, stop)
    try:
        await work
    except (asyncio.CancelledError, StoreError):
        if not worker.draining:
            raise
    return worker.draining


def _start(settings: Simulate, limit: int) -> list[SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    arguments = (settings, limit, os.getpid())
    processes = [context.Process(target=_work, args=arguments) for _ in range(settings.workers)]
    # Ctrl-C reaches the whole process group; the workers inherit that they are to ignore it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for process in processes:
            process.start()
    finally:
        signal.signal(signal.SIGINT, before)
    return processes


def _join(processes: list[SpawnProcess]) -> None:
    while any(process.is_alive() for process in processes):
        for process in processes:
            process.join(_JOIN_SECONDS)


def _work(settings: Simulate, limit: int, parent: int) -> None:
    sys.exit(reporting_errors(lambda: asyncio.run(_work_until_told(settings, limit, parent))))


async def _work_until_told(settings: Simulate, limit: int, parent: int) -> int:
    # The supervisor tells it once, for all of its workers.
    warnings.simplefilter("ignore", StoreWarning)
    with open_store(settings.store) as store:
        worker = Worker.of(settings, store.run(settings.run), limit, parent)
        return FAILED if await until_told(worker, signal.SIGTERM, lambda: None) else DONE
