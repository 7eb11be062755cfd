"""Training on packed trees beside plain TRL: seconds per optimizer step, tokens, peak memory.

    python -m benchmarks.training_speed

Same trees, model and pairs on both sides; float32, no checkpointing, nothing truncated. TRL as it
comes takes a row per pair in random order and runs its reference model beside the policy; at its
best it takes rows sorted by length, with the reference's log-probabilities computed before, and
then so do we. Every measurement is a process of its own, for its peak memory. The first step, which
warms up, is left out; a step is two trees, or as many rows as come of two, which go through the
model one tree, or four rows, at a time. TRL as it comes is measured on the first shape.
"""

import contextlib
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from datasets import Dataset
from rich.console import Console
from rich.table import Table
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl.trainer.dpo_config import DPOConfig
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from dialogues.rows import preference_rows, sft_rows
from graphs.simulate import Simulate
from training.attention import TREE_SDPA
from training.collate import PairCollator, ReplyCollator
from training.dataset import (
    Counts,
    Selection,
    packed_dataset,
    pair_targets,
    renderer,
    reply_targets,
)
from training.packing import path_to
from training.segments import cut_segments
from training.tiny import make_tiny
from training.trainers import TreeDPOTrainer, TreeSFTTrainer
from training.trees import Grown, read_trees

SHAPES: dict[str, dict[str, Any]] = {
    "10 turns, 2 candidates": {"turns": 10},
    "10 turns, 4 candidates": {"turns": 10, "candidates": 4},
    "5 turns, all continued": {"turns": 5, "expand": "all", "max_branches": 8},
}
SIZES = {256: "s", 512: "m"}
AS_IT_COMES = ("trees", "as it comes")
VARIANTS = ("trees, precomputed", "at its best", "sft trees", "sft rows")
TREES_PER_STEP, STEPS, ROWS_AT_ONCE = 2, 3, 4
ONE_AT_A_TIME = {"per_device_train_batch_size": 1, "gradient_accumulation_steps": TREES_PER_STEP}


class Clock(TrainerCallback):
    """Notes when each optimizer step has ended."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def on_step_end(self, *_: Any, **__: Any) -> None:
        """Note the time."""
        self.ends.append(time.perf_counter())


def options(kind: type[Any], **given: Any) -> Any:
    return kind(
        output_dir=tempfile.mkdtemp(),
        report_to=[],
        max_length=None,
        use_cpu=True,
        bf16=False,
        gradient_checkpointing=False,
        learning_rate=1e-4,
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        remove_unused_columns=False,
        num_train_epochs=1,
        dataloader_pin_memory=False,
        **given,
    )


def in_order(kind: type[Any]) -> type[Any]:
    class InOrder(kind):  # type: ignore[misc]
        def _get_train_sampler(self, *_: Any) -> torch.utils.data.SequentialSampler:
            return torch.utils.data.SequentialSampler(self.train_dataset)

    return InOrder


def rows_of(steps: list[list[Grown]], best: bool, render: Any) -> list[dict[str, Any]]:
    """Return the pairs of each step as TRL's rows, in random order or by length within the step."""
    order = torch.Generator().manual_seed(0)
    rows = []
    for trees in steps:
        pairs = [row for g in trees for row in preference_rows(g[0], Selection().settings(g))]
        at = torch.randperm(len(pairs), generator=order).tolist()
        if best:
            at.sort(key=lambda i: len(render(pairs[i]["prompt"] + pairs[i]["chosen"], False)))
        rows += [{name: pairs[i][name] for name in ("prompt", "chosen", "rejected")} for i in at]
    return rows


def paths_of(steps: list[list[Grown]], render: Any) -> list[dict[str, Any]]:
    """Return one masked row per path, and one per target beside it, as input_ids and labels."""
    return [row for trees in steps for grown in trees for row in _paths(grown, render)]


def _paths(grown: Grown, render: Any) -> Iterator[dict[str, Any]]:
    tree, settings = grown[0], Selection().settings(grown)
    for row in sft_rows(tree, settings):
        segments = cut_segments(tree, [row["last_id"]], render)
        ids: list[int] = []
        labels: list[int] = []
        for key, learnt in zip(path_to(segments, row["last_id"]), row["loss"], strict=True):
            segment = segments[key]
            said = segment.ids[segment.scored :]
            ids += segment.ids
            labels += [-100] * segment.scored + (list(said) if learnt else [-100] * len(said))
        yield {"input_ids": ids, "labels": labels}


class Made(NamedTuple):
    """A trainer, how many tokens each row of its set has, and how many rows a step takes."""

    trainer: Any
    tokens: list[int]
    rows: int


