"""A tiny model made for trees."""

from pathlib import Path

import torch

from tests.growing import command
from tests.training.commands import (
    Capture,
    assert_same_weights,
    weights_in,
)
from training.tiny import Tiny


def test_a_tiny_model_is_always_the_same_for_its_trees_and_seed(
    alike: Path, tmp_path: Path, capsys: Capture
) -> None:
    for name, seed in (("one", 0), ("two", 0), ("three", 1)):
        assert command(Tiny, "--trees", alike, "--out", tmp_path / name, "--seed", seed) == 0
    assert "M parameters, untrained" in capsys.readouterr().out
    assert_same_weights(tmp_path / "one", tmp_path / "two")
    one, three = (weights_in(tmp_path / name) for name in ("one", "three"))
    assert any(not torch.equal(one[name], three[name]) for name in one)


def test_a_tiny_model_overwrites_nothing(alike: Path, small: Path, capsys: Capture) -> None:
    before = sorted(small.iterdir())
    assert command(Tiny, "--trees", alike, "--out", small) == 2
    assert "there is something already" in capsys.readouterr().err
    assert sorted(small.iterdir()) == before
