"""One building of a pool: opens what it takes, fills both halves, says how it went."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version

from langchain_core.runnables import RunnableConfig
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agents.casting import Seated, seat
from agents.models.embedding import Embedder, open_embedder
from agents.models.reach import check_reach
from agents.models.stock import Models
from agents.seats import WRITER
from dialogues.command import DONE, FAILED
from dialogues.errors import GroveError
from dialogues.persona import Description, Kind
from dialogues.plain import plain
from dialogues.pool import KINDS, load_pool
from dialogues.spec import Spec
from graphs.personas.build import Build
from graphs.personas.distance import closest_across
from graphs.personas.index import Index, opened_index
from graphs.personas.loop import EXHAUSTED, FULL, SATURATED, Making, build_graph
from graphs.personas.shelf import BuildRecord, Shelf, building
from graphs.personas.source import Rows, open_rows
from graphs.personas.stats import print_made
from graphs.personas.workshop import Goal, Workshop

_LIBRARIES = ("persona-grove", "chromadb", "scikit-learn")
_WHY = {
    SATURATED: "hardly anything new comes any more: {rounds} rounds in a row brought less than "
    "{least:.0%} of what was asked for{because}; try another --writer, or a higher --threshold",
    EXHAUSTED: "{source} holds no more",
}


async def make_pool(build: Build) -> int:
    """Build a pool as the settings say and print a summary; return the exit status.

    Raises:
        GroveError: the settings name what is not there, or evaluation is too close to training.
    """
    console = Console(stderr=True)
    models = Models(build.models, build.calls)
    embedder = open_embedder(build.embedder, build.models)
    writers = {kind: _writer(build, kind, models) for kind in KINDS}
    record = _record(build, embedder, writers)
    seeds = {kind: _seeds(build, kind) for kind in KINDS}
    await check_reach(models)
    reasons = {}
    try:
        with building(build.out) as shelf, opened_index(build.out, embedder) as index:
            shelf.begin(record)
            for kind in KINDS:
                goal = _goal(build, shelf, kind)
                shop = Workshop(shelf, index, embedder, record, writers[kind], goal, build.calls)
                reasons[kind] = await _fill(shop, seeds[kind], console)
            _check_distance(shelf, index, record)
    finally:
        await models.close()
    print_made(shelf, console)
    for kind, reason in reasons.items():
        if reason != FULL:
            said = f"{KINDS[kind][0]}: {_why(build, shelf, kind, reason)}"
            console.print(plain(" ".join(said.split()), "yellow"), soft_wrap=True)
    if set(reasons.values()) != {FULL}:
        return FAILED
    console.print(
        f"{build.target:,} personas; grow their trees with\n  python -m graphs.simulate --store "
        f"runs/NAME.db --pool {build.out} --split train --per-profile {build.per_profile} "
        f"--limit {build.target}",
        markup=False,
        soft_wrap=True,
    )
    return DONE


async def _fill(shop: Workshop, seeds: list[Description], console: Console) -> str:
    kind = shop.goal.kind
    await shop.index.follow(kind, shop.shelf.halves[kind])
    await shop.admit_seeds(seeds)
    over = ""
    with _bar(shop, console) as show:
        rounds = build_graph().astream(
            Making(), RunnableConfig(recursion_limit=2**31 - 1), context=shop, stream_mode="values"
        )
        async for state in rounds:
            over = state.get("over", over)
            show()
    return over


@contextmanager
def _bar(shop: Workshop, console: Console) -> Iterator[Callable[[], None]]:
    name, wanted = KINDS[shop.goal.kind][0], sum(shop.goal.wanted.values())
    bar = Progress(
        TextColumn(f"{name:13}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        console=console,
    )
    task = bar.add_task("", total=wanted, told="")

    def show() -> None:
        told = f"{shop.rounds[-1].acceptance:.0%} of the last round was new" if shop.rounds else ""
        bar.update(task, completed=wanted - shop.missing, told=told)

    with bar:
        show()
        yield show


def _writer(build: Build, kind: Kind, models: Models) -> Seated:
    column = build.column(kind)
    if not column or not build.source:
        return seat(WRITER, build.writer, models)
    rows = open_rows(build.source, column)
    return Seated(WRITER, Spec("", f"from:{build.source}"), Rows(rows))


def _record(build: Build, embedder: Embedder, writers: dict[Kind, Seated]) -> BuildRecord:
    given = build.threshold
    return BuildRecord(
        embedder=embedder.name,
        thresholds={kind: given or embedder.thresholds[kind] for kind in KINDS},
        writers={kind: writer.spec.name for kind, writer in writers.items()},
        prompts={w.spec.name: w.prompt_hash for w in writers.values() if w.prompt_hash},
        seed=build.seed,
        language=build.language,
        versions={name: version(name) for name in _LIBRARIES},
    )


def _seeds(build: Build, kind: Kind) -> list[Description]:
    folder = build.seeds_of(kind)
    if folder is None:
        return []
    pool = load_pool(folder)
    halves = pool.profiles if kind == "profile" else pool.personalities
    return [half for half in halves if half.language == build.language]


def _goal(build: Build, shelf: Shelf, kind: Kind) -> Goal:
    wanted = build.wanted(kind)
    if not build.column(kind):
        return Goal(kind, wanted, build.least_acceptance, build.patience)
    since = sum(each.number > 0 for each in shelf.rounds_of(kind))
    return Goal(kind, wanted, build.least_acceptance, None, since)


def _check_distance(shelf: Shelf, index: Index, record: BuildRecord) -> None:
    for kind in KINDS:
        close = closest_across(shelf, index, kind)
        if close and close.similarity > record.thresholds[kind] + 1e-4:
            raise GroveError(
                f"the evaluation {kind} {close.one} and the training {kind} {close.other} are "
                f"{close.similarity:.2f} alike, more than the threshold; take one of them out of "
                f"{shelf.folder / KINDS[kind][0]}.jsonl"
            )


def _why(build: Build, shelf: Shelf, kind: Kind, reason: str) -> str:
    writer = shelf.record.writers[kind] if shelf.record else ""
    last = shelf.rounds_of(kind)[-build.patience :]
    lost = {
        "came not at all": sum(each.asked - each.written for each in last),
        "were no descriptions": sum(each.unfit for each in last),
        "were known": sum(each.known for each in last),
        "were too much alike": sum(each.near for each in last),
    }
    because = ", ".join(f"{count} {what}" for what, count in lost.items() if count)
    failures = sorted({name for each in last for name in each.failures})
    because += f"; {failures[0]}" if failures else ""
    return _WHY[reason].format(
        rounds=build.patience,
        least=build.least_acceptance,
        because=f" ({because})" if because else "",
        source=writer.removeprefix("from:"),
    )
