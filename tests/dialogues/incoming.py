"""Dialogues as others write them, and reading them through the real command."""

import json
from pathlib import Path
from typing import Any

import pytest

from dialogues import Tree
from dialogues.export import Export
from dialogues.ingest import Ingest
from tests.growing import (
    PERSONALITY,
    PROFILE,
    command,
    trees_of,
)

Captured = pytest.CaptureFixture[str]


def a_round(said: str = "Hi.", chosen: str = "preferred", **more: str) -> dict[str, Any]:
    """Return one round as the ALOE code writes it."""
    replies = {"preferred": f"good: {said}", "rejected": f"bad: {said}"}
    return {"user": said, "assistant": replies, "chosen": chosen, **more}


def aloe(*rounds: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return one dialogue as the ALOE code writes it."""
    told = list(rounds) or [a_round()]
    return {"profile": PROFILE, "personality": PERSONALITY, "conversations": told, **more}


def chat(*texts: str, **more: Any) -> dict[str, Any]:
    """Return a chat in which user and assistant take turns."""
    roles = ("user", "assistant") * len(texts)
    messages = [{"role": role, "content": text} for role, text in zip(roles, texts, strict=False)]
    return {"messages": messages, **more}


def lines(path: Path, *values: Any) -> Path:
    """Write a JSONL file; strings are written as they are."""
    written = [each if isinstance(each, str) else json.dumps(each) for each in values]
    path.write_text("".join(f"{line}\n" for line in written), encoding="utf-8")
    return path


def ingest(source: str, file: Path, store: Path, *flags: str) -> int:
    """Run the command."""
    return command(Ingest, "--from", source, file, "--store", store, *flags)


def ingested(source: str, folder: Path, *values: Any) -> list[Tree]:
    """Ingest dialogues, which must succeed, and return the trees."""
    file = lines(folder / "in.jsonl", *values)
    assert ingest(source, file, folder / "in.db") == 0
    return trees_of(folder / "in.db")


def tree_file(store: Path, out: Path) -> Path:
    """Export a run in the lossless format."""
    assert command(Export, store, "--format", "tree", "--out", out) == 0
    return out
