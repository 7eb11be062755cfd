"""Packed trees beside TRL's rows: do they compute the same?

    python -m benchmarks.same_mathematics

Fifty trees of scripted dialogues (all expansion policies, 2 to 5 candidates, 2 to 4 turns), the
same pairs in the same order, a tiny model, float32 on both sides, with full weights and with LoRA:
log-probabilities of all replies, loss and gradient of steps of five trees, the worst of each. Then
50 steps of DPO, two trees of ten turns each, all of as many pairs (TRL's batches count rows): the
losses, the weights and the seconds.
"""

import contextlib
import io
import itertools
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from peft import LoraConfig
from rich.console import Console
from rich.table import Table
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from dialogues.pairs import preference_pairs
from graphs.simulate import Simulate
from tests.training.school import (
    SGD,
    a_model,
    cosine,
    logged,
    lora,
    losses_and_gradients,
    nudged,
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
STEPS, TREES_A_STEP = 50, 2


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


class Trained(NamedTuple):
    """Where some steps led.

    Attributes:
        moved: how far each weight went.
        losses: of every step.
        seconds: all of it took.
    """

    moved: Tensor
    losses: list[float]
    seconds: float


def alike(folder: str) -> tuple[list[Grown], int]:
    """Grow trees of ten turns; return enough of them with as many pairs each, and how many."""
    store = f"{folder}/alike.db"
    Simulate(store=store, limit=3 * STEPS * TREES_A_STEP, workers=2).execute()
    trees = [(grown, len([*preference_pairs(grown[0])])) for grown in read_trees(store)]
    [(most, _)] = Counter(pairs for _, pairs in trees).most_common(1)
    found = [grown for grown, pairs in trees if pairs == most]
    return found[: STEPS * TREES_A_STEP], most


def take_steps(
    make: Any, trees: list[Grown], tokenizer: PreTrainedTokenizerBase, size: int
) -> Trained:
    """Train from the same weights, in the same order."""
    start = weights(nudged(a_model(tokenizer)))
    models = nudged(a_model(tokenizer)), a_model(tokenizer)
    trainer = make(trees, tokenizer, *models, per_device_train_batch_size=size, **SGD)
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()):
        trained(trainer)
    seconds = time.perf_counter() - began
    return Trained(weights(trainer.model) - start, logged(trainer), seconds)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        trees = grown_trees(folder)
        tokenizer = tokenizer_for([tree for tree, _ in trees], Path(folder) / "tokens")
        table = Table(title=f"{len(trees)} trees, packed and in rows", title_justify="left")
        for name in ("", "replies", "log-probability", "loss, relative", "gradient cosine"):
            table.add_column(name, justify="right" if name else "left")
        for name, peft in (("full weights", None), ("LoRA", lora())):
            table.add_row(name, *worst(trees, tokenizer, peft))
        long, pairs = alike(folder)
        tokenizer = tokenizer_for([tree for tree, _ in long], Path(folder) / "long")
        here = take_steps(tree_trainer, long, tokenizer, TREES_A_STEP)
        there = take_steps(row_trainer, long, tokenizer, TREES_A_STEP * pairs)
    apart_by = float((here.moved - there.moved).norm() / there.moved.norm())
    losses = max(abs(one - other) for one, other in zip(here.losses, there.losses, strict=True))
    console = Console()
    console.print(table)
    console.print(
        f"{len(here.losses)} steps of {TREES_A_STEP} trees, {TREES_A_STEP * pairs} pairs: losses "
        f"apart by at most {losses:.1e}, weights by {apart_by:.1e} of the way they went; packed "
        f"{here.seconds:.0f} s, in rows {there.seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
