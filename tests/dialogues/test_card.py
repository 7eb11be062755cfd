"""Cards: what stands beside the weights is read whole, or refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.card import CARD, read_card, trained_on
from dialogues.errors import UsageError

ids = st.lists(st.text("abc", min_size=1), max_size=3)
cards = st.recursive(
    st.none(),
    lambda before: st.fixed_dictionaries(
        {"before": before}, optional={"profiles": ids, "personalities": ids}
    ),
    max_leaves=5,
)


def test_a_folder_without_a_card_has_none(tmp_path: Path) -> None:
    assert read_card(tmp_path) is None
    assert read_card(tmp_path / "nowhere") is None
    (tmp_path / CARD).mkdir()
    assert read_card(tmp_path) is None


def test_a_card_is_read_as_it_was_written(tmp_path: Path) -> None:
    card = {"profiles": ["a"], "before": {"profiles": ["b"]}, "text": "Łódź"}
    (tmp_path / CARD).write_text(json.dumps(card, ensure_ascii=False), encoding="utf-8")
    assert read_card(tmp_path) == card


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b"null", b'"x"', b"\xff\xfe{}"])
def test_a_damaged_card_is_refused_and_named(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / CARD).write_bytes(damage)
    with pytest.raises(UsageError, match="damaged") as refused:
        read_card(tmp_path)
    assert str(tmp_path / CARD) in str(refused.value)
    assert "\n" not in str(refused.value)


@given(cards, st.sampled_from(["profiles", "personalities"]))
def test_nobody_any_model_before_was_trained_on_is_forgotten(
    card: dict[str, Any] | None, half: str
) -> None:
    expected, at = [], card
    while at is not None:
        expected += at.get(half, [])
        at = at["before"]
    assert list(trained_on(card, half)) == expected
