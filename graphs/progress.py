"""The progress display of a run: read from the store, so it covers all its workers."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

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

from agents.models.prices import Prices
from dialogues.errors import GroveError
from dialogues.run import Run
from graphs.budget import Spent

_REFRESH_SECONDS = 0.5


@contextmanager
def watching(run: Run, limit: int, prices: Prices, console: Console) -> Iterator[None]:
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
    show = partial(_show, run, limit, bar, task, Rates(run, prices))
    watcher = threading.Thread(target=_watch, args=(show, stop), daemon=True)
    with bar:
        watcher.start()
        try:
            yield
        except BaseException:
            run.patience.end()
            raise
        finally:
            stop.set()
            watcher.join()


class Rates:
    """What the models of a run do per second, and have cost."""

    def __init__(self, run: Run, prices: Prices) -> None:
        """Count from what the run has taken by now."""
        self._run, self._prices = run, prices
        self._before, self._since = self._spent(), time.monotonic()

    def told(self) -> str:
        """Say calls and tokens per second and the cost so far; nothing where no model is."""
        spent = self._spent()
        if not spent.calls:
            return ""
        seconds = max(time.monotonic() - self._since, 1e-3)
        calls, tokens = spent.calls - self._before.calls, spent.tokens - self._before.tokens
        cost = "" if spent.unpriced else f" · ${spent.cost:,.2f}"
        return f" · {calls / seconds:,.1f} calls/s · {tokens / seconds:,.0f} tok/s{cost}"

    def _spent(self) -> Spent:
        return Spent.of(self._run.spending(), self._prices)


def _watch(show: Callable[[], None], stop: threading.Event) -> None:
    stopped = False
    while not stopped:
        stopped = stop.wait(_REFRESH_SECONDS)
        try:
            show()
        except GroveError:
            # The worker meets the same error and ends the run with it.
            return


def _show(run: Run, limit: int, bar: Progress, task: TaskID, rates: Rates) -> None:
    far = run.progress(limit)
    told = f"{far.nodes:,} nodes · {far.pairs:,} pairs"
    if far.failures:
        told += f" · {far.failures:,} failed"
    if speed := bar.tasks[task].speed:
        told += f" · {speed:.1f}/s"
    bar.update(task, completed=far.finished, told=told + rates.told())
