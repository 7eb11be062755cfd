"""Packed trees beside TRL's rows: do they compute the same?

    python -m benchmarks.same_mathematics

Fifty trees of scripted dialogues (all expansion policies, 2 to 5 candidates, 2 to 4 turns), the
same pairs in the same order, a tiny model, float32 on both sides, with full weights and with LoRA:
log-probabilities of all replies, loss and gradient of steps of five trees, the worst of each, and
the weights after 20 steps on trees of as many pairs each (TRL's batches count rows).
"""

import itertools
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

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
    row_trainer,
    said,
    tokenizer_for,
    trained,
    tree_trainer,
    trees_alike,
    weights,
)
from training.trees import Grown, read_trees

POLICIES = ("random", "best", "all", "uncertain")
CANDIDATES = (2, 3, 4, 5)
TREES, PER_STEP, STEPS = 50, 5, 20


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


def steps_apart(tokenizer: PreTrainedTokenizerBase) -> tuple[float, float]:
    """Return how far apart 20 steps end, as a share of the way, and the losses of the last step."""
    start = weights(nudged(a_model(tokenizer)))
    makers: list[tuple[Any, int]] = [(tree_trainer, 2), (row_trainer, 6)]
    ended: list[Any] = [
        trained(
            make(
                *(trees_alike(4), tokenizer, nudged(a_model(tokenizer)), a_model(tokenizer)),
                per_device_train_batch_size=size,
                max_steps=STEPS,
                **SGD,
            )
        )
        for make, size in makers
    ]
    here, there = (weights(each.model) - start for each in ended)
    losses = [logged(each)[-1] for each in ended]
    return float((here - there).norm() / there.norm()), abs(losses[0] - losses[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        trees = grown_trees(folder)
        tokenizer = tokenizer_for([tree for tree, _ in trees], Path(folder) / "tokens")
        table = Table(title=f"{len(trees)} trees, packed and in rows", title_justify="left")
        for name in ("", "replies", "log-probability", "loss, relative", "gradient cosine"):
            table.add_column(name, justify="right" if name else "left")
        for name, peft in (("full weights", None), ("LoRA", lora())):
            table.add_row(name, *worst(trees, tokenizer, peft))
        weights_apart, losses_apart = steps_apart(tokenizer)
    console = Console()
    console.print(table)
    console.print(
        f"after {STEPS} steps the weights are apart by {weights_apart:.1e} of the way they went, "
        f"the losses by {losses_apart:.1e}"
    )


if __name__ == "__main__":
    main()
