"""Memory across conversations: what was learnt of a person, kept in Chroma under a name."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import chromadb
from chromadb.config import Settings
from chromadb.errors import ChromaError, NotFoundError

from agents.models.embedding import open_embedder
from dialogues.errors import GroveError
from dialogues.hashing import short_hash
from dialogues.node import Belief

_FILE = "chroma.sqlite3"


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
        self._embedder = open_embedder("lexical")

    def recall(self) -> Belief:
        """Return what is kept of the person; nothing of somebody unknown."""
        with self._translated():
            found: Any = self._person().get()
        kept = sorted(
            (noted["nth"], noted["kind"], text)
            for noted, text in zip(found["metadatas"], found["documents"], strict=True)
        )
        return Belief(
            facts=tuple(text for _, kind, text in kept if kind == "fact"),
            traits=tuple(text for _, kind, text in kept if kind == "trait"),
        )

    async def keep(self, belief: Belief) -> None:
        """Keep a belief in place of what was kept before."""
        told = [*(("fact", fact) for fact in belief.facts)]
        said = dict.fromkeys([*told, *(("trait", trait) for trait in belief.traits)])
        ids = [short_hash(*each) for each in said]
        texts = [text for _, text in said]
        vectors = await self._embedder.embed(texts)
        with self._translated():
            person = self._person()
            if ids:
                noted = [{"kind": kind, "nth": nth} for nth, (kind, _) in enumerate(said)]
                person.upsert(ids, vectors, noted, texts)
            # Only now, so that whoever is stopped in between has lost nothing.
            if gone := sorted({*person.get(include=[])["ids"]} - {*ids}):
                person.delete(gone)

    def forget(self) -> None:
        """Delete all that is kept of the person, from the disk, too."""
        with self._translated():
            try:
                self._client.delete_collection(self._collection)
            except NotFoundError:
                return
            # What SQLite deletes stays readable in the file until the space is used again.
            with closing(sqlite3.connect(self.folder / _FILE)) as file:
                file.execute("VACUUM")

    def close(self) -> None:
        """Let go of the files."""
        self._client.close()

    @property
    def _collection(self) -> str:
        # Chroma takes no spaces in names, nor letters of most languages.
        return f"person-{short_hash(self.name)}"

    def _person(self) -> Any:
        told = {"name": self.name}
        return self._client.get_or_create_collection(
            self._collection, metadata=told, embedding_function=None
        )

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (ChromaError, OSError, ValueError, sqlite3.Error) as error:
            raise GroveError(
                f"the memory in {self.folder} failed ({error}); name another folder with --memory"
            ) from error
