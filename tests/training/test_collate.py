"""Batches of packs: whose pairs they hold, and what was counted of them."""

import torch

from tests.training.school import (
    a_model,
    pairs_of,
    row_trainer,
)
from tests.training.shapes import Forest, Tokens, few, longest_pair
from training.collate import PairCollator
from training.dataset import Selection, packed_dataset, pair_targets, renderer


def test_what_predicts_a_scored_token_is_the_token_before_it_on_its_path(
    forest: Forest, tokenizer: Tokens
) -> None:
    for trees in forest.values():
        packs, _ = packed_dataset(trees, renderer(tokenizer), pair_targets, Selection())
        batch = PairCollator(int(tokenizer.pad_token_id))(list(packs))
        tokens, positions = batch["pack_ids"].reshape(-1), batch["pack_positions"].reshape(-1)
        ends = batch["pack_ends"].reshape(-1)
        rows = batch["pack_rows"]
        inside = rows >= 0
        before, after = rows[inside], rows[inside] + 1
        assert torch.equal(positions[after], positions[before] + 1)
        assert (after % batch["pack_ids"].shape[1] < ends[before]).all()
        scored = batch["input_ids"][:, 1:]
        assert torch.equal(tokens[after], scored[inside])
        assert torch.equal(batch["completion_mask"][:, 1:].bool(), inside)


def test_the_pairs_of_a_batch_are_those_of_its_trees_the_chosen_first(
    forest: Forest, tokenizer: Tokens
) -> None:
    trees = few(forest)
    limit = longest_pair(trees, tokenizer)
    packs, counts = packed_dataset(trees, renderer(tokenizer), pair_targets, Selection(), limit)
    assert counts.packs > counts.trees
    batch = PairCollator(int(tokenizer.pad_token_id))(list(packs))
    texts = [
        tokenizer.decode(row[mask.bool()]).removesuffix("<|im_end|>\n")
        for row, mask in zip(batch["input_ids"], batch["completion_mask"], strict=True)
    ]
    pairs = [(tree[c].text, tree[r].text) for tree, _ in trees for c, r in pairs_of((tree, _))]
    assert counts.targets == len(pairs)
    assert texts == [chosen for chosen, _ in pairs] + [rejected for _, rejected in pairs]


def test_counts_tell_what_goes_through_the_model_and_what_rows_would_take(
    forest: Forest, tokenizer: Tokens
) -> None:
    for trees in forest.values():
        rows = row_trainer(trees, tokenizer, a_model(tokenizer), a_model(tokenizer)).train_dataset
        packs, counts = packed_dataset(trees, renderer(tokenizer), pair_targets, Selection())
        taken = [
            len(row["prompt_ids"]) * 2 + len(row["chosen_ids"]) + len(row["rejected_ids"])
            for row in rows
        ]
        assert counts.row_tokens == sum(taken)
        assert counts.tokens == sum(len(pack["ids"]) for row in packs for pack in row["packs"])
        assert (counts.trees, counts.packs, counts.targets) == (len(trees), len(packs), len(rows))
        assert counts.ratio > 1


def test_pairs_longer_than_a_pack_are_left_out_and_counted(
    forest: Forest, tokenizer: Tokens
) -> None:
    trees, render = forest["random"], renderer(tokenizer)
    whole, every = packed_dataset(trees, render, pair_targets, Selection())
    limit = longest_pair(trees, tokenizer) - 1
    cut, some = packed_dataset(trees, render, pair_targets, Selection(), limit)
    assert whole is not None and cut is not None
    assert some.too_long > 0 and some.targets + some.too_long == every.targets
    none, counts = packed_dataset(trees, render, pair_targets, Selection(), 3)
    assert none is None and counts.too_long == every.targets and counts.ratio == 0.0
