"""Packed trees against TRL's rows: the same log-probabilities, losses, gradients and weights."""

from typing import Any

import pytest
import torch
from peft import LoraConfig
from transformers import PreTrainedModel, Trainer

from dialogues.errors import UsageError
from dialogues.rows import preference_rows
from tests.training.school import (
    SGD,
    a_model,
    assert_learnt_the_same,
    assert_losses_agree,
    logged,
    lora,
    nudged,
    pair_rows,
    pairs_of,
    row_trainer,
    said,
    trained,
    tree_trainer,
    trees_alike,
    weights,
)
from tests.training.shapes import Forest, Tokens, assert_the_same, few, longest_pair
from training.dataset import Selection
from training.forward import add_tree_forward, tree_mask
from training.trees import Grown

LOSSES: list[dict[str, Any]] = [
    *(
        {"loss_type": [name]}
        for name in (
            *("sigmoid", "hinge", "ipo", "exo_pair", "nca_pair", "robust", "bco_pair"),
            *("sppo_hard", "aot", "aot_unpaired", "apo_zero", "apo_down", "discopop", "sft"),
            "sigmoid_norm",
        )
    ),
    {"loss_type": ["sigmoid", "bco_pair", "sft"], "loss_weights": [0.8, 0.2, 1.0]},
    {"ld_alpha": 0.5},
    {"ld_alpha": 0.0, "loss_type": ["ipo"]},
    {"use_weighting": True},
    {"f_divergence_type": "forward_kl"},
    {"f_divergence_type": "js_divergence"},
    {"f_divergence_type": "alpha_divergence", "f_alpha_divergence_coef": 0.5},
    {"precompute_ref_log_probs": True},
    {"precompute_ref_log_probs": True, "ld_alpha": 0.5},
]
"""What TRL can do with a pair, all of it."""


# Log-probabilities


@pytest.mark.parametrize("policy", ["random", "best", "all", "uncertain"])
@pytest.mark.parametrize("attention", ["tree_sdpa", "sdpa", "eager"])
@pytest.mark.parametrize("peft", [None, lora()], ids=["whole", "lora"])
def test_every_branch_is_as_likely_as_in_a_row_of_its_own(
    forest: Forest, tokenizer: Tokens, policy: str, attention: str, peft: LoraConfig | None
) -> None:
    trees = forest[policy]
    model = a_model(tokenizer, attention=attention)
    rows = row_trainer(trees, tokenizer, a_model(tokenizer), a_model(tokenizer), peft)
    packs = tree_trainer(trees, tokenizer, model, a_model(tokenizer), peft_config=peft)
    assert_the_same(said(packs), said(rows))


def test_the_rows_compared_with_are_those_that_are_exported(forest: Forest) -> None:
    for trees in forest.values():
        for tree, record in trees:
            exported = list(preference_rows(tree, Selection().settings((tree, record))))
            ours = pair_rows([(tree, record)])
            assert len(ours) == len(exported)
            for row in exported:
                assert {name: row[name] for name in ("prompt", "chosen", "rejected")} in ours


@pytest.mark.parametrize(("policy", "multiple"), [("random", 1), ("best", 128), ("all", 64)])
def test_trees_cut_into_several_packs_say_the_same(
    forest: Forest, tokenizer: Tokens, policy: str, multiple: int
) -> None:
    trees = forest[policy]
    whole = tree_trainer(trees, tokenizer, a_model(tokenizer), a_model(tokenizer))
    cut = tree_trainer(
        *(trees, tokenizer, a_model(tokenizer), a_model(tokenizer)),
        limit=longest_pair(trees, tokenizer),
        multiple=multiple,
    )
    assert max(len(row["packs"]) for row in cut.train_dataset) > 1
    assert_the_same(said(cut), said(whole))


def test_a_mask_that_showed_other_branches_would_be_noticed(
    forest: Forest, tokenizer: Tokens
) -> None:
    trainer = tree_trainer(forest["best"], tokenizer, a_model(tokenizer), a_model(tokenizer))
    right = [sum(reply) for reply in said(trainer)]
    for row in (packs := list(trainer.train_dataset)):
        for pack in row["packs"]:
            pack["ends"] = [len(pack["ids"])] * len(pack["ids"])
    trainer.train_dataset = packs
    wrong = [sum(reply) for reply in said(trainer)]
    assert max(abs(one - other) for one, other in zip(right, wrong, strict=True)) > 1


