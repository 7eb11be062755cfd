"""Plots of curves over turns with their 95 % bands."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib import rc_context
from matplotlib.figure import Figure as Sheet

from dialogues.plain import visible
from eval.columns import title
from eval.result import Figure, Table


class Curve(NamedTuple):
    """What one assistant was given, turn by turn, in the units that are shown."""

    name: str
    figures: Sequence[Figure]


class Chart(NamedTuple):
    """Curves over the turns of a dialogue."""

    title: str
    measure: str
    curves: Sequence[Curve]


def chart_of(table: Table) -> Chart:
    """Return a table's curves AL(k)."""
    curves = [
        Curve(row.assistant, [each.times(table.factor) for each in row.al]) for row in table.rows
    ]
    return Chart(title(table), "AL(k)", curves)


def plot(chart: Chart, *paths: Path) -> None:
    """Draw curves into files, of the kinds that their endings name.

    Raises:
        OSError: they cannot be written.
    """
    # The same bytes everywhere, and no dollar sign of a name read as mathematics.
    with rc_context({"svg.hashsalt": "grove", "text.parse_math": False}):
        sheet = Sheet(figsize=(7, 4.2), layout="constrained")
        axes = sheet.subplots()
        for curve in chart.curves:
            _draw(axes, curve)
        axes.set_xlabel("turn k")
        axes.set_ylabel(chart.measure)
        axes.set_title(visible(chart.title), fontsize=9)
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
        for path in paths:
            kind: dict[str, Any] = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
            sheet.savefig(path, dpi=150, **kind)


def _draw(axes: Any, curve: Curve) -> None:
    known = [(turn, one) for turn, one in enumerate(curve.figures, 1) if one.value is not None]
    turns, values = [turn for turn, _ in known], [one.value for _, one in known]
    (line,) = axes.plot(turns, values, marker="o", markersize=3, label=visible(curve.name))
    lows = [one.value if one.low is None else one.low for _, one in known]
    highs = [one.value if one.high is None else one.high for _, one in known]
    axes.fill_between(turns, lows, highs, color=line.get_color(), alpha=0.15, linewidth=0)
