"""Workers on a Ray cluster: the runners of `processes`, on as many machines as it has.

Ray starts them, and starts them again elsewhere where one is lost; no more. Which tree is whose is
settled by the leases in the store, so what a lost one leaves behind the others take up.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from rich.console import Console

from agents.models.settings import DEFAULT
from dialogues.errors import GroveError, UsageError
from dialogues.plain import plain
from dialogues.run import Run
from graphs.connection import ANSWER_SECONDS, LOCAL, connected
from graphs.processes import STOPPING, Work
from graphs.runner import Runner, this_grove
from graphs.simulate import Simulate

# Machines may be lost often in a long run; what kills every process that takes it up, less often.
_RESTARTS = 100
_START_SECONDS = 120.0
_MISSING = re.compile(r"(?:ModuleNotFound|Import|Attribute)Error: .+")


@contextmanager
def on_cluster(settings: Simulate, console: Console) -> Iterator[Work]:
    """Start the settings' workers on their cluster, and yield what lets them work.

    Raises:
        UsageError: Ray or the cluster is missing or full, or a worker cannot work; nothing is
            begun.
    """
    where = settings.cluster or LOCAL
    with ExitStack() as stack:
        with console.status(f"waiting for the workers (--cluster {where})"):
            ray = stack.enter_context(connected(where, settings.store, settings.workers))
            crew = Crew(ray, settings)
            stack.callback(crew.leave)
            crew.look(console)
        yield crew.work


class Crew:
    """The workers of a run on the cluster this process is connected to."""

    def __init__(self, ray: Any, settings: Simulate) -> None:
        """Start them, each on a core of its own; those for which there is none come later."""
        self._ray = ray
        kind = ray.remote(num_cpus=1, max_restarts=_RESTARTS, max_task_retries=-1)(Runner)
        spread = kind.options(scheduling_strategy="SPREAD")
        self._runners = [spread.remote() for _ in range(settings.workers)]
        # A server named by a variable here would be another one where that is not set.
        endpoints = {DEFAULT: settings.models.endpoint(""), **settings.endpoints}
        self._told = (settings.model_copy(update={"endpoints": endpoints}), this_grove())

    def look(self, console: Console) -> None:
        """Wait until the workers are there and have looked whether they can work.

        Raises:
            UsageError: one cannot, or there is room for none.
        """
        looks = [runner.look.remote(*self._told) for runner in self._runners]
        cores = int(self._ray.cluster_resources().get("CPU", 0))
        awaited = max(1, min(cores, len(looks)))
        there, _ = self._ray.wait(looks, num_returns=awaited, timeout=_START_SECONDS)
        for look in there:
            if failure := self._failure(look):
                raise UsageError(str(failure))
        told = f"{len(there)} of {len(looks)} workers have begun, each takes a core"
        if not there:
            raise UsageError(
                f"{told}: after {_START_SECONDS:.0f} s the cluster has {cores}, and none is free; "
                "free some, or let more machines join it (ray start --address …)"
            )
        if len(there) < len(looks):
            told += "; the others begin when the cluster has one for them"
            console.print(told, soft_wrap=True)

    def work(self, run: Run, limit: int, console: Console) -> None:
        """Let the workers work; see `Work`.

        Raises:
            GroveError: a worker failed, and trees are left to grow.
        """
        going = [runner.work.remote(*self._told, limit) for runner in self._runners]
        try:
            failures = self._first_end(going, console)
            self._drain(going)
        except KeyboardInterrupt:
            console.print(STOPPING)
            try:
                self._drain(going)
            except KeyboardInterrupt:
                self._drop(going)
            raise
        far = run.progress(limit)
        if failures and far.finished < far.trees:
            raise failures[-1]

    def leave(self) -> None:
        """End the workers' processes."""
        for runner in self._runners:
            self._ray.kill(runner)

    def _first_end(self, going: list[Any], console: Console) -> list[GroveError]:
        """Wait until one has ended well, for then there is no more to do, or all have failed."""
        failures: list[GroveError] = []
        while going:
            (ended, *_), going = self._ray.wait(going)
            failure = self._failure(ended)
            if failure is None:
                break
            failures.append(failure)
            console.print(plain(f"a worker failed: {failure}", "yellow"))
        return failures

    def _drain(self, going: list[Any]) -> None:
        """Let the workers end in their own time; who does not hear it has nothing in flight."""
        told = [runner.drain.remote() for runner in self._runners]
        heard, _ = self._ray.wait(told, num_returns=len(told), timeout=ANSWER_SECONDS)
        ending = [work for word, work in zip(told, going, strict=True) if word in heard]
        if ending:
            self._ray.wait(ending, num_returns=len(ending))

    def _drop(self, going: list[Any]) -> None:
        """Let the workers drop the calls in flight and free their trees."""
        for work in going:
            self._ray.cancel(work)
        self._ray.wait(going, num_returns=len(going), timeout=ANSWER_SECONDS)

    def _failure(self, ended: Any) -> GroveError | None:
        errors = self._ray.exceptions
        try:
            self._ray.get(ended)
        except errors.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, GroveError):
                return cause
            return GroveError(f"{type(cause).__name__}: {cause}")
        except errors.RayError as error:
            # Of all the traces it comes with, this line says what is missing there.
            if missing := _MISSING.findall(str(error)):
                mend = "install the same Grove and packages on every machine"
                return GroveError(f"{missing[-1]}; {mend}")
            first = str(error).partition("\n")[0]
            return GroveError(f"{first}; the same command goes on from where it stopped")
        return None
