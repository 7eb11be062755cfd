"""A benchmark's tables as Markdown."""

from eval import columns
from eval.grids import escaped, markdown_grid
from eval.result import Result


def markdown(result: Result) -> str:
    """Return a page with all tables of a result."""
    parts = [f"# Benchmark `{result.suite}`, protocol `{result.protocol}`"]
    for number, table in enumerate(result.tables, start=1):
        parts += [f"## {escaped(columns.title(table))}", f"![AL by turn](al_{number}.svg)"]
        parts.append(markdown_grid(columns.MAIN, columns.main_rows(table)))
        parts += ["### Rise", markdown_grid(columns.RISE, columns.rise_rows(table))]
        if versus := columns.versus_rows(table):
            baseline = next(row.versus.baseline for row in table.rows if row.versus)
            parts += [f"### Minus {escaped(baseline)}", markdown_grid(columns.VERSUS, versus)]
    if len(result.tables) > 1:
        parts += ["## Transfer: mean AL by user / judge", markdown_grid(*columns.transfer(result))]
    if result.flips:
        parts += [
            f"## The wish flips in turn {result.flips[0].turn}",
            markdown_grid(columns.FLIPS, columns.flip_rows(result)),
        ]
    if result.probes:
        parts += [
            "## Beliefs after the last turn",
            markdown_grid(columns.PROBES, columns.probe_rows(result)),
        ]
    parts.append("\n".join(f"- {escaped(note)}" for note in columns.notes(result)))
    return "\n\n".join(parts) + "\n"
