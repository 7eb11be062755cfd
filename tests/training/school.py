"""A school for the tests of training: small models, trees made by hand, and TRL's rows of them."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

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
from trl import DPOConfig, DPOTrainer

from dialogues import Node, Persona, RunRecord, Tree, Verdict
from dialogues.rendering import conversation
from dialogues.rows import Row
from tests.growing import a_persona, a_turn, in_order
from training.collate import PairCollator
from training.dataset import Selection, in_tree_order, packed_dataset, pair_targets, renderer
from training.packing import Target
from training.tiny import make_tiny
from training.trainers import TreeDPOTrainer
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
    tokenizer: PreTrainedTokenizerBase, seed: int = 0, attention: str = "sdpa", **shape: Any
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


def gradient(model: PreTrainedModel) -> Tensor:
    """Return all gradients of a model, in double precision."""
    found = [weight.grad for weight in model.parameters() if weight.grad is not None]
    return torch.cat([grad.reshape(-1).double() for grad in found])


def weights(model: PreTrainedModel) -> Tensor:
    """Return all weights of a model that are trained, in double precision."""
    trained = [weight for weight in model.parameters() if weight.requires_grad]
    return torch.cat([weight.detach().reshape(-1).double() for weight in trained])


def cosine(one: Tensor, other: Tensor) -> float:
    """Return how far two vectors point the same way."""
    return float(torch.nn.functional.cosine_similarity(one, other, dim=0))
