"""An audit of simulated users, from its settings to its results: read, check, measure, keep."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from rich.console import Console
from rich.progress import Progress

from agents.models.reach import check_reach
from agents.models.stock import Models
from agents.prompted.checker import PromptedChecker
from dialogues.audits import note_audit
from dialogues.command import DONE, FAILED
from dialogues.digest import digest
from dialogues.errors import UsageError
from dialogues.node import USER
from dialogues.plain import plain
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import open_store
from dialogues.tree import Tree
from eval.realism.casting import checker_of
from eval.realism.consistency import Checker, Outcome, check_all, consistency_of
from eval.realism.cooperation import cooperation_of
from eval.realism.diversity import diversity_of
from eval.realism.gate import Counts
from eval.realism.record import Audit, Consistency
from eval.realism.reference import compared, read_reference
from eval.realism.revelation import revelation_of
from eval.realism.showing import show, write
from eval.realism.talk import Talk, sampled, talk_of
from eval.simulator import Simulator
from eval.writing import check_writable

_MOST_FAILED = 0.1


@dataclass
class Heard:
    """What a run holds of one user."""

    talks: list[Talk] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


def run_audit(settings: Simulator) -> int:
    """Audit the users of a run; return the exit status.

    Raises:
        UsageError: the store, the reference or the checker is not as it must be.
    """
    console = Console(stderr=True)
    if settings.out:
        check_writable(settings.out)
    people = read_reference(settings.reference) if settings.reference else []
    models = Models(settings.models, settings.concurrency)
    checker = checker_of(settings.judge, models)
    asyncio.run(check_reach(models))
    with open_store(settings.store) as store:
        run = store.run(settings.run)
        audits = _audits(settings, run, checker, models, people, console)
        failed = [audit for audit in audits if _mostly_failed(audit.consistency)]
        for audit in audits:
            if audit not in failed:
                note_audit(run, "simulator", audit.user, audit.model_dump(mode="json"))
    for audit in audits:
        show(audit, Console())
    if settings.out:
        write(audits, settings.out)
        console.print(plain(f"results in {settings.out}"))
    for audit in failed:
        one = audit.consistency
        told = f"{audit.user}: {one.failures:,} of {one.checks:,} checks failed, more than a tenth"
        console.print(plain(f"{told}; not kept with the run", "red"))
    return FAILED if failed else DONE


def _audits(
    settings: Simulator,
    run: Run,
    checker: Checker,
    models: Models,
    people: Sequence[Talk],
    console: Console,
) -> list[Audit]:
    seed = settings.seed
    heard, seen = _heard(run, seed)
    talks = {user: sampled(each.talks, settings.sample, seed) for user, each in heard.items()}
    outcomes = asyncio.run(_check(settings, talks, checker, models, console))
    people = sampled(people, settings.sample, seed)
    name = settings.reference.name if settings.reference else ""
    by = Spec.parse(settings.judge).name if settings.judge else "rules"
    prompts = checker.hashes if isinstance(checker, PromptedChecker) else {}
    return [
        Audit(
            user=user,
            run=settings.run,
            digest=seen,
            seed=seed,
            dialogues=len(each),
            of=len(heard[user].talks),
            consistency=consistency_of(each, outcomes[user], by, prompts, seed),
            revelation=revelation_of(each, seed),
            diversity=diversity_of(each, seed),
            cooperation=cooperation_of(each, seed),
            gate=heard[user].counts.gate(),
            reference=compared(each, people, name, seed) if people else None,
        )
        for user, each in talks.items()
    ]


def _heard(run: Run, seed: int) -> tuple[dict[str, Heard], str]:
    """Read what each user of a run said, and the run's digest.

    Raises:
        UsageError: nobody spoke.
    """
    turns = int(run.record.config.get("turns", 0))
    found: dict[str, Heard] = {}

    def listening() -> Iterator[Tree]:
        for tree in run.trees():
            for user in sorted({node.spec for node in tree if node.seat == USER}):
                found.setdefault(user, Heard()).counts.add(tree, user)
            if talk := talk_of(tree, turns, seed):
                found[talk.user].talks.append(talk)
            yield tree

    # A run is long to read, so that it is read once for both.
    seen = digest(listening())
    if not found:
        raise UsageError(
            f"run {run.record.name!r} of {run.location} holds no message of a user; grow it with "
            "python -m graphs.simulate"
        )
    return found, seen


async def _check(
    settings: Simulator,
    talks: dict[str, list[Talk]],
    checker: Checker,
    models: Models,
    console: Console,
) -> dict[str, list[list[Outcome]]]:
    models.prepare()
    found = {}
    try:
        with Progress(console=console, transient=True) as bar:
            task = bar.add_task("checking", total=sum(map(len, talks.values())))
            advance = partial(bar.advance, task)
            for user, each in talks.items():
                found[user] = await check_all(
                    each, checker, settings.seed, settings.concurrency, advance
                )
    finally:
        await models.close()
    return found


def _mostly_failed(one: Consistency) -> bool:
    return one.failures > _MOST_FAILED * one.checks
