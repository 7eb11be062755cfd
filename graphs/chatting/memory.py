"""Memory across conversations: what was learnt of a person, kept in Chroma under a name."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings
from chromadb.errors import ChromaError

from agents.models.embedding import open_embedder
from dialogues.errors import GroveError
from dialogues.hashing import short_hash
from dialogues.node import Belief

_COLLECTION = "people"


class Memory:
    """What is kept of one person: a belief, each statement of it an entry of its own."""

    def __init__(self, folder: Path, name: str) -> None:
        """Open the memory in `folder`, made if it is not there.

        Raises:
            GroveError: Chroma cannot use the folder.
        """
        self.folder, self.name = folder, name
        with self._translated():
            self._client: Any = chromadb.PersistentClient(
                folder, settings=Settings(anonymized_telemetry=False)
            )
            self._people = self._client.get_or_create_collection(
                _COLLECTION, embedding_function=None
            )
        self._embedder = open_embedder("lexical")

    def recall(self) -> Belief:
        """Return what is kept of the person; nothing of somebody unknown."""
        with self._translated():
            found: Any = self._people.get(where={"name": self.name})
        kept = sorted(
            (noted["kind"], noted["nth"], text)
            for noted, text in zip(found["metadatas"], found["documents"], strict=True)
        )
        told = {
            kind: tuple(text for of, _, text in kept if of == kind) for kind in ("fact", "trait")
        }
        return Belief(facts=told["fact"], traits=told["trait"])

    async def keep(self, belief: Belief) -> None:
        """Keep a belief in place of what was kept before."""
        said = dict.fromkeys(
            [("fact", text) for text in belief.facts] + [("trait", text) for text in belief.traits]
        )
        texts = [text for _, text in said]
        vectors = await self._embedder.embed(texts)
        self.forget()
        if not said:
            return
        with self._translated():
            self._people.add(
                ids=[short_hash(self.name, *each) for each in said],
                documents=texts,
                metadatas=[
                    {"name": self.name, "kind": kind, "nth": nth}
                    for nth, (kind, _) in enumerate(said)
                ],
                embeddings=vectors,
            )

    def forget(self) -> None:
        """Delete all that is kept of the person."""
        with self._translated():
            if self._people.get(where={"name": self.name}, include=[])["ids"]:
                self._people.delete(where={"name": self.name})

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ChromaError, OSError, ValueError) as error:
            raise GroveError(
                f"the memory in {self.folder} failed ({error}); name another folder with --memory"
            ) from error
