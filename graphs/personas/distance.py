"""Exact distances within a pool: nearest neighbours, closest pairs, evaluation against training."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors

from agents.models.embedding import Vectors
from dialogues.persona import Kind
from graphs.personas.index import Index
from graphs.personas.shelf import Shelf


class Close(NamedTuple):
    """Two descriptions, by id, and their cosine similarity."""

    one: str
    other: str
    similarity: float


def nearest_others(ids: Sequence[str], vectors: Vectors) -> list[Close]:
    """Return for each description the one most like it, closest first; none for a single one.

    Args:
        ids: of the descriptions.
        vectors: theirs, shape (ids, dimensions), rows of unit length.
    """
    if len(ids) < 2:
        return []
    # Of three, since the first of those found is itself, or an equal one.
    similarities, places = _search(vectors, vectors, min(3, len(ids)))
    found = []
    for row, id_ in enumerate(ids):
        at = next(at for at, place in enumerate(places[row]) if place != row)
        found.append(Close(id_, ids[places[row][at]], float(similarities[row][at])))
    return sorted(found, key=lambda close: (-close.similarity, close.one))


def closest_across(shelf: Shelf, index: Index, kind: Kind) -> Close | None:
    """Return the evaluation description and the training one that are most alike."""
    by_split: dict[str, list[str]] = {"train": [], "eval": []}
    for half in shelf.halves[kind].values():
        by_split["train" if half.split == "train" else "eval"].append(half.id)
    train, held_out = by_split["train"], by_split["eval"]
    if not train or not held_out:
        return None
    asked, among = index.vectors(kind, held_out), index.vectors(kind, train)
    similarities, places = _search(asked, among, 1)
    row = int(similarities[:, 0].argmax())
    return Close(held_out[row], train[places[row][0]], float(similarities[row][0]))


def _search(
    asked: Vectors, among: Vectors, count: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    finder = NearestNeighbors(n_neighbors=count, metric="cosine", algorithm="brute").fit(among)
    distances, places = finder.kneighbors(asked)
    return 1.0 - distances, places
