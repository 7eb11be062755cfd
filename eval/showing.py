"""Showing a benchmark's tables in a terminal."""

from rich.console import Console

from dialogues.plain import plain
from eval import columns
from eval.grids import print_grid
from eval.result import Result


def show(result: Result, console: Console) -> None:
    """Print all tables of a result."""
    for table in result.tables:
        name = columns.title(table)
        print_grid(console, name, columns.MAIN, columns.main_rows(table))
        print_grid(console, f"rise, {name}", columns.RISE, columns.rise_rows(table))
        if versus := columns.versus_rows(table):
            baseline = next(row.versus.baseline for row in table.rows if row.versus)
            print_grid(console, f"minus {baseline}, {name}", columns.VERSUS, versus)
    if len(result.tables) > 1:
        print_grid(console, "transfer: mean AL by user / judge", *columns.transfer(result))
    if result.flips:
        name = f"the wish flips in turn {result.flips[0].turn}"
        print_grid(console, name, columns.FLIPS, columns.flip_rows(result))
    if result.probes:
        print_grid(
            console, "beliefs after the last turn", columns.PROBES, columns.probe_rows(result)
        )
    for note in columns.notes(result):
        console.print(plain(note, "dim"))
