"""Showing a benchmark's tables in a terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as Shown

from dialogues.plain import plain
from eval import columns
from eval.result import Result


def show(result: Result, console: Console) -> None:
    """Print all tables of a result."""
    for table in result.tables:
        name = columns.title(table)
        _print(console, name, columns.MAIN, columns.main_rows(table))
        _print(console, f"rise, {name}", columns.RISE, columns.rise_rows(table))
        if versus := columns.versus_rows(table):
            baseline = next(row.versus.baseline for row in table.rows if row.versus)
            _print(console, f"minus {baseline}, {name}", columns.VERSUS, versus)
    if len(result.tables) > 1:
        _print(console, "transfer: mean AL by user / judge", *columns.transfer(result))
    if result.flips:
        name = f"the wish flips in turn {result.flips[0].turn}"
        _print(console, name, columns.FLIPS, columns.flip_rows(result))
    if result.probes:
        _print(console, "beliefs after the last turn", columns.PROBES, columns.probe_rows(result))
    for note in columns.notes(result):
        console.print(plain(note, "dim"))


def _print(
    console: Console, title: str, header: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    shown = Shown(title=plain(title), title_justify="left")
    for at, name in enumerate(header):
        shown.add_column(plain(name), justify="right" if at else "left", overflow="fold")
    for row in rows:
        shown.add_row(*map(plain, row))
    console.print(shown)
