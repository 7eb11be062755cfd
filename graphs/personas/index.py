"""The index: the vectors of a pool in Chroma, so that the nearest text is found without a scan."""

import asyncio
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.api.shared_system_client import SharedSystemClient
from chromadb.config import Settings
from chromadb.errors import ChromaError

from agents.models.embedding import Embedder, Vectors
from dialogues.errors import GroveError
from dialogues.persona import Description, Kind
from dialogues.pool import KINDS

_FOLDER = "index"
_AT_ONCE = 1000
# One thread makes the graph, and so what is found, the same in every run.
_HNSW = {
    "space": "cosine",
    "ef_construction": 100,
    "max_neighbors": 20,
    "ef_search": 40,
    "num_threads": 1,
}


class Index:
    """The vectors of both kinds of description, each embedded once ever."""

    def __init__(self, client: Any, embedder: Embedder) -> None:
        """Open the collections, anew where another embedder filled them."""
        self._client, self._embedder = client, embedder
        self._collections = {kind: self._collection(kind) for kind in KINDS}

    async def follow(self, kind: Kind, halves: Mapping[str, Description]) -> None:
        """Make the index hold exactly what the pool holds."""
        held = set(self._collections[kind].get(include=[])["ids"])
        if held - halves.keys():
            self._client.delete_collection(KINDS[kind][0])
            self._collections[kind], held = self._collection(kind), set()
        missing = [half for half in halves.values() if half.id not in held]
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            vectors = await self._embedder.embed([half.text for half in part])
            self.add(kind, [half.id for half in part], vectors)

    def add(self, kind: Kind, ids: Sequence[str], vectors: Vectors) -> None:
        """Put vectors in, one per id."""
        for start in range(0, len(ids), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            self._collections[kind].add(ids=list(ids[part]), embeddings=vectors[part])

    def nearest(
        self, kind: Kind, vectors: Vectors, count: int = 1
    ) -> list[list[tuple[str, float]]]:
        """Find what is most alike to each vector: ids with cosine similarities, best first."""
        if not len(vectors) or not self._collections[kind].count():
            return [[] for _ in vectors]
        found = self._collections[kind].query(
            query_embeddings=vectors, n_results=count, include=["distances"]
        )
        return [
            [(id_, 1.0 - distance) for id_, distance in zip(ids, distances, strict=True)]
            for ids, distances in zip(found["ids"], found["distances"], strict=True)
        ]

    def vectors(self, kind: Kind, ids: Sequence[str]) -> Vectors:
        """Return the vectors of `ids`, in their order."""
        rows: dict[str, Any] = {}
        for start in range(0, len(ids), _AT_ONCE):
            part = list(ids[start : start + _AT_ONCE])
            found = self._collections[kind].get(ids=part, include=["embeddings"])
            rows.update(zip(found["ids"], found["embeddings"], strict=True))
        vectors: Vectors = np.asarray([rows[id_] for id_ in ids], dtype=np.float32)
        return vectors

    def look_into(self, kind: Kind) -> None:
        """Read a little of a kind, which fails where its files are damaged."""
        some = self._collections[kind].peek(1)
        if len(some["ids"]):
            self.nearest(kind, np.asarray(some["embeddings"], dtype=np.float32))

    def _collection(self, kind: Kind) -> Any:
        name, made_by = KINDS[kind][0], {"embedder": self._embedder.name}
        options = {"embedding_function": None, "configuration": {"hnsw": _HNSW}}
        found = self._client.get_or_create_collection(name, metadata=made_by, **options)
        if found.metadata == made_by:
            return found
        self._client.delete_collection(name)
        return self._client.create_collection(name, metadata=made_by, **options)


@contextmanager
def opened_index(folder: Path, embedder: Embedder) -> Iterator[Index]:
    """Open the index beside a pool; one that cannot be read is made anew.

    Raises:
        GroveError: Chroma failed.
    """
    path = folder / _FOLDER
    client, index = _opened(path, embedder)
    try:
        yield index
    except ChromaError as error:
        raise GroveError(
            f"the index in {path} failed ({error}); remove that folder and try again"
        ) from error
    finally:
        client.close()


def _opened(path: Path, embedder: Embedder) -> tuple[Any, Index]:
    try:
        return _open(path, embedder)
    except (KeyboardInterrupt, SystemExit, asyncio.CancelledError):
        raise
    except BaseException:
        # Chroma's panics are no Exception, and it remembers a client that could not be made.
        SharedSystemClient.clear_system_cache()
        shutil.rmtree(path, ignore_errors=True)
        return _open(path, embedder)


def _open(path: Path, embedder: Embedder) -> tuple[Any, Index]:
    client = chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
    index = Index(client, embedder)
    for kind in KINDS:
        index.look_into(kind)
    return client, index
