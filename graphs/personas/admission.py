"""Admission: which of the texts of a round come into the pool, and what became of the others."""

from collections.abc import Container, Sequence
from typing import NamedTuple

from agents.models.embedding import Embedder, Vectors
from dialogues.persona import Description, Kind
from dialogues.pool import KINDS
from graphs.personas.index import Index

LEAST_CLAUSES = {"profile": 4, "personality": 3}
MOST_CHARACTERS = 2000


class Sifted(NamedTuple):
    """What became of the texts of a round.

    Attributes:
        admitted: new and far enough from all others, in the order they were written.
        vectors: theirs, one row each.
        unfit: how many are no description of a person.
        known: how many are in the pool word for word.
        near: how many are too much like one in the pool, or like one admitted before them.
    """

    admitted: list[Description]
    vectors: Vectors
    unfit: int
    known: int
    near: int


def described(kind: Kind, text: str, language: str) -> Description | None:
    """Read a text as a description; None where it is too short or too long for one."""
    try:
        half = KINDS[kind][1].of(text, language=language)
    except ValueError:
        return None
    fits = len(half.clauses) >= LEAST_CLAUSES[kind] and len(half.text) <= MOST_CHARACTERS
    return half if fits else None


async def sift(
    kind: Kind,
    halves: Sequence[Description | None],
    known: Container[str],
    index: Index,
    embedder: Embedder,
    threshold: float,
) -> Sifted:
    """Admit what is at most `threshold` like anything in the pool and anything admitted before it.

    Args:
        kind: of the descriptions.
        halves: the descriptions, None for what is none.
        known: ids of what is in the pool.
        index: the vectors of the pool.
        embedder: the pool's.
        threshold: greatest cosine similarity, in (0, 1].
    """
    fit = [half for half in halves if half is not None]
    new = list({half.id: half for half in fit if half.id not in known}.values())
    vectors = await embedder.embed([half.text for half in new])
    found = index.nearest(kind, vectors)
    rows: list[int] = []
    for row, nearest in enumerate(found):
        among = [float(vectors[row] @ vectors[other]) for other in rows]
        if max([similarity for _, similarity in nearest] + among, default=0.0) <= threshold:
            rows.append(row)
    return Sifted(
        admitted=[new[row] for row in rows],
        vectors=vectors[rows],
        unfit=len(halves) - len(fit),
        known=len(fit) - len(new),
        near=len(new) - len(rows),
    )
