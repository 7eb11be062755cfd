"""A school for the tests of training: small models, trees made by hand, and TRL's rows of them."""

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from datasets import Dataset
from peft import LoraConfig
from torch import Tensor
from transformers import (
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Qwen3Config,
    Qwen3ForCausalLM,
    Trainer,
    TrainingArguments,
    set_seed,
)
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from dialogues import Node, Persona, Personality, Profile, RunRecord, Tree, Verdict
from dialogues.persona import Split
from dialogues.records import StoredTree
from dialogues.rendering import conversation
from dialogues.rows import Row
from dialogues.tree_file import tree_record
from tests.growing import a_persona, a_turn, in_order, ranked
from training.collate import PairCollator, ReplyCollator
from training.dataset import (
    Selection,
    in_tree_order,
    packed_dataset,
    pair_targets,
    renderer,
    reply_rows,
    reply_targets,
)
from training.packing import Target
from training.tiny import make_tiny
from training.trainers import TreeDPOTrainer, TreeSFTTrainer
from training.trees import Grown

Turn = Sequence[str]
"""The replies of a turn, the best first; the dialogue goes on from the last one."""


def tokenizer_for(trees: Iterable[Tree], folder: Path) -> PreTrainedTokenizerBase:
    """Return the tokenizer that training.tiny makes of trees."""
    make_tiny(trees, folder)
    return tokenizer_in(folder)


def tokenizer_in(folder: Path, template: str | None = None) -> PreTrainedTokenizerBase:
    """Load a tokenizer, with a chat template of another kind if one is given."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, PreTrainedTokenizerBase)
    if template is not None:
        tokenizer.chat_template = template
    return tokenizer


def a_model(
    tokenizer: PreTrainedTokenizerBase, seed: int = 0, attention: str = "tree_sdpa", **shape: Any
) -> PreTrainedModel:
    """Return a tiny Qwen3, always the same for a seed, in which what comes before matters a lot."""
    set_seed(seed)
    config = Qwen3Config(
        vocab_size=len(tokenizer),
        **{"hidden_size": 32, "num_hidden_layers": 2, "head_dim": 8, **shape},
        num_attention_heads=4,
        num_key_value_heads=2,
        intermediate_size=64,
        initializer_range=0.2,
        tie_word_embeddings=True,
        attn_implementation=attention,
        pad_token_id=tokenizer.pad_token_id,
    )
    return Qwen3ForCausalLM(config)


def nudged(model: PreTrainedModel, seed: int = 1, by: float = 0.01) -> PreTrainedModel:
    """Move a model's weights a little, so that it and its reference do not agree."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            weight += by * torch.randn(weight.shape, generator=generator)
    return model


def a_tree(
    *turns: Turn,
    says: Sequence[str] = ("Hi.", "I see.", "Well."),
    persona: Persona | None = None,
    verdict: Callable[[list[str]], Verdict] | None = in_order,
) -> Tree:
    """Return a tree with the given replies."""
    tree = Tree(persona or a_persona())
    tip, nodes = tree.key, list[Node]()
    for number, replies in enumerate(turns, start=1):
        said = says[(number - 1) % len(says)]
        turn = a_turn(tip, *replies, turn=number, says=said, verdict=verdict)
        nodes += turn
        tip = turn[len(replies)].key
    return Tree(tree.persona, 0, nodes)


def grown(tree: Tree, system: str = "") -> Grown:
    """Return a tree with the record of a run."""
    return tree, RunRecord(judge="scripted", system=system)


def a_person(number: int, split: Split = "train") -> Persona:
    """Return one of many people of a split, no half of whom another one shares."""
    return Persona(
        profile=Profile.of(f"Ada lives in house {number} of {split} street.", split),
        personality=Personality.of(f"She has {number} moods, all of {split} kind.", split),
    )


def trees_alike(count: int, split: Split = "train") -> list[Grown]:
    """Return trees of three pairs each."""
    words = ("yes", "no", "maybe so", "I see what you mean", "well well", "tell me of it")
    says = ("Hi.", "Good day to you.", "Hello, hello.", "Hey.")
    return [
        grown(
            a_tree(
                (words[at % 3], words[3 + at % 3]),
                (words[(at + 1) % 6], words[(at + 3) % 6], "why"),
                says=(says[at % 4], "Oh."),
                persona=a_person(at, split),
                verdict=lambda keys: ranked(keys[:1], keys[1:]),
            )
        )
        for at in range(count)
    ]


