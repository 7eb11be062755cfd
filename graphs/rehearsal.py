"""The dry run: what a run would take, found by playing some of its trees with stand-ins.

The graph, the prompts and the histories are the real ones, so the number of calls is right for the
chosen policy; the lengths of answers are assumed, and stated.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from agents.casting import Cast
from agents.models.prices import Prices
from agents.models.rehearsed import OTHERWISE, WORDS
from dialogues.command import DONE
from dialogues.node import Usage
from dialogues.persona import Persona
from dialogues.plain import plain
from dialogues.tallies import Tally
from dialogues.tree import Tree
from graphs.budget import Spending, Spent, dollars
from graphs.dialogue import build_graph
from graphs.growth import grow
from graphs.scene import Scene
from graphs.simulate import Simulate
from graphs.worker import script_of

SAMPLE = 4
"""Trees of a run that are played, or all of fewer."""


def print_estimate(
    settings: Simulate, cast: Cast, cases: list[tuple[Persona, int]], console: Console
) -> int:
    """Print what growing `cases` would take; return the exit status."""
    budget = settings.budget()
    sample = asyncio.run(rehearse(settings, cast, cases))
    spending = scaled(sample, len(cases))
    print_spending(f"{len(cases):,} trees", spending, budget.prices, console)
    if limit := budget.reached(Spent.of(spending, budget.prices)):
        console.print(f"That is more than {limit}, at which the run would stop.", style="yellow")
    print_assumptions(f"{len(sample)} of the trees", console)
    return DONE


async def rehearse(settings: Simulate, cast: Cast, cases: list[tuple[Persona, int]]) -> list[Tree]:
    """Return a sample of the trees of `cases`, grown with the stand-ins of `cast`."""
    script = script_of(settings)
    step = max(1, len(cases) // SAMPLE)
    sample = [Tree(persona, repeat) for persona, repeat in cases[::step][:SAMPLE]]
    graph = build_graph()
    for tree in sample:
        await grow(graph, Scene(tree, cast, script))
    return sample


def scaled(sample: Sequence[Tree], trees: int) -> Spending:
    """Return by seat and spec what so many trees take, if all take what a sample of them did."""
    total: dict[tuple[str, str], Usage] = {}
    for node in (node for tree in sample for node in tree if node.usage):
        key = (node.seat, node.spec)
        total[key] = total.get(key, Usage()) + (node.usage or Usage())
    return {key: Tally(_times(total[key], trees, len(sample)), Counter()) for key in sorted(total)}


def _times(usage: Usage, trees: int, sampled: int) -> Usage:
    counts = ("calls", "prompt_tokens", "completion_tokens")
    return Usage(**{name: getattr(usage, name) * trees // sampled for name in counts})


def print_spending(of: str, spending: Spending, prices: Prices, console: Console) -> None:
    """Print what each agent's calls would take, and all of them."""
    table = Table(title=f"estimate for {of}", title_justify="left")
    for name in ("seat", "agent", "calls", "prompt", "answer", "cost"):
        table.add_column(
            name, justify="left" if name in ("seat", "agent") else "right", overflow="fold"
        )
    for (seat, spec), tally in spending.items():
        _add_row(table, seat, spec, tally.usage, dollars(prices.cost(spec, tally.usage)))
    total = sum((tally.usage for tally in spending.values()), Usage())
    _add_row(table, "all", "", total, Spent.of(spending, prices).told)
    console.print(table)


def _add_row(table: Table, seat: str, spec: str, usage: Usage, cost: str) -> None:
    numbers = (usage.calls, usage.prompt_tokens, usage.completion_tokens)
    table.add_row(seat, plain(spec), *(f"{number:,}" for number in numbers), cost)


def print_assumptions(sampled: str, console: Console) -> None:
    """Print what an estimate was made from, and what it takes for granted."""
    lengths = ", ".join(f"{seat} {words}" for seat, words in WORDS.items())
    console.print(
        f"Calls are counted on {sampled}; tokens assume answers of "
        f"so many words: {lengths}, assistant {OTHERWISE}, by tiktoken or at four characters each; "
        "without retries, prefix caches. Nothing was called or stored."
    )
