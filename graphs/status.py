"""The status of runs: how far they are, who is at work, and when that will be done; reads only."""

import time
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from agents.models.prices import Prices
from dialogues.command import DONE
from dialogues.plain import plain
from dialogues.run import Run
from dialogues.standing import Holder, Standing, holders_of, standing_of
from dialogues.store import open_store
from graphs.budget import Spent

LOOK_SECONDS = 5.0
_TEXT = ("run", "host")


class Look(NamedTuple):
    """What a run was like at a moment."""

    run: Run
    standing: Standing
    holders: list[Holder]
    spent: Spent
    at: float

    @classmethod
    def of(cls, run: Run) -> "Look":
        """Look at a run now."""
        spent = Spent.of(run.spending(), Prices())
        return cls(run, standing_of(run), holders_of(run), spent, time.monotonic())

    @property
    def leased(self) -> int:
        """Trees that somebody is growing, as far as can be told."""
        return sum(holder.trees for holder in self.holders if not holder.is_gone)


def print_status(location: str, name: str | None) -> int:
    """Print how far the runs of a store are, or the one called `name`; return the exit status.

    Where somebody is at work, it is looked at twice, for the rate.
    """
    console = Console()
    with open_store(location) as store:
        looks = [Look.of(run) for run in ([store.run(name)] if name else store.runs())]
        console.print(_runs(looks))
        if any(look.holders for look in looks):
            console.print(_workers(looks))
        working = [look for look in looks if look.leased]
        if working:
            time.sleep(LOOK_SECONDS)
        for look in working:
            console.print(plain(_speed(look, Look.of(look.run))), soft_wrap=True)
    return DONE


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, justify="left" if column in _TEXT else "right")
    return table


def _runs(looks: Sequence[Look]) -> Table:
    table = _table("runs", "run", "trees", "done", "failed", "open", "leased", "nodes", "tokens")
    for look in looks:
        told = look.standing
        trees = (told.trees, told.done, told.failed, told.open, look.leased)
        counts = (*trees, told.nodes, look.spent.tokens)
        table.add_row(plain(look.run.record.name), *(f"{count:,}" for count in counts))
    return table


def _workers(looks: Sequence[Look]) -> Table:
    table = _table("workers", "run", "host", "process", "leased", "last beat")
    for look in looks:
        for holder in look.holders:
            beat = f"{holder.since:.0f} s ago" + ", gone" * holder.is_gone
            who = (plain(look.run.record.name), plain(holder.host), str(holder.process))
            table.add_row(*who, f"{holder.trees:,}", beat)
    return table


def _speed(before: Look, now: Look) -> str:
    seconds = now.at - before.at
    nodes = (now.standing.nodes - before.standing.nodes) / seconds
    tokens = (now.spent.tokens - before.spent.tokens) / seconds
    told = f"{now.run.record.name}: {nodes:,.1f} nodes/s"
    told += f", {tokens:,.0f} tokens/s" * (tokens > 0)
    return f"{told} in the last {seconds:.0f} s; {_end(now.standing, nodes)}"


def _end(standing: Standing, nodes_per_second: float) -> str:
    left = standing.nodes_left
    if left is None:
        return "no tree is done yet, so the end cannot be told"
    if not nodes_per_second:
        return "nothing was added, so the end cannot be told"
    return f"at that rate done in about {_rounded(left / nodes_per_second)}"


def _rounded(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = seconds / 60
    return f"{minutes:.0f} min" if minutes < 90 else f"{minutes / 60:.1f} h"
