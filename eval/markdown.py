"""A benchmark's tables as Markdown."""

from eval.columns import sections
from eval.grids import escaped, markdown_grid
from eval.legend import notes
from eval.result import Result


def markdown(result: Result) -> str:
    """Return a page with all tables of a result."""
    played = f", dialogues played under `{result.played_elsewise}`" * bool(result.played_elsewise)
    parts = [f"# Benchmark `{result.suite}`, protocol `{result.protocol}`{played}"]
    for section in sections(result):
        parts.append(f"## {escaped(_capital(section.title))}")
        if section.plot:
            parts.append(f"![AL by turn](al_{section.plot}.svg)")
        for grid in section.grids:
            parts += [f"### {escaped(_capital(grid.title))}"] * bool(grid.title)
            parts.append(markdown_grid(grid.header, grid.rows))
    parts.append("\n".join(f"- {escaped(note)}" for note in notes(result)))
    return "\n\n".join(parts) + "\n"


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]
