"""The batch runner: plans a run, starts its workers, shows how far they are, sums up."""

import asyncio
import sys
import time
from importlib.metadata import version

from rich.console import Console

from agents.casting import cast
from dialogues.command import DONE, FAILED
from dialogues.plain import plain
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import open_store
from graphs.expansion import load_policy
from graphs.processes import work_in_processes
from graphs.progress import watching
from graphs.simulate import FREE_ON_RESUME, Simulate
from graphs.summary import print_summary
from graphs.worker import Worker

_LIBRARIES = ("persona-grove", "langgraph", "langchain-core", "sqlalchemy", "pydantic")


def grow_batch(settings: Simulate) -> int:
    """Grow a run's trees as the settings say and print a summary; return the exit status."""
    console = Console(stderr=True)
    user = cast(settings.user, settings.inducer, settings.assistant, settings.judge).user
    load_policy(settings.expand)
    pool = settings.load_pool()
    possible = settings.cases(pool)
    cases = possible[: settings.limit]
    record = RunRecord(
        name=settings.run,
        config=settings.shaping(pool),
        judge=Spec.parse(settings.judge).name,
        system=settings.system,
        versions={name: version(name) for name in _LIBRARIES} | {"python": sys.version.split()[0]},
    )
    started = time.monotonic()
    with open_store(settings.store, create=True) as store:
        run = store.begin(record, FREE_ON_RESUME)
        run.plan(cases)
        if len(cases) < len(possible):
            console.print(f"growing {len(cases):,} of {len(possible):,} possible trees (--limit)")
        before = run.progress(len(cases))
        for remark in user.remarks([persona for persona, _ in cases]):
            console.print(plain(f"{settings.user}: {remark}", "yellow"))
        try:
            with watching(run, len(cases), console):
                _work(settings, run, len(cases))
        except KeyboardInterrupt:
            console.print(f"stopped; the same command goes on with {run.location}", markup=False)
            return FAILED
        finally:
            seconds = time.monotonic() - started
            progress = print_summary(run, len(cases), before, seconds, console)
    return DONE if progress.done else FAILED


def _work(settings: Simulate, run: Run, limit: int) -> None:
    if settings.workers == 1:
        asyncio.run(Worker.of(settings, run, limit).work())
    else:
        work_in_processes(settings, run, limit)