def trees_unlike(count: int, split: Split = "train") -> list[Grown]:
    """Return trees of one to ten pairs each."""
    replies = ("yes", "no", "maybe", "never mind that", "tell me all of it")
    return [
        grown(
            a_tree(
                replies[: 2 + at % 3],
                *[replies[::-1][: 2 + turn % 2] for turn in range(at % 4)],
                persona=a_person(at, split),
            )
        )
        for at in range(count)
    ]


def write_trees(path: Path, trees: Iterable[Grown]) -> Path:
    """Write trees as a file of the `tree` format."""
    stored = [(StoredTree(at, tree, "done"), run) for at, (tree, run) in enumerate(trees)]
    path.write_text("".join(json.dumps(tree_record(*each)) + "\n" for each in stored))
    return path


def write_model(
    folder: Path, tokenizer: PreTrainedTokenizerBase, model: PreTrainedModel | None = None
) -> Path:
    """Write a tiny model with its tokenizer."""
    (model or a_model(tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def pairs_of(tree: Grown) -> list[Target]:
    """Return the pairs of a tree, in the order in which they are packed."""
    return in_tree_order(tree[0], pair_targets(tree[0], Selection().settings(tree)))


def pair_rows(trees: Iterable[Grown]) -> list[Row]:
    """Return TRL's row of each pair, in the order in which they are packed."""
    return [
        {
            "prompt": conversation(tree.history(tree[chosen].parent), record.system),
            "chosen": [{"role": "assistant", "content": tree[chosen].text}],
            "rejected": [{"role": "assistant", "content": tree[rejected].text}],
        }
        for tree, record in trees
        for chosen, rejected in pairs_of((tree, record))
    ]


def tree_trainer(
    trees: Iterable[Grown],
    tokenizer: PreTrainedTokenizerBase,
    model: PreTrainedModel,
    reference: PreTrainedModel | None = None,
    limit: int | None = None,
    multiple: int = 1,
    peft_config: LoraConfig | None = None,
    **config: Any,
) -> TreeDPOTrainer:
    """Return the trainer of packed trees."""
    render = renderer(tokenizer)
    packs, _ = packed_dataset(trees, render, pair_targets, Selection(), limit)
    return TreeDPOTrainer(
        model=model,
        ref_model=reference,
        args=settings(DPOConfig, **config),
        train_dataset=packs,
        processing_class=tokenizer,
        data_collator=PairCollator(int(tokenizer.pad_token_id), multiple),
        peft_config=peft_config,
    )


def row_trainer(
    trees: Iterable[Grown],
    tokenizer: PreTrainedTokenizerBase,
    model: PreTrainedModel,
    reference: PreTrainedModel | None = None,
    peft_config: LoraConfig | None = None,
    **config: Any,
) -> DPOTrainer:
    """Return TRL's own trainer of rows."""
    return DPOTrainer(
        model=model,
        ref_model=reference,
        args=settings(DPOConfig, **config),
        train_dataset=Dataset.from_list(pair_rows(trees)),
        processing_class=tokenizer,
        peft_config=peft_config,
    )


def tree_learner(
    trees: Iterable[Grown],
    tokenizer: PreTrainedTokenizerBase,
    model: PreTrainedModel,
    limit: int | None = None,
    peft_config: LoraConfig | None = None,
    **config: Any,
) -> TreeSFTTrainer:
    """Return the trainer that learns preferred replies of packed trees."""
    packs, _ = packed_dataset(trees, renderer(tokenizer), reply_targets, Selection(), limit)
    given = settings(SFTConfig, dataset_kwargs={"skip_prepare_dataset": True}, **config)
    return TreeSFTTrainer(
        model=model,
        args=given,
        train_dataset=packs,
        processing_class=tokenizer,
        data_collator=ReplyCollator(int(tokenizer.pad_token_id)),
        peft_config=peft_config,
    )


def row_learner(
    trees: Iterable[Grown],
    tokenizer: PreTrainedTokenizerBase,
    model: PreTrainedModel,
    peft_config: LoraConfig | None = None,
    **config: Any,
) -> SFTTrainer:
    """Return TRL's own trainer of prompts and completions."""
    rows = [row for tree in trees for row in reply_rows(tree[0], Selection().settings(tree))]
    return SFTTrainer(
        model=model,
        args=settings(SFTConfig, **config),
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
        peft_config=peft_config,
    )


def settings(kind: type[TrainingArguments], **given: Any) -> Any:
    """Return TRL's settings for a small machine, and that nothing is saved or told."""
    quiet = {"report_to": "none", "save_strategy": "no", "disable_tqdm": True}
    small = {"bf16": False, "activation_checkpointing": False, "max_length": None}
    folder = tempfile.mkdtemp(prefix="grove-test-")
    return kind(**{"output_dir": folder, **quiet, **small, "remove_unused_columns": False, **given})


def whole_batch(trainer: Trainer) -> dict[str, Tensor]:
    """Return all that a trainer would learn from as one batch."""
    rows = list(trainer.train_dataset)
    batch: dict[str, Tensor] = trainer._prepare_inputs(trainer.data_collator(rows))
    return batch


def said(trainer: DPOTrainer) -> list[list[float]]:
    """Return the log-probability of every token of every reply, the chosen replies first."""
    batch = whole_batch(trainer)
    labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
    known = {name: value for name, value in batch.items() if name != "completion_mask"}
    with torch.no_grad():
        outputs = trainer.model(**known, labels=labels, use_cache=False, fused_lm_head=True)
    inside = batch["completion_mask"][:, 1:].bool()
    return [row[mask].tolist() for row, mask in zip(outputs.log_probs, inside, strict=True)]


def losses_and_gradients(trainer: Trainer) -> tuple[float, Tensor]:
    """Learn from everything as one batch, but for the optimizer's step."""
    trainer.model.zero_grad()
    loss = trainer.compute_loss(trainer.model, whole_batch(trainer))
    loss.backward()
    return loss.item(), gradient(trainer.model)


def assert_losses_agree(one: Trainer, other: Trainer) -> None:
    """Compare the losses and gradients of two trainers on everything they have."""
    (loss, slope), (their_loss, their_slope) = map(losses_and_gradients, (one, other))
    assert loss == pytest.approx(their_loss, rel=1e-5)
    assert their_slope.norm() > 1e-6
    assert cosine(slope, their_slope) > 0.99999
    assert slope.norm().item() == pytest.approx(their_slope.norm().item(), rel=1e-3)
    told, theirs = (
        {name: value[-1] for name, value in trainer._metrics["train"].items()}
        for trainer in (one, other)
    )
    assert told.pop("num_tokens") <= theirs.pop("num_tokens")
    assert told == pytest.approx(theirs, rel=1e-3, abs=1e-5)


def trained(trainer: Trainer) -> Trainer:
    """Train, and return the trainer."""
    trainer.train()
    return trainer


def logged(trainer: Trainer) -> list[float]:
    """Return the losses a trainer has logged."""
    return [float(entry["loss"]) for entry in trainer.state.log_history if "loss" in entry]


def assert_learnt_the_same(one: Trainer, other: Trainer, start: Tensor) -> None:
    """Compare how far two trainers have moved the weights, and what they logged on the way."""
    moved, theirs = weights(one.model) - start, weights(other.model) - start
    assert theirs.norm() > 1e-3
    assert (moved - theirs).norm() < 1e-3 * theirs.norm()
    assert logged(one) == pytest.approx(logged(other), rel=1e-4)


SGD = {
    **{"optim": "sgd", "learning_rate": 0.1, "max_grad_norm": 0.0, "logging_steps": 1},
    **{"lr_scheduler_type": "constant", "train_sampling_strategy": "sequential"},
}
"""Steps just as long as the gradient is."""


def gradient(model: PreTrainedModel) -> Tensor:
    """Return all gradients of a model, in double precision."""
    found = [weight.grad for weight in model.parameters() if weight.grad is not None]
    return torch.cat([grad.reshape(-1).double() for grad in found])


def weights(model: PreTrainedModel) -> Tensor:
    """Return all weights of a model that are trained, in double precision."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    return torch.cat([weight.detach().reshape(-1).double() for weight in trained])


def lora() -> LoraConfig:
    """Return adapters that already say something of their own."""
    return LoraConfig(r=4, init_lora_weights=False, target_modules="all-linear")


def cosine(one: Tensor, other: Tensor) -> float:
    """Return how far two vectors point the same way."""
    return float(torch.nn.functional.cosine_similarity(one, other, dim=0))
