"""Fixtures of the tests of training: a tokenizer made by training.tiny, and trees to learn from."""

import os
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import huggingface_hub.constants
import pytest
import torch
from transformers import PreTrainedTokenizerBase

from tests.growing import grow
from tests.training.school import tokenizer_for, trees_alike, write_model, write_trees
from training.trees import Grown, read_trees

# Where another test has loaded the library before, the variable comes too late.
huggingface_hub.constants.HF_HUB_OFFLINE = True
# The models are so small that threads only wait for each other.
torch.set_num_threads(1)

POLICIES = {"random": (2, 1), "best": (3, 1), "all": (4, 3), "uncertain": (5, 2)}
"""Expansion policies, with how many candidates and open branches a tree has under them here."""


@pytest.fixture(scope="session")
def forest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Grown]]:
    """Two trees of three turns of each policy; read only."""
    folder = tmp_path_factory.mktemp("forest")
    grown = {}
    for policy, (candidates, branches) in POLICIES.items():
        flags = ("--expand", policy, "--candidates", str(candidates), "--system", "Be kind.")
        flags += ("--max-branches", str(branches))
        store = grow(folder / f"{policy}.db", *flags, limit=2, turns=3)
        grown[policy] = list(read_trees(str(store)))
    return grown


@pytest.fixture(scope="session")
def tokenizer(
    forest: dict[str, list[Grown]], tmp_path_factory: pytest.TempPathFactory
) -> PreTrainedTokenizerBase:
    """The tokenizer that training.tiny makes, with ChatML; read only."""
    trees = [tree for trees in forest.values() for tree, _ in trees]
    return tokenizer_for(trees, tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="session")
def tiny(tokenizer: PreTrainedTokenizerBase) -> Path:
    """The folder of the tokenizer, in which a tiny model is too; read only."""
    return Path(tokenizer.name_or_path)


@pytest.fixture(scope="session")
def alike(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of trees of three pairs each, for training and measuring; read only."""
    path = tmp_path_factory.mktemp("alike") / "trees.jsonl"
    return write_trees(path, [*trees_alike(8), *trees_alike(4, "eval")])


@pytest.fixture(scope="session")
def small(tokenizer: PreTrainedTokenizerBase, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model smaller than training.tiny makes any; read only."""
    return write_model(tmp_path_factory.mktemp("small") / "model", tokenizer)
