"""Showing and writing audits of simulated users: tables in a terminal, Markdown, and JSON."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console

from dialogues.errors import UsageError
from dialogues.plain import plain
from eval.grids import escaped, markdown_grid, print_grid
from eval.realism import columns
from eval.realism.record import Audit

_JSON, _PAGE = "simulator.json", "simulator.md"


def show(audit: Audit, console: Console) -> None:
    """Print the tables of an audit."""
    console.print(plain(columns.title(audit), "bold"))
    for section in columns.sections(audit):
        if section.rows:
            print_grid(console, section.title, section.header, section.rows)
        for note in section.notes:
            console.print(plain(note, "dim"))
    for note in columns.notes(audit):
        console.print(plain(note, "dim"))


def markdown(audits: Sequence[Audit]) -> str:
    """Return a page with the tables of audits."""
    parts = ["# Audit of simulated users"]
    for audit in audits:
        parts.append(f"## {escaped(columns.title(audit))}")
        for section in columns.sections(audit):
            parts.append(f"### {escaped(section.title)}")
            parts += [markdown_grid(section.header, section.rows)] * bool(section.rows)
            parts += _listed(section.notes)
        parts += _listed(columns.notes(audit))
    return "\n\n".join(parts) + "\n"


def write(audits: Sequence[Audit], folder: Path) -> None:
    """Write `simulator.json` and `simulator.md` into a folder, which is made if need be.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        records = TypeAdapter(Sequence[Audit]).dump_json(audits, indent=2)
        (folder / _JSON).write_bytes(records + b"\n")
        (folder / _PAGE).write_text(markdown(audits), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror})") from error


def _listed(notes: Sequence[str]) -> list[str]:
    return ["\n".join(f"- {escaped(note)}" for note in notes)] if notes else []
