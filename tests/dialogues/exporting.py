"""Exporting through the real command."""

import json
from pathlib import Path
from typing import Any

from dialogues.export import Export
from dialogues.rows import ROW_FORMATS
from tests.growing import command

FORMATS = tuple(ROW_FORMATS)


def export(store: Path | str, out: Path, *flags: str, form: str = "preference") -> int:
    """Run the command."""
    return command(Export, store, "--format", form, "--out", out, *flags)


def exported(
    store: Path | str, out: Path, *flags: str, form: str = "preference"
) -> list[dict[str, Any]]:
    """Export to a JSONL file, where it must succeed, and return the rows."""
    assert export(store, out, *flags, form=form) == 0
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
