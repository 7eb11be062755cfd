"""The summary a run ends with: what it grew, what failed, and what to do next."""

import shlex
from collections import Counter
from collections.abc import Mapping
from statistics import fmean

from rich.console import Console
from rich.table import Table

from agents.models.model import CUT
from agents.models.prices import Prices
from agents.prompted.backing import DROPPED
from dialogues.choice import PANELS, majority, panel
from dialogues.location import to_paste
from dialogues.node import Usage
from dialogues.plain import plain
from dialogues.records import Progress
from dialogues.run import Run
from graphs.budget import Spending, Spent, dollars

_KEPT = (CUT, DROPPED)
_LONGEST_MESSAGE = 160
SPENDING = ("seat", "agent", "calls", "prompt", "cached", "answer", "cost")
"""The columns of `spending_rows`."""

ESTIMATED = "~ tokens are our estimate where the server did not count them"


def print_summary(
    run: Run, limit: int, before: Progress, seconds: float, prices: Prices, console: Console
) -> Progress:
    """Print the summary of `run` and return how far it is."""
    far = run.progress(limit)
    table = Table(title=plain(f"run {run.record.name}"), title_justify="left", show_header=False)
    table.add_row("trees", f"{far.done:,} complete of {far.trees:,}")
    table.add_row("nodes", f"{far.nodes:,}")
    table.add_row("preference pairs", f"{far.pairs:,}")
    table.add_row("failures", f"{far.failures:,} in {far.failed:,} trees")
    table.add_row("time", f"{seconds:.1f} s for {far.finished - before.finished:,} trees")
    console.print(table)
    if spending := run.spending():
        print_spending(spending, prices, console)
        print_faults(spending, run.answers(), console)
    if run.record.judge in PANELS:
        print_agreement(run, console)
    print_failures(run, console)
    if far.failed:
        console.print(
            "failed branches stay as they are; --retry-failed takes them up again", style="red"
        )
    if far.finished:
        console.print("next:", style="bold")
        for words in _next_commands(run):
            command = shlex.join(["python", "-m", *words])
            console.print(plain(f"  {command}"), soft_wrap=True)
    return far


def print_spending(spending: Spending, prices: Prices, console: Console) -> None:
    """Print what each agent's calls took, and all of them."""
    if not (rows := spending_rows(spending, prices)):
        return
    table = Table(title="models", title_justify="left")
    for name in SPENDING:
        table.add_column(
            name, justify="left" if name in ("seat", "agent") else "right", overflow="fold"
        )
    for row in rows:
        table.add_row(*map(plain, row))
    console.print(table)
    if any(tally.usage.estimated for tally in spending.values()):
        console.print(ESTIMATED)


def spending_rows(spending: Spending, prices: Prices) -> list[list[str]]:
    """Return a row for each agent's calls and a last one for all; none where no model was asked."""
    spent = Spent.of(spending, prices)
    if not spent.calls:
        return []
    rows = [
        _spending_row((seat, spec), tally.usage, dollars(prices.cost(spec, tally.usage)))
        for (seat, spec), tally in spending.items()
        if tally.usage.calls or tally.failures
    ]
    total = sum((tally.usage for tally in spending.values()), Usage())
    return [*rows, _spending_row(("all", ""), total, spent.told)]


def _spending_row(name: tuple[str, str], usage: Usage, cost: str) -> list[str]:
    mark = "~" if usage.estimated else ""
    counts = (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens)
    return [*name, f"{usage.calls:,}", *(f"{mark}{count:,}" for count in counts), cost]


def print_faults(
    spending: Spending, answers: Mapping[tuple[str, str], int], console: Console
) -> None:
    """Print how often answers had to be asked again or were cut, by fault and agent."""
    for line in fault_lines(spending, answers):
        console.print(plain(f"  {line}", "yellow"))


def fault_lines(spending: Spending, answers: Mapping[tuple[str, str], int]) -> list[str]:
    """Say how often answers had to be asked again or were cut, by fault and agent."""
    lines = []
    for (seat, spec), tally in spending.items():
        asked_again = sum(count for fault, count in tally.faults.items() if fault not in _KEPT)
        # What is stored as one answer may have taken several of the model's, or none.
        total = max(tally.usage.calls, answers.get((seat, spec), 0) + asked_again)
        for fault, count in tally.faults.most_common():
            told = f"{seat} {spec}: {fault.replace('_', ' ')} {count:,} ×"
            lines.append(told + _rate(fault, count, total))
    return lines


def _rate(fault: str, count: int, total: int) -> str:
    if fault == DROPPED:
        # One answer may take several: their number is no share of the answers.
        return ""
    return f" ({count / total:.1%} of {total:,} answers)" if total else " (no answer)"


def print_agreement(run: Run, console: Console) -> None:
    """Print how often a panel's judges order two candidates alike; reads the whole run."""
    panels = (panel(tree, user.key) for tree in run.trees() for user in tree.user_messages())
    shares = [combined.confidence for combined in map(majority, panels) if combined]
    if shares:
        console.print(f"judges agree with their majority: {fmean(shares):.1%}")


def print_failures(run: Run, console: Console) -> None:
    """Print how often each seat failed in each way, with the most frequent message of each."""
    for count, seat, kind, told in failure_rows(run):
        console.print(plain(f"  {count} × {seat} {kind}: {told}", "red"))


def failure_rows(run: Run) -> list[list[str]]:
    """Return how often which seat failed in which way, and the most frequent message of each."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for seat, failure in run.failures():
        told = f"{_cut(failure.message)} ({failure.where})"
        found.setdefault((seat, failure.type), Counter())[told] += 1
    rows = []
    for (seat, kind), messages in sorted(found.items(), key=lambda one: -one[1].total()):
        ((told, count),) = messages.most_common(1)
        such_as = "" if count == messages.total() else "such as "
        rows.append([f"{messages.total():,}", seat, kind, f"{such_as}{told}"])
    return rows


def _cut(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_MESSAGE else f"{line[: _LONGEST_MESSAGE - 1]}…"


def _next_commands(run: Run) -> tuple[list[str], list[str]]:
    name = run.record.name
    where = to_paste(run.location)
    store = [where] if name == "main" else [where, "--run", name]
    export = ["dialogues.export", *store, "--format", "preference", "--out", "pairs.jsonl"]
    return ["dialogues.show", *store], export
