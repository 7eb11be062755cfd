"""Packed trees beside TRL's rows: do they compute the same?

    python -m benchmarks.same_mathematics

Fifty trees of scripted dialogues (all expansion policies, 2 to 5 candidates, 2 to 4 turns), the
same pairs in the same order, a tiny model, float32 on both sides, with full weights and with LoRA:
log-probabilities of all replies, loss and gradient of steps of five trees, the worst of each. Then
50 optimizer steps on trees of as many pairs each, packed and in rows: weights, losses, times.
"""

import itertools
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import torch
from peft import LoraConfig
from rich.console import Console
from rich.table import Table
from transformers import PreTrainedTokenizerBase

from graphs.simulate import Simulate
from tests.training.school import (
    SGD,
    a_model,
    cosine,
    logged,
    lora,
    losses_and_gradients,
    nudged,
    pairs_of,
    row_trainer,
    said,
    tokenizer_for,
    trained,
    tree_trainer,
    weights,
)
from training.trees import Grown, read_trees

POLICIES = ("random", "best", "all", "uncertain")
CANDIDATES = (2, 3, 4, 5)
TREES, PER_STEP = 50, 5
STEPS, PER_BATCH, PAIRS = 50, 2, 5


def grown_trees(folder: str) -> list[Grown]:
    """Grow the trees, a few of every policy and number of candidates."""
    trees: list[Grown] = []
    for number, (policy, candidates) in enumerate(itertools.product(POLICIES, CANDIDATES)):
        store, turns = f"{folder}/{number}.db", 2 + number % 3
        Simulate(
            store=store,
            limit=4,
            turns=turns,
            seed=number,
            workers=1,
            expand=policy,
            candidates=candidates,
            max_branches=2,
        ).execute()
        trees += read_trees(store)
    return trees[:TREES]


class Apart(NamedTuple):
    """How far packs and rows are apart on some trees.

    Attributes:
        replies: how many were compared.
        reply: largest difference of a reply's log-probability.
        loss: relative difference of the loss.
        cosine: of the gradients.
    """

    replies: int
    reply: float
    loss: float
    cosine: float


def apart(trees: list[Grown], tokenizer: PreTrainedTokenizerBase, peft: LoraConfig | None) -> Apart:
    """Compare packs with rows on some trees, taken as one step."""
    packs, rows = (
        make(
            trees,
            tokenizer,
            nudged(a_model(tokenizer)),
            None if peft else a_model(tokenizer),
            peft_config=peft,
        )
        for make in (tree_trainer, row_trainer)
    )
    here, there = ([sum(reply) for reply in said(each)] for each in (packs, rows))
    (loss, slope), (their_loss, their_slope) = map(losses_and_gradients, (packs, rows))
    return Apart(
        len(here),
        max(abs(one - other) for one, other in zip(here, there, strict=True)),
        abs(loss - their_loss) / abs(their_loss),
        cosine(slope, their_slope),
    )


def worst(
    trees: list[Grown], tokenizer: PreTrainedTokenizerBase, peft: LoraConfig | None
) -> list[str]:
    """Return the texts of the worst of all steps."""
    steps = [trees[at : at + PER_STEP] for at in range(0, len(trees), PER_STEP)]
    found = [apart(step, tokenizer, peft) for step in steps]
    return [
        f"{sum(one.replies for one in found):,}",
        f"{max(one.reply for one in found):.1e}",
        f"{max(one.loss for one in found):.1e}",
        f"{min(one.cosine for one in found):.8f}",
    ]


def even_trees(folder: str) -> list[Grown]:
    """Grow trees of five turns, and keep those of five pairs: a batch of rows counts rows."""
    store = f"{folder}/even.db"
    Simulate(store=store, limit=60, turns=PAIRS, workers=1).execute()
    return [tree for tree in read_trees(store) if len(pairs_of(tree)) == PAIRS]


class Course(NamedTuple):
    """How a training went.

    Attributes:
        seconds: that it took.
        moved: how far each weight went.
        loss: of the last step.
    """

    seconds: float
    moved: torch.Tensor
    loss: float


def course(make: Any, batch: int, trees: list[Grown], tokenizer: PreTrainedTokenizerBase) -> Course:
    """Train for 50 steps of plain gradients on batches of this size."""
    shape: dict[str, Any] = {"hidden_size": 128, "head_dim": 32}
    model, reference = nudged(a_model(tokenizer, **shape)), a_model(tokenizer, **shape)
    how = {"per_device_train_batch_size": batch, "max_steps": STEPS, **SGD, "learning_rate": 0.01}
    trainer, start = make(trees, tokenizer, model, reference, **how), weights(model)
    began = time.perf_counter()
    trained(trainer)
    seconds = time.perf_counter() - began
    return Course(seconds, weights(trainer.model) - start, logged(trainer)[-1])


def tell_steps(console: Console, packs: Course, rows: Course, trees: int) -> None:
    """Say how far apart both ended, and how long each took."""
    apart = float((packs.moved - rows.moved).norm() / rows.moved.norm())
    console.print(
        f"{STEPS} steps of {PER_BATCH} of {trees} trees with {PAIRS} pairs each: weights "
        f"apart by {apart:.1e} of the way they went, last losses by "
        f"{abs(packs.loss - rows.loss):.1e}; packed {packs.seconds:.1f} s, in rows "
        f"{rows.seconds:.1f} s: {rows.seconds / packs.seconds:.1f} times as long"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        trees = grown_trees(folder)
        tokenizer = tokenizer_for([tree for tree, _ in trees], Path(folder) / "tokens")
        table = Table(title=f"{len(trees)} trees, packed and in rows", title_justify="left")
        for name in ("", "replies", "log-probability", "loss, relative", "gradient cosine"):
            table.add_column(name, justify="right" if name else "left")
        for name, peft in (("full weights", None), ("LoRA", lora())):
            table.add_row(name, *worst(trees, tokenizer, peft))
        even = even_trees(folder)
        packs = course(tree_trainer, PER_BATCH, even, tokenizer)
        rows = course(row_trainer, PER_BATCH * PAIRS, even, tokenizer)
    console = Console()
    console.print(table)
    tell_steps(console, packs, rows, len(even))


if __name__ == "__main__":
    main()