def test_the_mask_of_every_implementation_shows_a_token_its_path_only() -> None:
    ends = torch.tensor([[5, 2, 5, 4, 5], [5, 5, 4, 4, 5]])
    expected = [
        [[k <= q < row[k] for k in range(len(row))] for q in range(len(row))]
        for row in ends.tolist()
    ]
    assert tree_mask(ends, "sdpa", torch.float32)[:, 0].tolist() == expected
    for dtype in (torch.float32, torch.bfloat16):
        added = tree_mask(ends, "eager", dtype)
        assert added.dtype == dtype and torch.isfinite(added).all()
        assert (added[:, 0] == 0).tolist() == expected


def test_flex_attention_says_the_same(forest: Forest, tokenizer: Tokens) -> None:
    trees = forest["best"]
    model = a_model(tokenizer, attention="flex_attention")
    flex = tree_trainer(trees, tokenizer, model, a_model(tokenizer), multiple=128)
    try:
        # Compiling the kernel takes longer than all these tests together.
        with torch.compiler.set_stance("force_eager"):
            found = said(flex)
    except (RuntimeError, NotImplementedError) as error:
        pytest.skip(f"FlexAttention does not run here: {error}")
    plain = tree_trainer(trees, tokenizer, a_model(tokenizer), a_model(tokenizer))
    assert_the_same(found, said(plain))


def test_an_attention_that_takes_no_mask_is_refused(tokenizer: Tokens) -> None:
    model = a_model(tokenizer)
    model.config._attn_implementation = "flash_attention_2"
    with pytest.raises(UsageError, match="--attn_implementation tree_sdpa, sdpa, flex_attention"):
        add_tree_forward(model)


def test_a_model_that_can_run_trees_still_runs_and_writes_as_before(tokenizer: Tokens) -> None:
    model, plain = a_model(tokenizer).eval(), a_model(tokenizer).eval()
    add_tree_forward(model)
    once = model.forward
    add_tree_forward(model)
    assert model.forward is once or model.forward.__func__ is once.__func__
    given = tokenizer(["Hello there.", "Hi."], return_tensors="pt", padding=True)
    given.pop("token_type_ids", None)
    assert torch.equal(model(**given).logits, plain(**given).logits)
    written = [m.generate(**given, max_new_tokens=5, do_sample=False) for m in (model, plain)]
    assert torch.equal(*written)


# Losses and gradients


@pytest.mark.parametrize("given", LOSSES, ids=lambda given: ",".join(map(str, given.values())))
def test_every_loss_of_trl_and_its_gradient_are_the_same(
    forest: Forest, tokenizer: Tokens, given: dict[str, Any]
) -> None:
    settings = {"label_smoothing": 0.1, "beta": 0.2, **given}
    trees = few(forest)[1:3]
    makers = (tree_trainer, row_trainer)
    assert_losses_agree(
        *(
            make(trees, tokenizer, nudged(a_model(tokenizer)), a_model(tokenizer), **settings)
            for make in makers
        )
    )


@pytest.mark.parametrize("precompute", [False, True])
def test_adapters_learn_the_same_from_the_model_below_them(
    forest: Forest, tokenizer: Tokens, precompute: bool
) -> None:
    trees, model = few(forest)[1:3], a_model(tokenizer)
    settings = {"peft_config": lora(), "precompute_ref_log_probs": precompute}
    packs = tree_trainer(trees, tokenizer, model, **settings)
    rows = row_trainer(trees, tokenizer, a_model(tokenizer), **settings)
    assert_losses_agree(packs, rows)


def test_packs_of_half_the_length_give_the_same_loss(forest: Forest, tokenizer: Tokens) -> None:
    trees = few(forest)
    whole, cut = (
        tree_trainer(trees, tokenizer, nudged(a_model(tokenizer)), a_model(tokenizer), limit)
        for limit in (None, longest_pair(trees, tokenizer))
    )
    assert any(len(row["packs"]) > 1 for row in cut.train_dataset)
    assert_losses_agree(whole, cut)


def test_log_probabilities_of_the_reference_are_computed_pair_by_pair(
    forest: Forest, tokenizer: Tokens
) -> None:
    trees, given = few(forest), {"precompute_ref_log_probs": True}
    models = [(nudged(a_model(tokenizer)), a_model(tokenizer)) for _ in range(2)]
    limit = longest_pair(trees, tokenizer)
    packs = tree_trainer(trees, tokenizer, *models[0], limit=limit, **given)
    rows = row_trainer(trees, tokenizer, *models[1], **given)
    for name in ("ref_chosen_logps", "ref_rejected_logps"):
        ours = [logp for logps in packs.train_dataset[name] for logp in logps]
        assert ours == pytest.approx(list(rows.train_dataset[name]), abs=1e-3)


