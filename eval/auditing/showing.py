"""Showing audits: as tables in a terminal, and as a page of Markdown."""

import html
import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from dialogues.plain import plain, visible
from eval.auditing.record import Audit
from eval.auditing.rows import Section, notes, sections

_MARKS = re.compile(r"([\\`*_{}\[\]#|~!])")


def show(audits: Sequence[Audit], console: Console) -> None:
    """Print all tables."""
    for section in sections(audits):
        shown = Table(title=plain(section.title), title_justify="left")
        for at, name in enumerate(section.header):
            is_name = not at or name == "with"
            shown.add_column(plain(name), justify="left" if is_name else "right", overflow="fold")
        for row in section.rows:
            shown.add_row(*map(plain, row))
        console.print(shown)
    for note in notes(audits):
        console.print(plain(note, "dim"))


def page(audits: Sequence[Audit]) -> str:
    """Return a page with all tables."""
    parts = ["# Audit of judges"]
    for section in sections(audits):
        parts += [f"## {_text(section.title)}", _table(section)]
    parts.append("\n".join(f"- {_text(note)}" for note in notes(audits)))
    return "\n\n".join(parts) + "\n"


def _table(section: Section) -> str:
    ruled = ["---", *["---:"] * (len(section.header) - 1)]
    body = [[_text(cell) for cell in row] for row in (section.header, *section.rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (body[0], ruled, *body[1:]))


def _text(text: str) -> str:
    """Escape what would be markup: names of models are other people's text."""
    return _MARKS.sub(r"\\\1", html.escape(visible(text), quote=False)).replace("\n", " ")
