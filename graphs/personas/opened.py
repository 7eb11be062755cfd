"""A pool that is there already, opened for looking at it."""

import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from agents.models.embedding import Embedder, open_embedder
from agents.models.settings import ModelSettings
from dialogues.errors import UsageError
from dialogues.pool import KINDS
from graphs.personas.index import Index, opened_index
from graphs.personas.shelf import Shelf, building


@dataclass(frozen=True)
class Opened:
    """A pool with its vectors."""

    shelf: Shelf
    index: Index
    embedder: Embedder


@asynccontextmanager
async def opened_pool(
    folder: Path, embedder: str | None = None, settings: ModelSettings | None = None
) -> AsyncIterator[Opened]:
    """Open a pool; one that was not built here is compared with `lexical`, and left as it is.

    Args:
        folder: the pool's.
        embedder: spec of the embedder, where it needs an endpoint; else the pool's own.
        settings: what is known of endpoints.

    Raises:
        UsageError: there is no pool, another embedder made it, or another process is building it.
    """
    if not any((folder / f"{name}.jsonl").is_file() for name, _ in KINDS.values()):
        raise UsageError(
            f"no pool in {folder}: there is neither profiles.jsonl nor personalities.jsonl"
        )
    shelf = Shelf(folder)
    made_with = shelf.record.embedder if shelf.record else "lexical"
    opened = open_embedder(embedder or made_with, settings)
    if opened.name != made_with:
        raise UsageError(f"{folder} was built with --embedder {made_with}; give that one")
    ours = shelf.record is not None and os.access(folder, os.W_OK)
    with tempfile.TemporaryDirectory() as aside:
        lock = building(folder) if ours else nullcontext(shelf)
        with lock as shelf, opened_index(folder if ours else Path(aside), opened) as index:
            for kind in KINDS:
                await index.follow(kind, shelf.halves[kind])
            yield Opened(shelf, index, opened)
