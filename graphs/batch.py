"""The batch runner: plans a run, starts its workers, shows how far they are, sums up."""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from typing import NamedTuple

from rich.console import Console

from agents.casting import Cast, Seated, cast
from agents.models.prices import Prices
from agents.models.reach import check_reach
from agents.models.stock import Models
from agents.prompted.prompts import JOINT, Prompt, load_prompts
from dialogues.command import DONE, FAILED
from dialogues.errors import GroveError, StoreError, UsageError
from dialogues.node import USER
from dialogues.persona import Persona
from dialogues.plain import plain
from dialogues.records import Progress, RunRecord
from dialogues.run import Run
from dialogues.store import open_store
from graphs.budget import Budget
from graphs.cluster import on_cluster
from graphs.expansion import load_policy
from graphs.processes import Work, work_here, work_in_processes
from graphs.progress import watching
from graphs.rehearsal import print_estimate
from graphs.simulate import FREE_ON_RESUME, Simulate
from graphs.summary import print_summary

_LIBRARIES = (
    "persona-grove",
    "langgraph",
    "langchain-core",
    "langchain-openai",
    "sqlalchemy",
    "pydantic",
)


class Plan(NamedTuple):
    """Who plays, which trees are to grow, and how many there could be."""

    cast: Cast
    record: RunRecord
    cases: list[tuple[Persona, int]]
    possible: int


Summary = Callable[[Run, int, Progress, float, Prices, Console], Progress]
"""Prints what a run came to, from how far it was before and how long it took; see `summary`."""


def grow_batch(settings: Simulate, summary: Summary = print_summary) -> int:
    """Grow a run's trees as the settings say and print a summary; return the exit status."""
    console = Console(stderr=True)
    load_policy(settings.expand)
    models = Models(settings.models, rehearsal=settings.dry_run)
    plan = _plan(settings, models)
    if settings.dry_run:
        return print_estimate(settings, plan.cast, plan.cases, console)
    budget = settings.budget()
    if budget.cost is not None:
        budget.prices.check([one.spec.name for one in plan.cast if one.limits_itself])
    with (
        _workers(settings, models, console) as work,
        open_store(settings.store, create=True) as store,
    ):
        run = store.begin(plan.record, FREE_ON_RESUME)
        run.plan(plan.cases)
        if settings.retry_failed:
            failed = run.reopen_failed(len(plan.cases))
            again = f"taking up {failed:,} failed trees again"
            console.print(again if failed else "no failed trees to take up")
        _print_remarks(settings, plan, console)
        try:
            return _grow(work, run, len(plan.cases), budget, console, summary)
        except (UsageError, StoreError) as error:
            # What is grown by now is kept, however wrong the settings are: no wrong usage any more.
            mended = f"once that is mended, the same command goes on with {run.location}"
            raise GroveError(f"{error}; {mended}") from error


@contextmanager
def _workers(settings: Simulate, models: Models, console: Console) -> Iterator[Work]:
    """Look whether the servers answer where the workers will be; yield what lets those work."""
    if settings.cluster:
        with on_cluster(settings, console) as work:
            yield work
    else:
        asyncio.run(check_reach(models))
        yield partial(work_here if settings.workers == 1 else work_in_processes, settings)


def _grow(
    work: Work, run: Run, limit: int, budget: Budget, console: Console, summary: Summary
) -> int:
    started, before, stopped = time.monotonic(), run.progress(limit), ""
    try:
        with watching(run, limit, budget.prices, console):
            work(run, limit, console)
        stopped = budget.exceeded(run.spending())
    except KeyboardInterrupt:
        stopped = "stopped"
    finally:
        seconds = time.monotonic() - started
        far = summary(run, limit, before, seconds, budget.prices, console)
    if stopped and far.finished < far.trees:
        larger = " with a larger one" * stopped.startswith("--budget")
        console.print(
            f"{stopped}; the same command{larger} goes on with {run.location}", markup=False
        )
        return FAILED
    return DONE if far.done else FAILED


def _plan(settings: Simulate, models: Models) -> Plan:
    load_prompts(settings.prompts)
    seated = cast(settings.user, settings.inducer, settings.assistant, settings.judge, models)
    asked = _prompts_of(settings, seated)
    hashes = {f"{one.seat} {one.spec.name}": prompt.hash for one, prompt in asked}
    pool = settings.load_pool()
    possible = settings.cases(pool)
    record = RunRecord(
        name=settings.run,
        config={**settings.shaping(pool), "prompts": hashes},
        judge=settings.verdict,
        system=settings.system,
        versions={name: version(name) for name in _LIBRARIES} | {"python": sys.version.split()[0]},
        prompts=hashes,
    )
    return Plan(seated, record, possible[: settings.limit], len(possible))


def _print_remarks(settings: Simulate, plan: Plan, console: Console) -> None:
    if len(plan.cases) < plan.possible:
        console.print(f"growing {len(plan.cases):,} of {plan.possible:,} possible trees (--limit)")
    for remark in plan.cast.user.remarks([persona for persona, _ in plan.cases]):
        console.print(plain(f"{settings.user}: {remark}", "yellow"))
    if unused := _unused_prompts(settings, plan):
        told = f"--prompts {settings.prompts}: no seat of this run is asked with {unused}"
        console.print(plain(told, "yellow"))
    for remark in _entanglements(plan.cast):
        console.print(plain(f"warning: {remark}", "yellow"))


def _prompts_of(settings: Simulate, seated: Cast) -> list[tuple[Seated, Prompt]]:
    """Return who is asked with which prompt; a user who may not leave has another one."""
    staying = None if settings.may_leave else load_prompts(settings.prompts)["staying"]
    asked = [(one, staying if staying and one.seat == USER else one.prompt) for one in seated]
    return [(one, prompt) for one, prompt in asked if one.prompt and prompt]


def _unused_prompts(settings: Simulate, plan: Plan) -> str:
    if settings.prompts is None:
        return ""
    asked = _prompts_of(settings, plan.cast)
    asked_with = {name for _, prompt in asked for name in prompt.name.split(JOINT)}
    files = sorted(settings.prompts.glob("*.yaml"))
    return ", ".join(path.name for path in files if path.stem not in asked_with)


def _entanglements(seated: Cast) -> list[str]:
    """Say where a model judges itself."""
    found = []
    for model in dict.fromkeys(one.spec.model for one in seated.judges if one.limits_itself):
        same = ["the user"] * (seated.user.spec.model == model)
        same += ["a candidate"] * any(one.spec.model == model for one in seated.assistants)
        if same:
            who = " and ".join(same)
            found.append(f"the judge is the same model as {who} ({model}): it may favour its kind")
    return found
