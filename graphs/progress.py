"""The progress display of a run: read from the store, so it covers all its workers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from dialogues.errors import GroveError
from dialogues.run import Run

_REFRESH_SECONDS = 0.5


@contextmanager
def watching(run: Run, limit: int, console: Console) -> Iterator[None]:
    """Show how far the first `limit` trees of `run` are while the body works."""
    bar = Progress(
        TextColumn("trees"),
        BarColumn(bar_width=10),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    stop = threading.Event()
    task = bar.add_task("", total=limit, told="")
    watcher = threading.Thread(target=_watch, args=(run, limit, bar, task, stop), daemon=True)
    with bar:
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()


def _watch(run: Run, limit: int, bar: Progress, task: TaskID, stop: threading.Event) -> None:
    stopped = False
    while not stopped:
        stopped = stop.wait(_REFRESH_SECONDS)
        try:
            far = run.progress(limit)
        except GroveError:
            # The worker meets the same error and ends the run with it.
            return
        told = f"{far.nodes:,} nodes · {far.pairs:,} pairs"
        if far.failures:
            told += f" · {far.failures:,} failed"
        if speed := bar.tasks[task].speed:
            told += f" · {speed:.1f}/s"
        bar.update(task, completed=far.finished, told=told)
