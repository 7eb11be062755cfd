"""Columns: a benchmark's figures as the texts that its tables show, in a terminal or a file."""

from collections.abc import Sequence
from math import isclose
from statistics import fmean
from typing import NamedTuple

from eval.result import Band, Figure, Flip, Probe, Result, Row, Table, Wished

Texts = list[list[str]]
_BLOCKS = "▁▂▃▄▅▆▇█"
NONE = "-"
_LONGEST = 12
_ROUNDING = 5e-6

MAIN = ("assistant", "AL(k)", "mean AL", "matched - mismatched", "words", "missing")
RISE = ("assistant", "IR", "null IR", "span", "N-IR", "null N-IR", "N-R²")
VERSUS = ("assistant", "mean AL", "p (Holm)", "detectable", "at equal length",
          "matched - mismatched", "IR")  # fmt: skip
FLIPS = ("assistant", "depth", "recovery", "old kept before", "new kept after", "old kept after",
         "cases")  # fmt: skip
WISHES = ("assistant", "wish", "by chance", "old before", "new after", "old after", "above chance",
          "cases")  # fmt: skip
PROBES = ("assistant", "precision", "recall", "F1", "cases")


class Grid(NamedTuple):
    """A table as texts; its title is empty where that of its section says all."""

    title: str
    header: Sequence[str]
    rows: Texts


class Section(NamedTuple):
    """Tables of one matter; `plot` numbers the plot beside them."""

    title: str
    grids: list[Grid]
    plot: int | None = None


def sections(result: Result) -> list[Section]:
    """Return all that there is to show, what compares users and judges first."""
    found = []
    if len(result.tables) > 1:
        found.append(Section("transfer: mean AL by user / judge", [transfer(result)]))
    for number, table in enumerate(result.tables, start=1):
        grids = [main(table), levels(table), rise(table), *versus(table)]
        found.append(Section(title(table), grids, number))
    if result.flips:
        found.append(Section(f"the wish flips in turn {result.flips[0].turn}", flips(result)))
    if result.probes:
        found.append(Section("beliefs after the last turn", probes(result)))
    return found


def title(table: Table) -> str:
    """Name a table: its style, user and judge."""
    times = f", × {table.factor}" if table.factor != 1 else ""
    return f"{table.style}{times}: user {table.user}, judge {table.judge}"


