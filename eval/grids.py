"""Grids of texts, printed in a terminal or written as Markdown; texts are other people's."""

import html
import re
from collections.abc import Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from dialogues.plain import plain, visible

Texts = Sequence[Sequence[str]]
_MARKS = re.compile(r"([\\`*_{}\[\]#|~!])")
_PIECES = re.compile(r"[^\s=:/@]*[\s=:/@]+|[^\s=:/@]+")
_BETWEEN, _LONG_PIECE = 2, 24


def print_grid(
    console: Console, title: str, header: Sequence[str], rows: Texts, left: Sequence[str] = ()
) -> None:
    """Print a grid whose first column, and those in `left`, stand to the left.

    No word is broken: names go on in a new line after a space or one of `=:/@`, and columns for
    which there is no room stand in a further grid below, beside the names again.
    """
    grid = zip(header, *rows, strict=True)
    columns = [[visible(cell).replace("\n", " ") for cell in column] for column in grid]
    names = [at for at, name in enumerate(header) if not at or name in left]
    if title:
        console.print(plain(title, "italic"))
    for widths in _dealt(columns, names, console.width):
        console.print(_table(columns, widths, names))
        console.print()


def _dealt(columns: Texts, names: Sequence[int], room: int) -> list[dict[int, int]]:
    """Deal the columns evenly over as few grids as they fit in; return their widths by place."""
    whole = {at: max(map(cell_len, columns[at])) for at in names}
    least = {at: min(_LONG_PIECE, max(map(_longest_piece, columns[at]))) for at in names}
    most = max(room - sum(least.values()) - _BETWEEN * len(names), 1)
    figures = {
        at: min(most, max(_longest_piece(column[0]), *map(cell_len, column[1:]), 1))
        for at, column in enumerate(columns)
        if at not in names
    }
    for count in range(1, len(figures) + 1):
        parts = _even(list(figures), count)
        needed = max(sum(figures[at] + _BETWEEN for at in part) for part in parts)
        if needed - _BETWEEN <= most:
            break
    spare = room - needed - sum(least.values()) - _BETWEEN * (len(names) - 1)
    for at in names:
        more = min(max(spare, 0), whole[at] - least[at])
        least[at], spare = least[at] + more, spare - more
    return [dict(sorted({**least, **{at: figures[at] for at in part}}.items())) for part in parts]


def _even(places: Sequence[int], count: int) -> list[Sequence[int]]:
    size = -(-len(places) // count)
    return [places[at : at + size] for at in range(0, len(places), size)]


def _table(columns: Texts, widths: dict[int, int], names: Sequence[int]) -> Table:
    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    broken = []
    for at, width in widths.items():
        head, *cells = (Text(_broken(cell, width)) for cell in columns[at])
        justify: JustifyMethod = "left" if at in names else "right"
        shown.add_column(head, justify=justify, overflow="fold", width=width)
        broken.append(cells)
    for row in zip(*broken, strict=True):
        shown.add_row(*row)
    return shown


def _longest_piece(text: str) -> int:
    return max((cell_len(piece.rstrip()) for piece in _PIECES.findall(text)), default=1)


def _broken(text: str, width: int) -> str:
    """Break a text into lines of a width, where a piece of it ends."""
    lines = [""]
    for piece in _PIECES.findall(text):
        if lines[-1] and cell_len((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def markdown_grid(header: Sequence[str], rows: Texts) -> str:
    """Return a grid as a Markdown table."""
    ruled = ["---", *["---:"] * (len(header) - 1)]
    head, *body = [[escaped(cell) for cell in row] for row in (header, *rows)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruled, *body))


def escaped(text: str) -> str:
    """Escape what Markdown or HTML would take for markup."""
    return _MARKS.sub(r"\\\1", html.escape(visible(text), quote=False)).replace("\n", " ")
