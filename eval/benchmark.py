"""A benchmark from its settings to its results: play, score, probe, read, write."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, nullcontext
from functools import partial

from rich.console import Console
from rich.progress import Progress

from agents.casting import MODEL_KINDS, Seated, cast, seat
from agents.models.reach import check_reach
from agents.models.stock import Models
from dialogues.command import DONE, FAILED
from dialogues.errors import GroveError, UsageError
from dialogues.node import ASSISTANT, JUDGE
from dialogues.plain import plain
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import Store, open_store
from eval.aloe import Aloe
from eval.playing import Dialogues, Played, dialogues_of, told_briefly
from eval.previous import refuse_other
from eval.probe import probe
from eval.protocol import PROTOCOLS
from eval.rehearsing import print_estimate
from eval.result import Result
from eval.scoring import Scoring
from eval.seen import refuse_seen
from eval.showing import show
from eval.stored import stored
from eval.suites import SUITES, refuse_unfit
from eval.summing import baseline_of, result_of
from eval.walking import each_tree
from eval.writing import check_writable, write
from graphs.batch import grow_batch
from graphs.connection import connected

_TOLD = 20
_ANOTHER = "take another --store"


def run_benchmark(settings: Aloe) -> int:
    """Run a benchmark as its settings say; return the exit status.

    Raises:
        UsageError: an agent, persona or store is not as it must be.
        GroveError: it was stopped before all dialogues were played.
    """
    console = Console(stderr=True)
    models = Models(settings.models, settings.concurrency, rehearsal=settings.dry_run)
    judges = _judges(settings, models)
    names = [seated.spec.name for seated in judges]
    planned = [] if settings.rescore else _planned(settings, judges, console)
    played = [one for _, one in planned] or stored(settings)
    baseline_of(settings, played)
    if settings.dry_run:
        return print_estimate(settings, [each for each, _ in planned], judges, console)
    location = settings.rescore or str(settings.store)
    refuse_other(settings.out, location, [one.run for one in played])
    asyncio.run(check_reach(models))
    check_writable(settings.out)
    with open_store(location, create=not settings.rescore) as store:
        _play_all(settings, [dialogues for dialogues, _ in planned], store)
        runs = [(one, store.run(one.run)) for one in played]
        asyncio.run(_ask(settings, judges, models, runs, console))
        result = result_of(settings, runs, names)
    write(result, settings.out)
    show(result, Console())
    _tell_missing(result, console)
    console.print(plain(f"results in {settings.out}"))
    return FAILED if result.missing else DONE


def _judges(settings: Aloe, models: Models) -> list[Seated]:
    protocol = PROTOCOLS[settings.protocol]
    judges = [seat(JUDGE, protocol.judge(each), models) for each in settings.judge]
    names = [seated.spec.name for seated in judges]
    if len(set(names)) < len(names):
        raise UsageError("--judge: the same one is named twice")
    return judges


def _tell_missing(result: Result, console: Console) -> None:
    for line in result.missing[:_TOLD]:
        console.print(plain(f"missing: {line}", "red"))
    if len(result.missing) > _TOLD:
        more = len(result.missing) - _TOLD
        console.print(f"and {more:,} more, all in result.json", style="red")


def _planned(
    settings: Aloe, judges: Sequence[Seated], console: Console
) -> list[tuple[Dialogues, Played]]:
    """Return what is to be played, once all that can be refused beforehand is looked at."""
    users = settings.user or [SUITES[settings.suite].user]
    found = []
    for user in users:
        for assistant in settings.assistants:
            dialogues = dialogues_of(settings, user, assistant)
            names = Spec.parse(user).name, Spec.parse(assistant).name
            found.append((dialogues, Played(*names, dialogues.run, assistant)))
    first = found[0][0]
    refuse_seen(settings.assistants, [case for case, _ in first.cases(first.load_pool())])
    trying = Models(settings.models, rehearsal=settings.dry_run)
    for dialogues, _ in found:
        cast(dialogues.user, dialogues.inducer, dialogues.assistant, [], trying)
    refuse_unfit(settings.suite, users, first.turns)
    _warn_of_kin(users, judges, console)
    return found


def _play_all(settings: Aloe, planned: Sequence[Dialogues], store: Store) -> None:
    cluster, location = settings.cluster, str(settings.store)
    # One connection for all assistants and users.
    with connected(cluster, location, settings.workers) if cluster else nullcontext():
        for dialogues in planned:
            _play(dialogues, store)


def _play(dialogues: Dialogues, store: Store) -> None:
    try:
        grow_batch(dialogues, told_briefly)
    except UsageError as error:
        # A benchmark names its runs itself.
        raise UsageError(str(error).replace("name a new run with --run", _ANOTHER)) from error
    far = store.run(dialogues.run).progress(dialogues.limit)
    if far.finished < far.trees:
        raise GroveError("stopped; the same command goes on with what is stored")


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
    retry, limit = settings.retry_failed, settings.limit
    async with AsyncExitStack() as stack:
        stack.push_async_callback(models.close)
        bar = stack.enter_context(Progress(console=console, transient=True))
        task = bar.add_task("scoring", total=sum(run.progress(limit).trees for _, run in played))
        for one, run in played:
            others = [stored.tree.persona for stored in run.planned_trees(limit)]
            scoring = Scoring(judges, PROTOCOLS[settings.protocol], settings.swap, others)
            advance = partial(bar.advance, task)
            await each_tree(run, limit, scoring.score, models, retry, advance)
            if settings.probe:
                seated = seat(ASSISTANT, one.asked, models)
                asking = partial(probe, seated=seated, system=run.record.system)
                await each_tree(run, limit, asking, models, retry, _nothing)


def _nothing() -> None:
    """Count nothing."""
