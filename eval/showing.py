"""Showing a benchmark's tables in a terminal."""

from rich.console import Console

from dialogues.plain import plain
from eval.columns import sections
from eval.grids import print_grid
from eval.legend import notes
from eval.result import Result


def show(result: Result, console: Console) -> None:
    """Print all tables of a result."""
    for section in sections(result):
        console.print(plain(section.title, "bold"))
        for grid in section.grids:
            print_grid(console, *grid)
    for note in notes(result):
        console.print(plain(note, "dim"))
