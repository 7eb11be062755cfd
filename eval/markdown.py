"""A benchmark's tables as Markdown."""

import html
import re
from collections.abc import Sequence

from dialogues.plain import visible
from eval import columns
from eval.result import Result

_MARKS = re.compile(r"([\\`*_{}\[\]#|~!])")


def markdown(result: Result) -> str:
    """Return a page with all tables of a result."""
    parts = [f"# Benchmark `{result.suite}`, protocol `{result.protocol}`"]
    for number, table in enumerate(result.tables, start=1):
        parts += [f"## {_text(columns.title(table))}", f"![AL by turn](al_{number}.svg)"]
        parts.append(_table(columns.MAIN, columns.main_rows(table)))
        parts += ["### Rise", _table(columns.RISE, columns.rise_rows(table))]
        if versus := columns.versus_rows(table):
            baseline = next(row.versus.baseline for row in table.rows if row.versus)
            parts += [f"### Minus {_text(baseline)}", _table(columns.VERSUS, versus)]
    if len(result.tables) > 1:
        parts += ["## Transfer: mean AL by user / judge", _table(*columns.transfer(result))]
    if result.flips:
        parts += [
            f"## The wish flips in turn {result.flips[0].turn}",
            _table(columns.FLIPS, columns.flip_rows(result)),
        ]
    if result.probes:
        parts += [
            "## Beliefs after the last turn",
            _table(columns.PROBES, columns.probe_rows(result)),
        ]
    parts.append("\n".join(f"- {_text(note)}" for note in columns.notes(result)))
    return "\n\n".join(parts) + "\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] + ["---:"] * (len(header) - 1)]
    body = [[_text(cell) for cell in row] for row in rows]
    head = [_text(cell) for cell in lines[0]]
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, lines[1], *body])


def _text(text: str) -> str:
    """Escape what would be markup: names of models are other people's text."""
    return _MARKS.sub(r"\\\1", html.escape(visible(text), quote=False)).replace("\n", " ")
