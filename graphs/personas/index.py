"""The index: the vectors of a pool in Chroma, so that the nearest text is found without a scan."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError

from agents.models.embedding import Embedder, Vectors
from dialogues.errors import GroveError
from dialogues.persona import Description, Kind
from dialogues.pool import KINDS

_FOLDER = "index"
_AT_ONCE = 1000
# One thread makes the graph, and so what is found, the same in every run.
_HNSW = {"space": "cosine", "ef_construction": 100, "ef_search": 64, "num_threads": 1}


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
        if ids:
            self._collections[kind].add(ids=list(ids), embeddings=vectors)

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
        found = self._collections[kind].get(ids=list(ids), include=["embeddings"])
        place = {id_: at for at, id_ in enumerate(found["ids"])}
        rows: Vectors = np.asarray(found["embeddings"], dtype=np.float32)
        return rows[[place[id_] for id_ in ids]]

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
    client: Any = None
    try:
        try:
            client, index = _open(path, embedder)
        except Exception:
            shutil.rmtree(path, ignore_errors=True)
            client, index = _open(path, embedder)
        yield index
    except ChromaError as error:
        raise GroveError(
            f"the index in {path} failed ({error}); remove that folder and try again"
        ) from error
    finally:
        if client is not None:
            client.close()


def _open(path: Path, embedder: Embedder) -> tuple[Any, Index]:
    client = chromadb.PersistentClient(path, settings=Settings(anonymized_telemetry=False))
    return client, Index(client, embedder)
