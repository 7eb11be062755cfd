"""SFT on packed trees against TRL's on rows: the same tokens, losses, gradients and weights."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from peft import LoraConfig
from transformers import PreTrainedTokenizerBase

from dialogues import Tree, Verdict
from dialogues.choice import verdict_chooser
from dialogues.pairs import judged_sets
from dialogues.rendering import conversation
from dialogues.rows import RowSettings
from tests.growing import all_tied, in_order, in_reverse, ranked
from tests.strategies import trees
from tests.training.school import (
    SGD,
    a_model,
    a_tree,
    assert_learnt_the_same,
    assert_losses_agree,
    grown,
    lora,
    row_learner,
    trained,
    tree_learner,
    weights,
)
from training.collate import ReplyCollator
from training.dataset import (
    Selection,
    every_reply,
    every_row,
    packed_dataset,
    renderer,
    reply_rows,
    reply_targets,
)
from training.trees import Grown

Forest = dict[str, list[Grown]]
Tokens = PreTrainedTokenizerBase
SETTINGS = RowSettings(verdict_chooser(None))


def learnt(trees: list[Grown], tokenizer: Tokens, limit: int | None = None) -> Iterator[str]:
    """Walk the texts that have labels, as they stand in a batch."""
    packs, _ = packed_dataset(trees, renderer(tokenizer), reply_targets, Selection(), limit)
    assert packs is not None
    batch = ReplyCollator(int(tokenizer.pad_token_id))(list(packs))
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        assert all(label in (-100, token) for token, label in zip(ids, labels, strict=True))
        said = [int(label) for label in labels]
        while said:
            run = next((at for at, label in enumerate(said) if label == -100), len(said))
            if run:
                yield tokenizer.decode(said[:run])
            said = said[run + 1 :]


def first_two_best(keys: list[str]) -> Verdict:
    """Put the first two candidates before the others."""
    return ranked(keys[:2], keys[2:])


@pytest.mark.parametrize("policy", ["random", "best", "all", "uncertain"])
@pytest.mark.parametrize("peft", [None, lora()], ids=["whole", "lora"])
def test_loss_and_gradient_are_those_of_rows(
    forest: Forest, tokenizer: Tokens, policy: str, peft: LoraConfig | None
) -> None:
    makers = (tree_learner, row_learner)
    assert_losses_agree(
        *(make(forest[policy], tokenizer, a_model(tokenizer), peft_config=peft) for make in makers)
    )


@pytest.mark.parametrize("attention", ["tree_sdpa", "sdpa", "eager"])
def test_other_losses_and_attentions_say_the_same(
    forest: Forest, tokenizer: Tokens, attention: str
) -> None:
    assert_losses_agree(
        *(
            make(forest["all"], tokenizer, a_model(tokenizer, attention=attention), loss_type="dft")
            for make in (tree_learner, row_learner)
        )
    )


def test_trees_cut_into_several_packs_give_the_same_loss(forest: Forest, tokenizer: Tokens) -> None:
    whole = tree_learner(forest["all"], tokenizer, a_model(tokenizer))
    longest = max(len(pack["ids"]) for row in whole.train_dataset for pack in row["packs"])
    cut = tree_learner(forest["all"], tokenizer, a_model(tokenizer), limit=longest * 2 // 3)
    assert max(len(row["packs"]) for row in cut.train_dataset) > 1
    assert_losses_agree(whole, cut)


def test_every_token_of_a_step_weighs_the_same_however_its_trees_are_batched(
    forest: Forest, tokenizer: Tokens
) -> None:
    trees = [*forest["random"], *forest["all"]]
    rows = row_learner(trees, tokenizer, a_model(tokenizer), per_device_train_batch_size=99, **SGD)
    trained(rows)
    for size in (1, 2, 4):
        packs = tree_learner(
            *(trees, tokenizer, a_model(tokenizer)),
            per_device_train_batch_size=size,
            gradient_accumulation_steps=4 // size,
            **SGD,
        )
        assert_learnt_the_same(trained(packs), rows, weights(a_model(tokenizer)))


def test_tokens_are_counted_once_each(forest: Forest, tokenizer: Tokens) -> None:
    trees = [*forest["random"], *forest["all"]]
    trainer = trained(tree_learner(trees, tokenizer, a_model(tokenizer), num_train_epochs=2))
    _, counts = packed_dataset(trees, renderer(tokenizer), reply_targets, Selection())
    everything = 0
    for tree, record in trees:
        wanted = {key for (key,) in reply_targets(tree, SETTINGS)}
        nodes = {node.key for key in wanted for node in tree.path(key)}
        for key in nodes:
            messages = conversation(tree.history(key), record.system)
            everything += len(renderer(tokenizer)(messages, False))
            if len(messages) > 1 + bool(record.system):
                everything -= len(renderer(tokenizer)(messages[:-1], False))
    assert counts.tokens == everything
    assert trainer._total_train_tokens == 2 * everything


@given(trees())
def test_replies_to_learn_are_the_preferred_ones_each_once_packed_or_in_rows(tree: Tree) -> None:
    keys = [key for (key,) in reply_targets(tree, SETTINGS)]
    assert len(keys) == len(set(keys))
    assert set(keys) == {
        node.key for judged in judged_sets(tree, SETTINGS.choose) for node in judged.preferred
    }
    expected = Counter(str(conversation(tree.history(key))) for key in keys)
    rows = reply_rows(tree, SETTINGS)
    assert Counter(str([*row["prompt"], *row["completion"]]) for row in rows) == expected


@given(trees())
def test_of_other_chats_every_reply_is_learnt_once_packed_or_in_rows(tree: Tree) -> None:
    keys = [key for (key,) in every_reply(tree, SETTINGS)]
    assert sorted(keys) == sorted(
        node.key for user in tree.user_messages() for node in tree.candidates(user.key)
    )
    rows = list(every_row(tree, SETTINGS))
    assert [[*row["prompt"], *row["completion"]] for row in rows] == [
        conversation(tree.history(key)) for key in keys
    ]


def test_labels_stand_on_preferred_replies_only(tokenizer: Tokens) -> None:
    tree = grown(a_tree(("yes", "no"), ("good", "bad", "worse"), verdict=in_order), "Be kind.")
    assert sorted(learnt([tree], tokenizer)) == ["good<|im_end|>\n", "yes<|im_end|>\n"]


def test_a_rejected_reply_that_the_dialogue_went_on_from_is_context_only(
    tokenizer: Tokens,
) -> None:
    tree = grown(a_tree(("yes", "no"), ("bad", "good"), verdict=in_reverse))
    texts = list(learnt([tree], tokenizer))
    assert texts == ["no<|im_end|>\n", "good<|im_end|>\n"]
    other = grown(a_tree(("yes", "no"), ("good", "bad"), verdict=in_order))
    assert "no<|im_end|>\n" not in list(learnt([other], tokenizer))


def test_siblings_that_share_the_best_place_are_all_learnt(tokenizer: Tokens) -> None:
    tree = grown(a_tree(("yes", "yeah", "no"), verdict=first_two_best))
    assert sorted(learnt([tree], tokenizer)) == ["yeah<|im_end|>\n", "yes<|im_end|>\n"]


def test_where_all_tie_nothing_is_learnt(tokenizer: Tokens) -> None:
    trees = [grown(a_tree(("yes", "no"), verdict=all_tied))]
    packs, counts = packed_dataset(trees, renderer(tokenizer), reply_targets, Selection())
    assert packs is None and counts.targets == 0 and counts.trees == 0


@pytest.mark.parametrize("limit", [None, 150])
def test_no_reply_is_learnt_twice_where_packs_repeat_it(
    forest: Forest, tokenizer: Tokens, limit: int | None
) -> None:
    trees = forest["all"]
    expected = [
        tree[key].text + "<|im_end|>\n"
        for tree, _ in trees
        for (key,) in reply_targets(tree, SETTINGS)
    ]
    _, counts = packed_dataset(trees, renderer(tokenizer), reply_targets, Selection(), limit)
    texts = list(learnt(trees, tokenizer, limit))
    assert len(texts) == len(expected) - counts.too_long
    assert not Counter(texts) - Counter(expected)
