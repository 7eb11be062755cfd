"""The dry run: what a run would take, found by playing some of its trees with stand-ins.

The graph, the prompts and the histories are the real ones, so the number of calls is right for the
chosen policy; the lengths of answers are assumed, and stated.
"""

import asyncio
from collections import Counter

from rich.console import Console
from rich.table import Table

from agents.casting import Cast
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

_SAMPLE = 4


def print_estimate(
    settings: Simulate, cast: Cast, cases: list[tuple[Persona, int]], console: Console
) -> int:
    """Print what growing `cases` would take; return the exit status."""
    budget = settings.budget()
    spending = asyncio.run(rehearse(settings, cast, cases))
    table = Table(title=f"estimate for {len(cases):,} trees", title_justify="left")
    for name in ("seat", "agent", "calls", "prompt", "answer", "cost"):
        table.add_column(
            name, justify="left" if name in ("seat", "agent") else "right", overflow="fold"
        )
    for (seat, spec), tally in spending.items():
        _add_row(table, seat, spec, tally.usage, dollars(budget.prices.cost(spec, tally.usage)))
    spent = Spent.of(spending, budget.prices)
    total = sum((tally.usage for tally in spending.values()), Usage())
    _add_row(table, "all", "", total, spent.told)
    console.print(table)
    if limit := budget.reached(spent):
        console.print(f"That is more than {limit}, at which the run would stop.", style="yellow")
    lengths = ", ".join(f"{seat} {words}" for seat, words in WORDS.items())
    console.print(
        f"Calls are counted on {min(_SAMPLE, len(cases))} of the trees; tokens assume answers of "
        f"so many words: {lengths}, assistant {OTHERWISE}, by tiktoken or at four characters each; "
        "without retries, prefix caches. Nothing was called or stored."
    )
    return DONE


def _add_row(table: Table, seat: str, spec: str, usage: Usage, cost: str) -> None:
    numbers = (usage.calls, usage.prompt_tokens, usage.completion_tokens)
    table.add_row(seat, plain(spec), *(f"{number:,}" for number in numbers), cost)


async def rehearse(settings: Simulate, cast: Cast, cases: list[tuple[Persona, int]]) -> Spending:
    """Return by seat and spec what growing `cases` would take, from a sample of them."""
    script = script_of(settings)
    step = max(1, len(cases) // _SAMPLE)
    sample = [Tree(persona, repeat) for persona, repeat in cases[::step][:_SAMPLE]]
    graph = build_graph()
    for tree in sample:
        await grow(graph, Scene(tree, cast, script))
    total: dict[tuple[str, str], Usage] = {}
    for node in (node for tree in sample for node in tree if node.usage):
        key = (node.seat, node.spec)
        total[key] = total.get(key, Usage()) + (node.usage or Usage())
    return {key: _scaled(total[key], len(cases), len(sample)) for key in sorted(total)}


def _scaled(usage: Usage, trees: int, sampled: int) -> Tally:
    counts = ("calls", "prompt_tokens", "completion_tokens")
    whole = Usage(**{name: getattr(usage, name) * trees // sampled for name in counts})
    return Tally(whole, Counter())
