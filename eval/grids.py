"""Grids of texts, printed in a terminal or written as Markdown; texts are other people's."""

import html
import re
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from dialogues.plain import plain, visible

Texts = Sequence[Sequence[str]]
_MARKS = re.compile(r"([\\`*_{}\[\]#|~!])")


def print_grid(
    console: Console, title: str, header: Sequence[str], rows: Texts, left: Sequence[str] = ()
) -> None:
    """Print a grid whose first column, and those in `left`, stand to the left."""
    shown = Table(title=plain(title), title_justify="left")
    for at, name in enumerate(header):
        is_name = not at or name in left
        shown.add_column(plain(name), justify="left" if is_name else "right", overflow="fold")
    for row in rows:
        shown.add_row(*map(plain, row))
    console.print(shown)


def markdown_grid(header: Sequence[str], rows: Texts) -> str:
    """Return a grid as a Markdown table."""
    ruled = ["---", *["---:"] * (len(header) - 1)]
    head, *body = [[escaped(cell) for cell in row] for row in (header, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruled, *body))


def escaped(text: str) -> str:
    """Escape what Markdown or HTML would take for markup."""
    return _MARKS.sub(r"\\\1", html.escape(visible(text), quote=False)).replace("\n", " ")
