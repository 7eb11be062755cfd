"""A benchmark from its settings to its results: play, score, probe, read, write."""

import asyncio
from collections.abc import Sequence
from functools import partial

from rich.console import Console
from rich.progress import Progress

from agents.casting import MODEL_KINDS, Seated, seat
from agents.models.reach import check_reach
from agents.models.stock import Models
from dialogues.command import DONE, FAILED
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, JUDGE
from dialogues.plain import plain
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import Store, open_store
from eval.aloe import Aloe
from eval.playing import Dialogues, Played, run_name, told_briefly
from eval.probe import probe
from eval.protocol import PROTOCOLS
from eval.scoring import Scoring
from eval.seen import refuse_seen
from eval.showing import show
from eval.suites import SUITES
from eval.summing import result_of
from eval.walking import each_tree
from eval.writing import write
from graphs.batch import grow_batch


def run_benchmark(settings: Aloe) -> int:
    """Run a benchmark as its settings say; return the exit status.

    Raises:
        UsageError: an agent, persona or store is not as it must be.
    """
    console = Console(stderr=True)
    protocol = PROTOCOLS[settings.protocol]
    models = Models(settings.models, settings.concurrency)
    judges = [seat(JUDGE, protocol.judge(each), models) for each in settings.judge]
    names = [seated.spec.name for seated in judges]
    if len(set(names)) < len(names):
        raise UsageError("--judge: the same one is named twice")
    with open_store(settings.rescore or str(settings.store), create=not settings.rescore) as store:
        played = _stored(store, settings) if settings.rescore else _play(settings, judges, console)
        runs = [(one, store.run(one.run)) for one in played]
        asyncio.run(check_reach(models))
        asyncio.run(_ask(settings, judges, models, runs, console))
        result = result_of(settings, runs, names)
    write(result, settings.out)
    show(result, Console())
    for line in result.missing[:20]:
        console.print(plain(f"missing: {line}", "red"))
    if len(result.missing) > 20:
        console.print(f"and {len(result.missing) - 20:,} more, all in result.json", style="red")
    console.print(plain(f"results in {settings.out}"))
    return FAILED if result.missing else DONE


def dialogues_of(settings: Aloe, user: str, assistant: str) -> Dialogues:
    """Return the settings under which an assistant talks with a user."""
    suite, own = SUITES[settings.suite], settings.pool or settings.profiles
    hinted = Spec.parse(assistant).role == "hinted"
    return Dialogues(
        store=str(settings.store),
        run=run_name(settings.suite, user, assistant),
        suite=settings.suite,
        by_profile=PROTOCOLS[settings.protocol].by_profile,
        pool=settings.pool if own else suite.pool,
        profiles=settings.profiles,
        personalities=settings.personalities,
        split="all" if settings.profiles else suite.split,
        per_profile=settings.per_profile,
        limit=settings.cases,
        turns=settings.turns or suite.turns,
        user=user,
        inducer=settings.inducer if hinted else "",
        assistant=[assistant],
        system=settings.system,
        seed=settings.seed,
        concurrency=settings.concurrency,
        sampling=settings.models.sampling,
        endpoints=settings.endpoints,
        prompts=settings.prompts,
        overflow=settings.overflow,
        retry_failed=settings.retry_failed,
    )


def _play(settings: Aloe, judges: Sequence[Seated], console: Console) -> list[Played]:
    users = settings.user or [SUITES[settings.suite].user]
    pairs = [(user, assistant) for user in users for assistant in settings.assistants]
    planned = [dialogues_of(settings, *pair) for pair in pairs]
    first = planned[0]
    refuse_seen(settings.assistants, [case for case, _ in first.cases(first.load_pool())])
    _warn_of_kin(users, judges, console)
    for dialogues in planned:
        grow_batch(dialogues, told_briefly)
    return [
        Played(Spec.parse(user).name, Spec.parse(assistant).name, dialogues.run)
        for (user, assistant), dialogues in zip(pairs, planned, strict=True)
    ]


def _stored(store: Store, settings: Aloe) -> list[Played]:
    """Return what a store holds of the suite.

    Raises:
        UsageError: nothing.
    """
    records = [run.record for run in store.runs()]
    found = [
        Played(record.config["user"], record.config["assistant"][0], record.name)
        for record in records
        if record.config.get("suite") == settings.suite
    ]
    if not found:
        raise UsageError(
            f"--rescore {settings.rescore}: no dialogues of --suite {settings.suite} there; play "
            "them with --store"
        )
    return found


def _warn_of_kin(users: Sequence[str], judges: Sequence[Seated], console: Console) -> None:
    kin = {Spec.parse(user).model for user in users} & {seated.spec.model for seated in judges}
    for model in sorted(model for model in kin if model.partition(":")[0] in MODEL_KINDS):
        told = f"warning: {model} is both user and judge: it may favour what it said itself"
        console.print(plain(told, "yellow"))


async def _ask(
    settings: Aloe,
    judges: Sequence[Seated],
    models: Models,
    played: Sequence[tuple[Played, Run]],
    console: Console,
) -> None:
    """Ask the judges, and the assistants for their beliefs, where they were not asked yet."""
    models.prepare()
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task("scoring", total=sum(run.progress().trees for _, run in played))
        for one, run in played:
            others = [tree.persona for tree in run.trees()]
            scoring = Scoring(judges, PROTOCOLS[settings.protocol], settings.swap, others)
            advance = partial(bar.advance, task)
            await each_tree(run, scoring.score, models, settings.retry_failed, advance)
            if settings.probe:
                seated = seat(ASSISTANT, one.assistant, models)
                asking = partial(probe, seated=seated)
                await each_tree(run, asking, models, settings.retry_failed, _nothing)
    await models.close()


def _nothing() -> None:
    """Count nothing."""
