"""Shortcut warnings: what a model could learn instead of who it is talking to."""

from pathlib import Path

import pytest

from dialogues import Persona, Tree
from dialogues.export import Export
from dialogues.shortcuts import ShortcutCheck
from tests.growing import a_turn, command, in_order, store_trees


def warned(of: int, *, longer: int = 0, shorter: int = 0, hinted: int = 0) -> list[str]:
    """Return the warnings on `of` pairs of which so many have the feature."""
    check = ShortcutCheck()
    for number in range(of):
        lengths = (9, 5) if number < longer else (5, 9) if number < longer + shorter else (5, 5)
        check.see(
            {
                "chosen_characters": lengths[0],
                "rejected_characters": lengths[1],
                "chosen_hinted": number < hinted,
                "rejected_hinted": bool(hinted) and number >= hinted,
            }
        )
    return check.warnings()


@pytest.mark.parametrize("feature", ["longer", "shorter"])
def test_a_length_that_predicts_more_than_70_percent_is_warned_of(feature: str) -> None:
    other = {"longer": "shorter", "shorter": "longer"}[feature]
    (warning,) = warned(100, **{feature: 71, other: 29})
    assert f"the {feature} reply is the chosen one in 71% of 100 pairs" in warning


def test_a_hint_that_predicts_more_than_70_percent_is_warned_of() -> None:
    (warning,) = warned(100, hinted=80)
    assert "hinted" in warning and "80%" in warning


def test_70_percent_is_not_yet_too_much() -> None:
    assert warned(100, longer=70, shorter=30, hinted=70) == []


def test_pairs_without_the_feature_do_not_count() -> None:
    assert len(warned(100, longer=20, shorter=5)) == 1


def test_few_pairs_warn_of_nothing() -> None:
    assert warned(19, longer=19, hinted=19) == []


def test_no_pairs_warn_of_nothing() -> None:
    assert ShortcutCheck().warnings() == []


def exported(folder: Path, persona: Persona, longer: int, of: int) -> None:
    """Export a run in which the longer reply wins in so many of its pairs."""
    trees = []
    for repeat in range(of):
        texts = ("much longer", "short") if repeat < longer else ("short", "much longer")
        nodes = a_turn(Tree(persona, repeat).key, *texts, verdict=in_order)
        trees.append(Tree(persona, repeat, nodes))
    store_trees(folder / "a.db", trees).engine.dispose()
    flags = ("--format", "preference", "--out", folder / "pairs.jsonl")
    assert command(Export, folder / "a.db", *flags) == 0


def test_export_warns_of_a_shortcut(
    tmp_path: Path, persona: Persona, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(tmp_path, persona, longer=25, of=30)
    told = " ".join(capsys.readouterr().err.split())
    assert "warning: the longer reply is the chosen one in 83% of 30 pairs" in told


def test_export_is_silent_below_70_percent(
    tmp_path: Path, persona: Persona, capsys: pytest.CaptureFixture[str]
) -> None:
    exported(tmp_path, persona, longer=20, of=30)
    assert "warning" not in capsys.readouterr().err
