"""Cards of trained models: whom a model was trained on, as the file beside its weights says."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dialogues.errors import UsageError

CARD = "grove.json"
"""The file beside the weights that training writes and evaluation reads."""


def read_card(folder: Path) -> dict[str, Any] | None:
    """Return the card in a model's folder; None where there is none.

    Raises:
        UsageError: it is damaged.
    """
    path = folder / CARD
    if not path.is_file():
        return None
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: damaged ({error}); train again, or remove it") from error
    _check(card, path)
    return dict(card)


def trained_on(card: dict[str, Any] | None, half: str) -> Iterator[str]:
    """Walk the ids of the `profiles` or `personalities` of a card, and of all before it."""
    while card:
        yield from card.get(half, ())
        card = card.get("before")


def _check(card: Any, path: Path) -> None:
    if not _is_card(card):
        raise UsageError(f"{path}: damaged (not as training wrote it); train again, or remove it")
    if card.get("before") is not None:
        _check(card["before"], path)


def _is_card(card: Any) -> bool:
    return isinstance(card, dict) and all(
        isinstance(ids := card.get(half, []), list) and all(isinstance(id, str) for id in ids)
        for half in ("profiles", "personalities")
    )
