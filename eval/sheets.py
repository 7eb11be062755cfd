"""A benchmark's figures as CSV, for spreadsheets and plots of one's own.

`result.csv` has AL(k), a line for each assistant, user, judge and turn; `summary.csv` has the other
figures of each assistant, but no flips and probes. Both are in the judge's own units, as
`result.json` is.
"""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel

from dialogues.plain import visible
from eval.result import Band, Figure, Result, Row

_ENDS = ("value", "low", "high")
_WHO = ("assistant", "user", "judge", "scale")
Line = tuple[str | int | float | None, ...]


def write_sheets(result: Result, folder: Path) -> None:
    """Write both files into a folder that is there.

    Raises:
        OSError: they cannot be written.
    """
    _write(folder / "result.csv", (*_WHO, "turn", *_ENDS), _levels(result))
    _write(folder / "summary.csv", (*_WHO, "figure", *_ENDS), _summary(result))


def _write(path: Path, header: Line, lines: Iterable[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *lines])


def _levels(result: Result) -> Iterator[Line]:
    for who, row in _rows(result):
        for turn, level in enumerate(row.al, start=1):
            yield *who, turn, level.value, level.low, level.high


def _summary(result: Result) -> Iterator[Line]:
    for who, row in _rows(result):
        yield from ((*who, *figure) for figure in _figures(row, ""))
        if row.versus:
            minus = f"minus {_safe(row.versus.baseline)}: "
            yield from ((*who, *figure) for figure in _figures(row.versus, minus))


def _rows(result: Result) -> Iterator[tuple[Line, Row]]:
    for table in result.tables:
        for row in table.rows:
            named = map(_safe, (row.assistant, table.user, table.judge, table.style))
            yield tuple(named), row


def _figures(record: BaseModel, before: str) -> Iterator[Line]:
    """Return name, value and both ends of all figures of a record; a band has no value."""
    for name, held in record:
        if isinstance(held, Figure):
            yield before + name, held.value, held.low, held.high
        elif isinstance(held, Band):
            yield before + name, None, held.low, held.high
        elif isinstance(held, int | float):
            yield before + name, held, None, None


def _safe(name: str) -> str:
    """Return a name that no spreadsheet takes for a formula."""
    shown = visible(name)
    return f"'{shown}" if shown.lstrip()[:1] in tuple("=+-@") else shown