def main(table: Table) -> Grid:
    """Return the means of all turns, with the curves drawn on one scale that the header tells."""
    values = [each.value for row in table.rows for each in row.al if each.value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    scale = f", {low * table.factor:.2f}-{high * table.factor:.2f}" if values else ""
    header = [name + scale * (name == "AL(k)") for name in MAIN]
    return Grid("", header, [_main(row, table.factor, low, high) for row in table.rows])


def _main(row: Row, factor: int, low: float, high: float) -> list[str]:
    return [
        row.assistant,
        spark([each.value for each in row.al], low, high),
        figure(row.mean, factor, 2),
        figure(row.gap, factor, 2) if row.gap else NONE,
        _number(row.words, 0),
        str(row.missing) if row.missing else NONE,
    ]


def levels(table: Table) -> Grid:
    """Return AL(k) for k = 1..K; of a long dialogue the means of neighbouring turns."""
    turns = len(table.rows[0].al)
    together = _together(turns)
    firsts = range(1, turns + 1, together)
    spans = [(first, min(first + together - 1, turns)) for first in firsts]
    header = [f"{first}-{last}" if last > first else str(first) for first, last in spans]
    rows = []
    for row in table.rows:
        values = _shortened([each.value for each in row.al])
        shown = (None if value is None else value * table.factor for value in values)
        rows.append([row.assistant, *(_number(each, 2) for each in shown)])
    name = "AL(k) by turn k" if together == 1 else f"AL(k), means of {together} turns"
    return Grid(name, ["assistant", *header], rows)


def rise(table: Table) -> Grid:
    """Return what changes from turn to turn."""
    rows = [
        [
            row.assistant,
            figure(row.ir, table.factor),
            band(row.null_ir, table.factor),
            _number(None if row.span is None else row.span * table.factor, 2),
            figure(row.n_ir, 1),
            band(row.null_n_ir, 1),
            figure(row.n_r2, 1, 2),
        ]
        for row in table.rows
    ]
    return Grid("rise", RISE, rows)


def versus(table: Table) -> list[Grid]:
    """Return the comparison with the baseline, if there is one."""
    factor = table.factor
    compared = [(row.assistant, row.versus) for row in table.rows if row.versus]
    rows = [
        [
            assistant,
            figure(one.mean, factor, 2),
            _p(one.holm),
            _number(None if one.detectable is None else one.detectable * factor, 2),
            figure(one.adjusted, factor, 2),
            figure(one.gap, factor, 2) if one.gap else NONE,
            figure(one.ir, factor),
        ]
        for assistant, one in compared
    ]
    return [Grid(f"minus {compared[0][1].baseline}", VERSUS, rows)] if compared else []


def flips(result: Result) -> list[Grid]:
    """Return how the flip is taken, two grids for each user and judge."""
    found = []
    for user, judge in dict.fromkeys((one.user, one.judge) for one in result.flips):
        of = [one for one in result.flips if (one.user, one.judge) == (user, judge)]
        name = f"user {user}, judge {judge}"
        wishes = [_wish(one.assistant, wish) for one in of for wish in one.wishes]
        found += [
            Grid(f"{name}: above chance, in %", FLIPS, [_flip(one) for one in of]),
            Grid(f"{name}: wish by wish, in %", WISHES, wishes),
        ]
    return found


def _flip(one: Flip) -> list[str]:
    return [
        one.assistant,
        figure(one.depth, one.factor, 2),
        NONE if one.recovery is None else f"{one.recovery} turns",
        *(figure(each, 100, 0) for each in (one.kept_before, one.kept_after, one.old_after)),
        str(one.cases),
    ]


def _wish(assistant: str, one: Wished) -> list[str]:
    shares = (one.chance, one.kept_before, one.kept_after, one.old_after)
    return [
        assistant,
        one.wish.replace("_", " "),
        *(_number(None if each is None else 100 * each, 0) for each in shares),
        figure(one.above, 100, 0),
        str(one.cases),
    ]


def probes(result: Result) -> list[Grid]:
    """Return the belief probes, a grid for each user."""
    return [
        Grid(f"user {user}", PROBES, [_probe(one) for one in result.probes if one.user == user])
        for user in dict.fromkeys(one.user for one in result.probes)
    ]


def _probe(one: Probe) -> list[str]:
    told = (_number(each, 2) for each in (one.precision, one.recall, one.f1))
    return [one.assistant, *told, str(one.cases)]


def transfer(result: Result) -> Grid:
    """Return the transfer matrix: mean AL by user and judge."""
    header = ["assistant", *(f"{table.user} / {table.judge}" for table in result.tables)]
    names = dict.fromkeys(row.assistant for table in result.tables for row in table.rows)
    rows = []
    for name in names:
        means = [
            next((figure(row.mean, table.factor, 2) for row in table.rows if row.assistant == name),
                 NONE)
            for table in result.tables
        ]  # fmt: skip
        rows.append([name, *means])
    return Grid("", header, rows)


def spark(values: Sequence[float | None], low: float, high: float) -> str:
    """Draw a curve in at most 12 block characters; a gap where a value is undefined."""
    values = _shortened(values)
    top = len(_BLOCKS) - 1
    return "".join(
        " " if value is None else _BLOCKS[round((value - low) / (high - low) * top)]
        if high > low else _BLOCKS[0]
        for value in values
    )  # fmt: skip


def _together(turns: int) -> int:
    """Return how many neighbouring turns are shown as one, so that a curve fits on a line."""
    return max(1, -(-turns // _LONGEST))


def _shortened(values: Sequence[float | None]) -> list[float | None]:
    together = _together(len(values))
    groups = [values[at : at + together] for at in range(0, len(values), together)]
    known = [[value for value in group if value is not None] for group in groups]
    return [fmean(group) if group else None for group in known]


def figure(one: Figure, factor: int, digits: int = 3) -> str:
    """Write a figure with its interval: `± half`, or its ends where they are not as far away."""
    if one.value is None:
        return NONE
    shown = _number(one.value * factor, digits)
    if one.low is None or one.high is None:
        return shown
    below, above = one.value - one.low, one.high - one.value
    if isclose(below, above, rel_tol=0, abs_tol=_ROUNDING):
        return f"{shown} ± {_number(above * factor, digits)}"
    return f"{shown} {_range(one.low * factor, one.high * factor, digits)}"


def band(one: Band, factor: int) -> str:
    """Write a band."""
    if one.low is None or one.high is None:
        return NONE
    return _range(one.low * factor, one.high * factor, 3)


def _range(low: float, high: float, digits: int) -> str:
    return f"[{_number(low, digits)}, {_number(high, digits)}]"


def _number(value: float | None, digits: int) -> str:
    # z: what rounds to nothing has no sign.
    return NONE if value is None else f"{value:z.{digits}f}"


def _p(value: float | None) -> str:
    if value is None:
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
