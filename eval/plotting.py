"""Plots of AL(k) with their 95 % intervals: bands for a few assistants, bars for more."""

from pathlib import Path

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet
from matplotlib.ticker import MaxNLocator

from dialogues.plain import visible
from eval.columns import title
from eval.result import Row, Table

_BANDS = 4
"""The most assistants whose bands can be told apart."""

_LINES = ("-", "--", ":", "-.")
_MARKERS = "osD^vPX*"
_MARKED = 12
"""The most turns of a curve that have a marker and a bar."""


def plot(table: Table, path: Path) -> None:
    """Draw a table's curves as `path`.png and `path`.svg.

    Raises:
        OSError: they cannot be written.
    """
    # The same bytes everywhere, and no dollar sign of a name read as mathematics.
    with rc_context({"svg.hashsalt": "grove", "text.parse_math": False}):
        sheet = Sheet(figsize=(7, 4.6), layout="constrained")
        axes = sheet.subplots()
        for number, row in enumerate(table.rows):
            _draw(axes, row, table, number)
        axes.set_title(visible(f"{title(table)}{_intervals(table)}"), fontsize=9)
        axes.set_xlabel("turn k")
        axes.set_ylabel("AL(k)")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        sheet.legend(loc="outside lower center", ncols=2, fontsize=8, handlelength=4)
        sheet.savefig(path.with_suffix(".png"), dpi=150)
        sheet.savefig(path.with_suffix(".svg"), metadata={"Date": None})


def _intervals(table: Table) -> str:
    """Say what the bands or bars are, if there are any."""
    if all(each.low is None for row in table.rows for each in row.al):
        return ""
    return f"\n{'bands' if len(table.rows) <= _BANDS else 'bars'}: 95 % intervals"


def _draw(axes: Axes, row: Row, table: Table, number: int) -> None:
    """Draw one curve; of several that are the same, the later ones are thinner and have gaps."""
    count, step = len(table.rows), -(-len(row.al) // _MARKED)
    values, lows, highs = (
        np.array([getattr(each, end) for each in row.al], dtype=float) * table.factor
        for end in ("value", "low", "high")
    )
    turns, thickness = np.arange(1.0, len(values) + 1), 1 - number / count
    first, aside = number * step // count, 0.4 * (number / count - 0.5) * (count > _BANDS)
    (line,) = axes.plot(
        turns + aside,
        values,
        label=visible(row.assistant),
        linestyle=_LINES[number % len(_LINES)],
        linewidth=1.2 + 1.4 * thickness,
        marker=_MARKERS[number % len(_MARKERS)],
        markersize=3 + 4 * thickness,
        markevery=(first, step),
    )
    color = line.get_color()
    if count <= _BANDS:
        axes.fill_between(turns, lows, highs, color=color, alpha=0.1, linewidth=0)
    else:
        bars = slice(first, None, step)
        axes.vlines((turns + aside)[bars], lows[bars], highs[bars], color, linewidth=0.8)
