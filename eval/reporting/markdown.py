"""A report's figures and tables as Markdown."""

from collections.abc import Sequence
from urllib.parse import quote

from eval.columns import Grid
from eval.grids import escaped, markdown_grid
from eval.plotting import Chart
from eval.reporting.parts import Notes, Part


def markdown(parts: Sequence[Part], pictures: Sequence[str]) -> str:
    """Return all parts as one page of Markdown.

    Args:
        parts: of the report.
        pictures: places of the files with its charts, in their order.
    """
    files = iter(map(quote, pictures))
    lines = ["# Report"]
    for part in parts:
        lines.append(f"## {escaped(part.title)}")
        lines += [f"**{escaped(alert)}**" for alert in part.alerts]
        lines += [escaped(line) for line in part.lead]
        for block in part.blocks:
            if isinstance(block, Chart):
                lines.append(f"![{escaped(block.title)}]({next(files)})")
            elif isinstance(block, Notes):
                lines.append("\n".join(f"- {escaped(note)}" for note in block.lines))
            else:
                lines += _grid(block)
    return "\n\n".join(lines) + "\n"


def _grid(grid: Grid) -> list[str]:
    lines = [f"### {escaped(grid.title)}"] if grid.title else []
    return lines + [markdown_grid(grid.header, grid.rows)] * bool(grid.rows)
