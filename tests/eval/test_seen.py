"""Keeping training out of evaluation: what cards say, and whom they keep out."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from dialogues.errors import UsageError
from eval.seen import refuse_seen
from tests.growing import a_persona

ADA, BOB = a_persona(), a_persona("Bob sails.", "He is loud.")


def trained(folder: Path, card: Mapping[str, object] | None) -> str:
    """Make a model's folder with a card, or without one; return its spec."""
    folder.mkdir(exist_ok=True)
    if card is not None:
        (folder / "grove.json").write_text(json.dumps(card))
    return f"hf:{folder}"


@pytest.mark.parametrize(
    ("card", "half"),
    [
        ({"profiles": ["x", ADA.profile.id]}, "profile"),
        ({"personalities": [ADA.personality.id]}, "personality"),
        ({"profiles": ["x"], "before": {"profiles": [ADA.profile.id]}}, "profile"),
        ({"before": {"before": {"personalities": [ADA.personality.id]}}}, "personality"),
    ],
)
@pytest.mark.parametrize("role", ["", "plain="])
def test_one_half_in_the_card_of_any_model_before_is_enough(
    tmp_path: Path, card: Mapping[str, object], half: str, role: str
) -> None:
    spec = role + trained(tmp_path, card)
    with pytest.raises(UsageError, match=f"was trained on {half}") as refused:
        refuse_seen(["scripted", spec], [BOB, ADA])
    assert getattr(ADA, half).id in str(refused.value) and spec in str(refused.value)
    refuse_seen([spec], [BOB])


@pytest.mark.parametrize("card", [None, {}, {"before": None}, {"profiles": ["x"], "before": {}}])
def test_who_is_in_no_card_may_be_measured_on(
    tmp_path: Path, card: Mapping[str, object] | None
) -> None:
    refuse_seen([trained(tmp_path, card)], [ADA, BOB])


def test_a_profile_is_not_taken_for_a_personality(tmp_path: Path) -> None:
    card = {"profiles": [ADA.personality.id], "personalities": [ADA.profile.id]}
    refuse_seen([trained(tmp_path, card)], [ADA])


def test_agents_that_are_no_models_have_no_card() -> None:
    refuse_seen(["scripted", "plain=scripted:ignores", "my.module:Class"], [ADA])


@pytest.mark.parametrize("damage", ["", "{", "[]", "3", '"x"'])
def test_a_damaged_card_is_refused(tmp_path: Path, damage: str) -> None:
    (tmp_path / "grove.json").write_text(damage)
    with pytest.raises(UsageError, match=r"grove\.json: damaged"):
        refuse_seen([f"hf:{tmp_path}"], [ADA])