# Training


def test_twenty_steps_on_the_same_pairs_end_at_the_same_weights(tokenizer: Tokens) -> None:
    trees = trees_alike(4)
    assert {len(pairs_of(tree)) for tree in trees} == {3}
    steps = {"max_steps": 20, "learning_rate": 1e-3, "logging_steps": 1, "beta": 0.5}
    order = {"train_sampling_strategy": "sequential", "lr_scheduler_type": "cosine"}
    packs, rows = (
        trained(
            make(
                *(trees, tokenizer, a_model(tokenizer), a_model(tokenizer)),
                per_device_train_batch_size=size,
                **steps,
                **order,
            )
        )
        for make, size in ((tree_trainer, 2), (row_trainer, 6))
    )
    assert_learnt_the_same(packs, rows, weights(a_model(tokenizer)))
    assert logged(packs)[-1] < 0.5 * logged(packs)[0]


def taught(trees: list[Grown], tokenizer: Tokens, size: int, steps: int, **given: Any) -> Trainer:
    """Train on packed trees with plain steps, some trees a batch and some batches a step."""
    return trained(
        tree_trainer(
            *(trees, tokenizer, nudged(a_model(tokenizer)), a_model(tokenizer)),
            per_device_train_batch_size=size,
            gradient_accumulation_steps=steps,
            **{**SGD, **given},
        )
    )


def test_every_pair_of_a_step_weighs_the_same_however_its_trees_are_batched(
    forest: Forest, tokenizer: Tokens
) -> None:
    trees, start = few(forest), weights(nudged(a_model(tokenizer)))
    pairs = sum(len(pairs_of(tree)) for tree in trees)
    one_batch = taught(trees, tokenizer, len(trees), 1)
    rows = trained(
        row_trainer(
            *(trees, tokenizer, nudged(a_model(tokenizer)), a_model(tokenizer)),
            per_device_train_batch_size=pairs,
            **SGD,
        )
    )
    assert_learnt_the_same(one_batch, rows, start)
    for size in (1, 2):
        parts = taught(trees, tokenizer, size, len(trees) // size)
        assert parts.state.global_step == one_batch.state.global_step
        assert_learnt_the_same(parts, one_batch, start)


def test_a_last_step_of_fewer_batches_weighs_its_pairs_the_same(
    forest: Forest, tokenizer: Tokens
) -> None:
    trees, start = few(forest)[:3], weights(nudged(a_model(tokenizer)))
    assert_learnt_the_same(
        *(taught(trees, tokenizer, size, 2 // size, num_train_epochs=2) for size in (1, 2)), start
    )


@pytest.mark.parametrize("peft", [None, lora()], ids=["whole", "lora"])
def test_checkpointing_activations_changes_nothing(
    forest: Forest, tokenizer: Tokens, peft: LoraConfig | None
) -> None:
    trees = forest["random"]
    runs = []
    for on in (False, True):
        reference = None if peft else a_model(tokenizer)
        trainer = tree_trainer(
            *(trees, tokenizer, nudged(a_model(tokenizer)), reference),
            activation_checkpointing=on,
            peft_config=peft,
            **SGD,
        )
        start = weights(trainer.model)
        runs.append(trained(trainer))
    assert_learnt_the_same(runs[0], runs[1], start)


@pytest.mark.parametrize("attention", ["tree_sdpa", "sdpa", "eager"])
@pytest.mark.parametrize("model_too", [False, True], ids=["autocast", "weights"])
def test_half_precision_runs_and_ends_near_where_whole_precision_does(
    forest: Forest, tokenizer: Tokens, attention: str, model_too: bool
) -> None:
    def a(bf16: bool) -> PreTrainedModel:
        model = a_model(tokenizer, attention=attention)
        return model.to(torch.bfloat16) if bf16 and model_too else model

    trees = forest["random"]
    whole, half = (
        trained(
            tree_trainer(
                *(trees, tokenizer, a(bf16), a(bf16)),
                **{"bf16": bf16, "use_cpu": True, "max_steps": 3, "logging_steps": 1},
            )
        )
        for bf16 in (False, True)
    )
    assert logged(half) == pytest.approx(logged(whole), rel=0.05)
