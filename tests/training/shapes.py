"""Which trees a test takes, and what shape they have."""

import pytest
from transformers import PreTrainedTokenizerBase

from tests.training.school import pairs_of
from training.dataset import renderer
from training.packing import size_of
from training.segments import cut_segments
from training.trees import Grown

Forest = dict[str, list[Grown]]
Tokens = PreTrainedTokenizerBase


def longest_pair(trees: list[Grown], tokenizer: Tokens) -> int:
    """Return how many tokens the longest pair takes with all before it."""
    longest = 0
    for tree, record in trees:
        for pair in pairs_of((tree, record)):
            segments = cut_segments(tree, pair, renderer(tokenizer), record.system)
            longest = max(longest, size_of(segments, segments))
    return longest


def few(forest: Forest) -> list[Grown]:
    """Return trees of several shapes with few pairs, and not as many each."""
    trees = [*forest["random"], *forest["best"]]
    assert len({len(pairs_of(tree)) for tree in trees}) > 1
    return trees


def assert_the_same(one: list[list[float]], other: list[list[float]]) -> None:
    """Compare the log-probabilities of replies, token by token and in all."""
    assert [len(reply) for reply in one] == [len(reply) for reply in other]
    for here, there in zip(one, other, strict=True):
        assert sum(here) == pytest.approx(sum(there), abs=1e-4)
        assert here == pytest.approx(there, abs=1e-4)
