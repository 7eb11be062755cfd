"""Plots of curves over turns with their 95 % intervals: bands for a few of them, bars for more."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Sheet
from matplotlib.ticker import MaxNLocator

from dialogues.plain import visible
from eval.columns import title
from eval.result import Figure, Table

_BANDS = 4
"""The most curves whose bands can be told apart."""

_LINES = ("-", "--", ":", "-.")
_MARKERS = "osD^vPX*"
_MARKED = 12
"""The most turns of a curve that have a marker and a bar."""


class Curve(NamedTuple):
    """What one assistant was given, turn by turn, in the units that are shown."""

    name: str
    figures: Sequence[Figure]


class Chart(NamedTuple):
    """Curves over the turns of a dialogue."""

    title: str
    measure: str
    curves: Sequence[Curve]

    @property
    def banded(self) -> bool:
        """Whether intervals are drawn as bands."""
        return len(self.curves) <= _BANDS

    @property
    def intervals(self) -> str:
        """What the bands or bars are; empty if there are none."""
        if all(one.low is None for curve in self.curves for one in curve.figures):
            return ""
        return f"{'bands' if self.banded else 'bars'}: 95 % intervals"

    def thickness(self, number: int) -> float:
        """Return how thick a curve is, from 1 down: of several that are the same, all show."""
        return 1 - number / len(self.curves)

    def aside(self, number: int) -> float:
        """Return by how much of a turn a curve is moved, so that no bar hides another."""
        return 0.0 if self.banded else 0.4 * (number / len(self.curves) - 0.5)


def chart_of(table: Table) -> Chart:
    """Return a table's curves AL(k)."""
    curves = [
        Curve(row.assistant, [each.times(table.factor) for each in row.al]) for row in table.rows
    ]
    return Chart(title(table), "AL(k)", curves)


def marked(turns: int, number: int, count: int) -> slice:
    """Return the turns, from 0, in which a curve has a marker and a bar; each its own."""
    step = -(-turns // _MARKED)
    return slice(number * step // count, None, step)


def plot(chart: Chart, *paths: Path) -> None:
    """Draw curves into files, of the kinds that their endings name.

    Raises:
        OSError: they cannot be written.
    """
    # The same bytes everywhere, and no dollar sign of a name read as mathematics.
    with rc_context({"svg.hashsalt": "grove", "text.parse_math": False}):
        sheet = Sheet(figsize=(7, 4.6), layout="constrained")
        axes = sheet.subplots()
        for number in range(len(chart.curves)):
            _draw(axes, chart, number)
        told = "\n".join(filter(None, (chart.title, chart.intervals)))
        axes.set_title(visible(told), fontsize=9)
        axes.set_xlabel("turn k")
        axes.set_ylabel(visible(chart.measure))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        sheet.legend(loc="outside lower center", ncols=2, fontsize=8, handlelength=4)
        for path in paths:
            svg = path.suffix == ".svg"
            how: dict[str, Any] = {"metadata": {"Date": None}} if svg else {"dpi": 150}
            sheet.savefig(path, **how)


def _draw(axes: Axes, chart: Chart, number: int) -> None:
    """Draw one curve; of several that are the same, the later ones are thinner and have gaps."""
    curve = chart.curves[number]
    values, lows, highs = (
        np.array([getattr(each, end) for each in curve.figures], dtype=float)
        for end in ("value", "low", "high")
    )
    turns, thickness = np.arange(1.0, len(values) + 1), chart.thickness(number)
    aside, marks = chart.aside(number), marked(len(values), number, len(chart.curves))
    (line,) = axes.plot(
        turns + aside,
        values,
        label=visible(curve.name),
        linestyle=_LINES[number % len(_LINES)],
        linewidth=1.2 + 1.4 * thickness,
        marker=_MARKERS[number % len(_MARKERS)],
        markersize=3 + 4 * thickness,
        markevery=marks,
    )
    color = line.get_color()
    if chart.banded:
        axes.fill_between(turns, lows, highs, color=color, alpha=0.1, linewidth=0)
    else:
        axes.vlines((turns + aside)[marks], lows[marks], highs[marks], color, linewidth=0.8)
