"""What a pool is like: how big, how varied, how it came about, and who is too much alike."""

import asyncio
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from pydantic import Field
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.table import Table

from agents.models.settings import Endpoint, ModelSettings
from agents.scripted.temperament import OPPOSITES, temperament_of
from agents.scripted.topics import topic_of
from dialogues.command import DONE, Command
from dialogues.persona import Description, Kind, Personality
from dialogues.plain import plain
from dialogues.pool import KINDS
from graphs.personas.distance import Close, closest_across, nearest_others
from graphs.personas.opened import Opened, opened_pool
from graphs.personas.shelf import Round, Shelf

_BINS, _WIDTH = np.linspace(0, 1, 21), 40
_ROUNDS_SHOWN = 12


class Stats(Command):
    """Show what a pool is like: size, acceptance, variety, coverage, closest pairs.

    The nearest-neighbour histograms are also written to POOL/neighbours.png.
    """

    pool: CliPositionalArg[Path] = Field(description="folder of the pool")
    closest: int = Field(default=3, ge=0, description="closest pairs to show, of each kind")
    picture: Path | None = Field(
        default=None, description="where to write the picture; default: in the pool's folder"
    )
    embedder: str | None = Field(
        default=None, description="the pool's embedder, where it needs an @ENDPOINT"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={}, description="servers by name, in the --config file"
    )

    def execute(self) -> int:
        """Print the figures and write the picture."""
        return asyncio.run(self._show())

    async def _show(self) -> int:
        # Imported here: it takes a second, and nothing else of a pool needs it.
        from graphs.personas.picture import draw

        console = Console()
        async with opened_pool(
            self.pool, self.embedder, ModelSettings(endpoints=self.endpoints)
        ) as opened:
            print_made(opened.shelf, console)
            neighbours = {}
            for kind in KINDS:
                if opened.shelf.halves[kind]:
                    neighbours[kind] = _show_kind(opened, kind, self.closest, console)
        if not self.picture and not os.access(self.pool, os.W_OK):
            return DONE
        if neighbours:
            path = self.picture or self.pool / "neighbours.png"
            record = opened.shelf.record
            draw(neighbours, record.thresholds if record else {}, path)
            console.print(f"nearest-neighbour histograms: {path}", markup=False)
        return DONE


def print_made(shelf: Shelf, console: Console) -> None:
    """Print how many there are, and what became of all that was written for the pool."""
    table = Table("", *(name for name, _ in KINDS.values()), title="pool", title_justify="left")
    columns = [_figures(shelf, kind) for kind in KINDS]
    for name in columns[0]:
        table.add_row(name, *(f"{figures[name]:,}" for figures in columns))
    console.print(table)
    failures = Counter[str]()
    for each in shelf.rounds:
        failures.update(each.failures)
    for failure, count in failures.most_common(3):
        console.print(plain(f"  {count} × {failure}", "red"))


def _figures(shelf: Shelf, kind: Kind) -> dict[str, int]:
    rounds = shelf.rounds_of(kind)
    return {
        "to train on": shelf.count(kind, "train"),
        "for evaluation": shelf.count(kind, "eval"),
        "rounds": sum(each.number > 0 for each in rounds),
        "texts written": sum(each.written for each in rounds),
        "of them new": sum(each.admitted + each.surplus for each in rounds),
        "too much alike": sum(each.near for each in rounds),
        "known already": sum(each.known for each in rounds),
        "no description": sum(each.unfit for each in rounds),
        "failed calls": sum(sum(each.failures.values()) for each in rounds),
        "tokens": sum(each.tokens for each in rounds),
    }


def distinct(texts: Iterable[str], size: int) -> float:
    """Return the share of different n-grams of words among all (Li et al. 2016, distinct-n)."""
    grams = [
        gram
        for words in (text.lower().split() for text in texts)
        for gram in zip(*(words[at:] for at in range(size)), strict=False)
    ]
    return len(set(grams)) / len(grams) if grams else 0.0


def coverage(kind: Kind, halves: Sequence[Description]) -> dict[str, float]:
    """Return for each side of life, or dimension of manner, the share of texts that touch it."""
    touched = Counter(name for half in halves for name in _touched(kind, half))
    return {name: count / len(halves) for name, count in touched.most_common()}


def _touched(kind: Kind, half: Description) -> set[str]:
    if kind == "profile":
        return {topic_of(clause.text).name for clause in half.clauses} - {"other"}
    assert isinstance(half, Personality)
    poles = temperament_of(half)
    return {f"{one}/{other}" for one, other in OPPOSITES.items() if {one, other} & poles}


def _show_kind(opened: Opened, kind: Kind, shown: int, console: Console) -> list[float]:
    shelf, halves = opened.shelf, opened.shelf.halves[kind]
    ids, texts = list(halves), [half.text for half in halves.values()]
    close = nearest_others(ids, opened.index.vectors(kind, ids))
    similarities = [each.similarity for each in close]
    console.rule(f"[bold]{KINDS[kind][0]}", align="left")
    _print_rounds(shelf.rounds_of(kind), console)
    variety = ", ".join(f"distinct-{size} {distinct(texts, size):.2f}" for size in (1, 2, 3))
    console.print(f"variety: {variety}", highlight=False)
    told = ", ".join(
        f"{name} {share:.0%}" for name, share in coverage(kind, [*halves.values()]).items()
    )
    console.print(f"coverage: {told}", highlight=False)
    across = closest_across(shelf, opened.index, kind)
    if across:
        console.print(f"evaluation to training: at most {across.similarity:.3f} alike")
    _print_histogram(similarities, console)
    for each in _pairs(close)[:shown]:
        console.print(f"closest: {each.similarity:.3f}", style="bold")
        console.print(plain(f"  {halves[each.one].text}"))
        console.print(plain(f"  {halves[each.other].text}"))
    return similarities


def _print_rounds(rounds: Sequence[Round], console: Console) -> None:
    written = [each for each in rounds if each.number]
    if not written:
        return
    parts = np.array_split(np.array([each.acceptance for each in written]), _ROUNDS_SHOWN)
    shares = " ".join(f"{part.mean():.0%}" for part in parts if len(part))
    console.print(f"new in each round, from first to last: {shares}", highlight=False)


def _print_histogram(similarities: Sequence[float], console: Console) -> None:
    counts, edges = np.histogram(similarities, _BINS)
    console.print("how alike the nearest other is:")
    for count, edge in zip(counts, edges, strict=False):
        if count:
            bar = "█" * max(1, round(_WIDTH * count / counts.max()))
            console.print(f"  {edge:.2f} {bar} {count:,}", highlight=False)


def _pairs(close: Sequence[Close]) -> list[Close]:
    pairs = {frozenset((each.one, each.other)): each for each in close}
    return sorted(pairs.values(), key=lambda each: -each.similarity)
