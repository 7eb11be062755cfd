"""Showing audits: as tables in a terminal, and as a page of Markdown."""

from collections.abc import Sequence

from rich.console import Console

from dialogues.plain import plain
from eval.auditing.record import Audit
from eval.auditing.rows import notes, sections
from eval.grids import escaped, markdown_grid, print_grid


def show(audits: Sequence[Audit], console: Console) -> None:
    """Print all tables."""
    for section in sections(audits):
        print_grid(console, section.title, section.header, section.rows, left=("with",))
    for note in notes(audits):
        console.print(plain(note, "dim"))


def page(audits: Sequence[Audit]) -> str:
    """Return a page with all tables."""
    parts = ["# Audit of judges"]
    for section in sections(audits):
        parts += [f"## {escaped(section.title)}", markdown_grid(section.header, section.rows)]
    parts.append("\n".join(f"- {escaped(note)}" for note in notes(audits)))
    return "\n\n".join(parts) + "\n"
