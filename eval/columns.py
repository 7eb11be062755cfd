"""Columns: a benchmark's figures as the texts that its tables show, in a terminal or a file."""

from collections.abc import Sequence
from statistics import fmean

from eval.result import Band, Figure, Result, Row, Table

Texts = list[list[str]]
_BLOCKS = "▁▂▃▄▅▆▇█"
NONE = "-"
_LONGEST = 12

CURVE = "AL(k)"
MAIN = ("assistant", CURVE, "mean AL", "matched - mismatched", "words", "missing")
RISE = ("assistant", "IR", "null IR", "N-IR", "null N-IR", "N-R²", "span")
VERSUS = ("assistant", "mean AL", "p (Holm)", "at equal length", "matched - mismatched", "IR",
          "detectable")  # fmt: skip
FLIPS = ("assistant", "user", "judge", "depth", "recovery", "old kept before", "new kept after",
         "old kept after", "cases")  # fmt: skip
PROBES = ("assistant", "user", "precision", "recall", "F1", "cases")


def title(table: Table) -> str:
    """Name a table: its style, user and judge."""
    times = f", × {table.factor}" if table.factor != 1 else ""
    return f"{table.style}{times}: user {table.user}, judge {table.judge}"


def main_rows(table: Table) -> Texts:
    """Return the main table's rows."""
    values = [each.value for row in table.rows for each in row.al if each.value is not None]
    low, high = (min(values), max(values)) if values else (0.0, 0.0)
    return [_main(row, table.factor, low, high) for row in table.rows]


def _main(row: Row, factor: int, low: float, high: float) -> list[str]:
    return [
        row.assistant,
        spark([each.value for each in row.al], low, high),
        figure(row.mean, factor, 2),
        figure(row.gap, factor, 2) if row.gap else NONE,
        NONE if row.words is None else f"{row.words:.0f}",
        str(row.missing) if row.missing else NONE,
    ]


def rise_rows(table: Table) -> Texts:
    """Return the rows of what changes from turn to turn."""
    return [
        [
            row.assistant,
            figure(row.ir, table.factor),
            band(row.null_ir, table.factor),
            figure(row.n_ir, 1),
            band(row.null_n_ir, 1),
            figure(row.n_r2, 1, 2),
            _number(None if row.span is None else row.span * table.factor, 2),
        ]
        for row in table.rows
    ]


def versus_rows(table: Table) -> Texts:
    """Return the rows of the comparison with the baseline; none where there is none."""
    factor = table.factor
    return [
        [
            row.assistant,
            figure(one.mean, factor, 2),
            f"{_p(one.p)} ({_p(one.holm)})",
            figure(one.adjusted, factor, 2),
            figure(one.gap, factor, 2) if one.gap else NONE,
            figure(one.ir, factor),
            NONE if one.detectable is None else f"{one.detectable * factor:.2f}",
        ]
        for row in table.rows
        if (one := row.versus)
    ]


def flip_rows(result: Result) -> Texts:
    """Return the rows of the flips."""
    return [
        [
            one.assistant,
            one.user,
            one.judge,
            _number(None if one.depth is None else one.depth * one.factor, 2),
            "not by the end" if one.recovery is None else f"{one.recovery} turns",
            *(_share(each) for each in (one.kept_before, one.kept_after, one.old_after)),
            str(one.cases),
        ]
        for one in result.flips
    ]


def probe_rows(result: Result) -> Texts:
    """Return the rows of the belief probes."""
    return [
        [
            one.assistant,
            one.user,
            *(_number(each, 2) for each in (one.precision, one.recall, one.f1)),
            str(one.cases),
        ]
        for one in result.probes
    ]


def transfer(result: Result) -> tuple[list[str], Texts]:
    """Return header and rows of the transfer matrix: mean AL by user and judge."""
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
    return header, rows


def notes(result: Result, named: str = "named in result.json") -> list[str]:
    """Return what has to be said below the tables; `named` says where to look what is missing."""
    said = [
        f"suite {result.suite}, protocol {result.protocol}, {result.turns} turns, seed "
        f"{result.seed}; [95 % intervals] by two-way bootstrap over profiles and personalities",
        "null: where 95 % of slopes lie when each case's turns are shuffled",
    ]
    if result.perfect is not None:
        said.append(f"N-IR of a perfectly straight rise over {result.turns} turns: "
                    f"{result.perfect:.3f}")  # fmt: skip
    if result.missing:
        said.append(f"{len(result.missing):,} scores are missing, {named}")
    return said


def spark(values: Sequence[float | None], low: float, high: float) -> str:
    """Draw a curve in at most 12 block characters; a gap where a value is undefined."""
    values = _shortened(values)
    top = len(_BLOCKS) - 1
    return "".join(
        " " if value is None else _BLOCKS[round((value - low) / (high - low) * top)]
        if high > low else _BLOCKS[0]
        for value in values
    )  # fmt: skip


def _shortened(values: Sequence[float | None]) -> list[float | None]:
    """Return means of so many neighbours that a long curve stands on one line."""
    together = max(1, -(-len(values) // _LONGEST))
    groups = [values[at : at + together] for at in range(0, len(values), together)]
    known = [[value for value in group if value is not None] for group in groups]
    return [fmean(group) if group else None for group in known]


def figure(one: Figure, factor: int, digits: int = 3) -> str:
    """Write a figure with its interval."""
    if one.value is None:
        return NONE
    shown = f"{one.value * factor:.{digits}f}"
    if one.low is None or one.high is None:
        return shown
    return f"{shown} [{one.low * factor:.{digits}f}, {one.high * factor:.{digits}f}]"


def band(one: Band, factor: int) -> str:
    """Write a band."""
    if one.low is None or one.high is None:
        return NONE
    return f"[{one.low * factor:.3f}, {one.high * factor:.3f}]"


def _number(value: float | None, digits: int) -> str:
    return NONE if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:.0%}"


def _p(value: float | None) -> str:
    if value is None:
        return NONE
    return "< 0.001" if value < 0.001 else f"{value:.3f}"