def trainer_of(variant: str, folder: Path, trees: list[Grown]) -> Made:
    """Make the trainer of a variant."""
    tokenizer = AutoTokenizer.from_pretrained(folder)
    attention = TREE_SDPA if "trees" in variant else "sdpa"
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation=attention
    )
    render, padding = renderer(tokenizer), tokenizer.pad_token_id
    steps = [trees[at : at + TREES_PER_STEP] for at in range(0, len(trees), TREES_PER_STEP)]
    common = {"model": model, "processing_class": tokenizer}
    if variant.startswith("sft"):
        return _sft(variant, steps, render, padding, common)
    before = variant in ("trees, precomputed", "at its best")
    given: dict[str, Any] = {"precompute_ref_log_probs": before}
    if variant.startswith("trees"):
        rows, _ = packed_dataset(trees, render, pair_targets, Selection())
        args = options(DPOConfig, **ONE_AT_A_TIME, **given)
        collator = PairCollator(padding)
        made = in_order(TreeDPOTrainer)(
            **common, args=args, train_dataset=rows, data_collator=collator
        )
        return Made(made, _in_packs(rows), TREES_PER_STEP)
    pairs = rows_of(steps, before, render)
    a_step = round(len(pairs) / len(steps) / ROWS_AT_ONCE)
    given |= {"gradient_accumulation_steps": a_step, "precompute_ref_batch_size": ROWS_AT_ONCE}
    args = options(DPOConfig, per_device_train_batch_size=ROWS_AT_ONCE, **given)
    made = in_order(DPOTrainer)(**common, args=args, train_dataset=Dataset.from_list(pairs))
    lengths = [
        2 * len(row["prompt_ids"]) + len(row["chosen_ids"]) + len(row["rejected_ids"])
        for row in made.train_dataset
    ]
    return Made(made, lengths, ROWS_AT_ONCE * a_step)


def _in_packs(rows: Any) -> list[int]:
    return [sum(len(pack["ids"]) for pack in row["packs"]) for row in rows]


def _sft(
    variant: str, steps: list[list[Grown]], render: Any, padding: int, common: dict[str, Any]
) -> Made:
    skip = {"dataset_kwargs": {"skip_prepare_dataset": True}}
    if variant == "sft trees":
        trees = [grown for step in steps for grown in step]
        rows, _ = packed_dataset(trees, render, reply_targets, Selection())
        args = options(SFTConfig, **ONE_AT_A_TIME, **skip)
        collator = ReplyCollator(padding)
        made = in_order(TreeSFTTrainer)(
            **common, args=args, train_dataset=rows, data_collator=collator
        )
        return Made(made, _in_packs(rows), TREES_PER_STEP)
    paths = paths_of(steps, render)
    a_step = max(1, round(len(paths) / len(steps) / ROWS_AT_ONCE))
    args = options(
        SFTConfig,
        per_device_train_batch_size=ROWS_AT_ONCE,
        gradient_accumulation_steps=a_step,
        **skip,
    )
    made = in_order(SFTTrainer)(**common, args=args, train_dataset=Dataset.from_list(paths))
    return Made(made, [len(row["input_ids"]) for row in paths], ROWS_AT_ONCE * a_step)


def measure(variant: str, folder: Path, store: str) -> dict[str, float]:
    """Train an epoch; return seconds and tokens per step of two trees, and peak memory in MiB."""
    torch.manual_seed(0)
    trees = list(read_trees(store))
    trainer, tokens, rows = trainer_of(variant, folder, trees)
    clock = Clock()
    trainer.add_callback(clock)
    trainer.train()
    steps = len(trees) / TREES_PER_STEP
    timed = sum(tokens[rows:]) / sum(tokens)
    return {
        "seconds": (clock.ends[-1] - clock.ends[0]) / timed / steps,
        "tokens": sum(tokens) / steps,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measured(variant: str, folder: Path, store: str) -> dict[str, float]:
    """Measure in a process of its own."""
    words = [sys.executable, "-m", "benchmarks.training_speed", variant, str(folder), store]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def show(name: str, found: dict[str, dict[str, float]], counts: Counts) -> None:
    table = Table(title=f"{name}: {counts.targets} pairs in {counts.trees} trees")
    for column in ("", "s per step", "tokens per step", "peak MiB"):
        table.add_column(column, justify="right" if column else "left")
    for variant, one in found.items():
        figures = (f"{one['seconds']:.2f}", f"{one['tokens']:,.0f}", f"{one['memory']:,.0f}")
        table.add_row(variant, *figures)
    console = Console(width=100)
    console.print(table)
    names = list(found)
    for ours, theirs in zip(names[::2], names[1::2], strict=True):
        speed = found[theirs]["seconds"] / found[ours]["seconds"]
        ratio = found[theirs]["tokens"] / found[ours]["tokens"]
        console.print(
            f"{theirs}: {speed:.2f} × slower, {ratio:.2f} × the tokens ({speed / ratio:.2f} of it)"
        )


def main() -> None:
    if len(sys.argv) > 1:
        with contextlib.redirect_stdout(io.StringIO()):
            result = measure(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
        print(json.dumps(result))
        return
    with tempfile.TemporaryDirectory() as name:
        for at, (shape, settings) in enumerate(SHAPES.items()):
            store = f"{name}/{at}.db"
            limit = TREES_PER_STEP * (STEPS + 1)
            Simulate(store=store, limit=limit, workers=1, **settings).execute()
            trees = list(read_trees(store))
            for hidden, size in SIZES.items():
                folder = Path(name) / f"{at}-{hidden}"
                make_tiny([tree for tree, _ in trees], folder, size)
                render = renderer(AutoTokenizer.from_pretrained(folder))
                _, counts = packed_dataset(trees, render, pair_targets, Selection())
                variants = VARIANTS if at else AS_IT_COMES + VARIANTS
                found = {variant: measured(variant, folder, store) for variant in variants}
                show(f"{shape}, hidden {hidden}", found, counts)


if __name__ == "__main__":
    main()
