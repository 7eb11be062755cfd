"""The summary a run ends with: what it grew, what failed, and what to do next."""

import shlex
from collections import Counter

from rich.console import Console
from rich.table import Table

from dialogues.node import Failure
from dialogues.plain import plain
from dialogues.records import Progress
from dialogues.run import Run


def print_summary(
    run: Run, limit: int, before: Progress, seconds: float, console: Console
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
    for (seat, failure), count in _failures(run).most_common(5):
        what = f"{failure.type}: {failure.message} ({failure.where})"
        console.print(plain(f"  {count} × {seat} {what}", "red"))
    if far.failed:
        console.print(
            "failed branches stay as they are; to try again, name a new --run", style="red"
        )
    if far.finished:
        console.print("next:", style="bold")
        for words in _next_commands(run):
            command = shlex.join(["python", "-m", *words])
            console.print(plain(f"  {command}"), soft_wrap=True)
    return far


def _failures(run: Run) -> Counter[tuple[str, Failure]]:
    return Counter(run.failures())


def _next_commands(run: Run) -> tuple[list[str], list[str]]:
    name = run.record.name
    store = [run.location] if name == "main" else [run.location, "--run", name]
    export = ["dialogues.export", *store, "--format", "preference", "--out", "pairs.jsonl"]
    return ["dialogues.show", *store], export
