"""Plots of AL(k) with their 95 % bands."""

from pathlib import Path

from matplotlib import rc_context
from matplotlib.figure import Figure as Sheet

from dialogues.plain import visible
from eval.columns import title
from eval.result import Table


def plot(table: Table, path: Path) -> None:
    """Draw a table's curves as `path`.png and `path`.svg.

    Raises:
        OSError: they cannot be written.
    """
    # The same bytes everywhere, and no dollar sign of a name read as mathematics.
    with rc_context({"svg.hashsalt": "grove", "text.parse_math": False}):
        sheet = Sheet(figsize=(7, 4.2), layout="constrained")
        axes = sheet.subplots()
        for row in table.rows:
            turns = [at for at, each in enumerate(row.al, start=1) if each.value is not None]
            known = [each for each in row.al if each.value is not None]
            values = [(each.value or 0.0) * table.factor for each in known]
            (line,) = axes.plot(
                turns, values, marker="o", markersize=3, label=visible(row.assistant)
            )
            lows = [(each.value if each.low is None else each.low) for each in known]
            highs = [(each.value if each.high is None else each.high) for each in known]
            axes.fill_between(
                turns,
                [(low or 0.0) * table.factor for low in lows],
                [(high or 0.0) * table.factor for high in highs],
                color=line.get_color(),
                alpha=0.15,
                linewidth=0,
            )
        axes.set_xlabel("turn k")
        axes.set_ylabel("AL(k)")
        axes.set_title(visible(title(table)), fontsize=9)
        axes.legend(fontsize=8)
        axes.grid(alpha=0.3)
        sheet.savefig(path.with_suffix(".png"), dpi=150)
        sheet.savefig(path.with_suffix(".svg"), metadata={"Date": None})
