"""Worker processes: each opens the store for itself and shares the open trees through leases."""

import asyncio
import multiprocessing
import os
import signal
import sys
import warnings
from multiprocessing.context import SpawnProcess

from dialogues.command import DONE, FAILED, reporting_errors
from dialogues.errors import GroveError, StoreWarning
from dialogues.run import Run
from dialogues.store import open_store
from graphs.simulate import Simulate
from graphs.worker import Worker

_JOIN_SECONDS = 0.1
_STOP_SECONDS = 30.0


def work_in_processes(settings: Simulate, run: Run, limit: int) -> None:
    """Run the settings' workers in processes of their own until all have ended.

    Ctrl-C stops them after the calls they have stored; their leases are given back.

    Raises:
        GroveError: a worker failed, which has said why, and trees are left to grow.
    """
    processes = _start(settings, limit)
    try:
        while any(process.is_alive() for process in processes):
            for process in processes:
                process.join(_JOIN_SECONDS)
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


def _start(settings: Simulate, limit: int) -> list[SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    arguments = (settings.model_dump_json(), limit, os.getpid())
    processes = [context.Process(target=_work, args=arguments) for _ in range(settings.workers)]
    # Ctrl-C reaches the whole process group; the workers inherit that they are to ignore it.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for process in processes:
            process.start()
    finally:
        signal.signal(signal.SIGINT, before)
    return processes


def _work(settings_json: str, limit: int, parent: int) -> None:
    settings = Simulate.model_validate_json(settings_json)
    sys.exit(reporting_errors(lambda: asyncio.run(_work_until_told(settings, limit, parent))))


async def _work_until_told(settings: Simulate, limit: int, parent: int) -> int:
    # The supervisor tells it once, for all of its workers.
    warnings.simplefilter("ignore", StoreWarning)
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        with open_store(settings.store) as store:
            await Worker.of(settings, store.run(settings.run), limit, parent).work()
    except asyncio.CancelledError:
        return FAILED
    return DONE
