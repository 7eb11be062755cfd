"""A training job: trees become training sets, and what the job did is said and written down.

`training.sft` and `training.dpo` differ in what they learn of a tree and in TRL's trainer; the way
from flags to a finished folder is the same, and is here.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datasets import Dataset, concatenate_datasets
from rich.console import Console
from rich.progress import track
from transformers import (
    AutoConfig,
    PreTrainedTokenizerBase,
    ProgressCallback,
    Trainer,
    TrainingArguments,
)
from trl.trainer.callbacks import RichProgressCallback
from trl.trainer.model_config import ModelConfig

from dialogues.errors import UsageError
from dialogues.rows import Row, RowSettings
from dialogues.tree import Tree
from training.arguments import TreeArguments
from training.card import write_card
from training.dataset import (
    Counts,
    Selection,
    Targets,
    longest_path,
    packed_dataset,
    renderer,
)
from training.loading import NOT_PACKABLE, attention_for_packs, load_tokenizer, make_packable
from training.probe import refusal_of
from training.trees import Grown, of_split, read_trees, refuse_overlap

Rows = Callable[[Tree, RowSettings], Iterable[Row]]
_FLEX_BLOCK = 128
_TOLD = (
    "learning_rate",
    "lr_scheduler_type",
    "num_train_epochs",
    "max_steps",
    "per_device_train_batch_size",
    "gradient_accumulation_steps",
    "beta",
    "loss_type",
    "seed",
)


@dataclass(frozen=True)
class Learnt:
    """What is learnt of a tree.

    Attributes:
        name: what it is called: `pairs` or `replies`.
        targets: which replies make it up.
        rows: the same as TRL's rows, for templates that cannot be packed.
        mixed: what is learnt of chats that nobody judged, likewise; None where they teach nothing.
    """

    name: str
    targets: Targets
    rows: Rows
    mixed: tuple[Targets, Rows] | None = None


@dataclass(frozen=True)
class Sets:
    """The training sets of a job.

    Attributes:
        packed: whether they hold packed trees, or rows.
        trees: whom the training set was made of.
        held_out: to measure on; None where the trees hold nobody for it.
        multiple: what the lengths of packs must be multiples of.
    """

    tokenizer: PreTrainedTokenizerBase
    packed: bool
    train: Dataset
    held_out: Dataset | None
    trees: list[Grown]
    counts: Counts
    multiple: int

    @property
    def pad_token_id(self) -> int:
        """The token that fills up what is shorter than the rest of its batch."""
        padding: int = self.tokenizer.pad_token_id
        return padding


def make_sets(
    trees: TreeArguments, config: TrainingArguments, model: ModelConfig, learnt: Learnt
) -> Sets:
    """Read trees and make training sets of them, and say what is in them.

    Raises:
        UsageError: there is no model, nothing to learn, or somebody is in both sets.
    """
    console = Console(stderr=True)
    tokenizer = load_tokenizer(model.model_name_or_path)
    every = list(read_trees(_source(trees), trees.run))
    train, held_out = of_split(every, trees.split), of_split(every, trees.eval_split)
    refuse_overlap(train, held_out)
    packing, said = _packing(trees, tokenizer, train)
    if packing and getattr(config, "max_length", None):
        raise UsageError("--max_length cuts rows off; for packed trees give --pack_length")
    make = _packer(tokenizer, trees) if packing else _row_maker(trees)
    train_set, counts = make(train, learnt.targets, learnt.rows)
    if packing and train_set and (refusal := _refused(model, train_set)):
        packing, said = _instead(trees, refusal)
        make = _row_maker(trees)
        train_set, counts = make(train, learnt.targets, learnt.rows)
    if said:
        console.print(said, style="yellow", markup=False)
    if train_set is None:
        raise UsageError(
            f"{trees.trees} gives no {learnt.name} to train on: --split, --verdict, --min_margin "
            "and --min_confidence leave none"
        )
    held_out_set, held_out_counts = make(held_out, learnt.targets, learnt.rows)
    _say(console, "train", learnt, counts)
    if trees.mix:
        train_set = _with_chats(train_set, trees.mix, learnt, make, console)
    if held_out_set is not None:
        _say(console, "held out", learnt, held_out_counts)
    _say_step(console, config, learnt, counts)
    if packing:
        model.attn_implementation = model.attn_implementation or attention_for_packs()
    multiple = _FLEX_BLOCK if model.attn_implementation == "flex_attention" else 1
    return Sets(tokenizer, packing, train_set, held_out_set, train, counts, multiple)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn what TRL and transformers say of settings they cannot follow into one line.

    Raises:
        UsageError: they could not.
    """
    try:
        yield
    except (ValueError, OSError, TypeError, ImportError, NotImplementedError, KeyError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(first[:300]) from error


def run_job(trainer: Trainer, sets: Sets, settings: dict[str, Any], learnt: Learnt) -> None:
    """Train, measure before and after on who is held out, and leave a folder that loads."""
    config = trainer.args
    before = _measured(trainer, sets)
    with _rich_bar(trainer):
        trainer.train(resume_from_checkpoint=config.resume_from_checkpoint)
    after = _measured(trainer, sets)
    trainer.save_model(config.output_dir)
    if not trainer.accelerator.is_main_process:
        return
    folder = Path(str(config.output_dir))
    told = {"learnt": learnt.name, **settings}
    write_card(folder, sets.trees, sets.counts, told, after)
    console = Console(stderr=True)
    for name, value in after.items():
        console.print(f"held out, {name}: {before.get(name, float('nan')):.3f} → {value:.3f}")
    console.print(f"model in {folder}", markup=False)


@contextmanager
def _rich_bar(trainer: Trainer) -> Iterator[None]:
    """Show TRL's rich progress in a terminal; it knows only trainings, so not around them."""
    if not Console(stderr=True).is_terminal:
        yield
        return
    trainer.remove_callback(ProgressCallback)
    trainer.add_callback(RichProgressCallback)
    yield
    trainer.remove_callback(RichProgressCallback)


def settings_of(
    trees: TreeArguments, config: TrainingArguments, model: ModelConfig
) -> dict[str, Any]:
    """Return what a card tells of the flags."""
    given = {name: getattr(config, name) for name in _TOLD if hasattr(config, name)}
    peft = {"lora_r": model.lora_r, "lora_alpha": model.lora_alpha} if model.use_peft else {}
    return {**asdict(trees), "model_name_or_path": model.model_name_or_path, **given, **peft}


def _source(trees: TreeArguments) -> str:
    if not trees.trees:
        raise UsageError("--trees is missing: a tree store, or a file of the `tree` format")
    return trees.trees


def _packing(
    trees: TreeArguments, tokenizer: PreTrainedTokenizerBase, train: list[Grown]
) -> tuple[bool, str]:
    if trees.tree_packing == "off":
        return False, ""
    said = make_packable(tokenizer, train)
    return _instead(trees, said) if said == NOT_PACKABLE else (True, said)


def _instead(trees: TreeArguments, refusal: str) -> tuple[bool, str]:
    if trees.tree_packing == "on":
        raise UsageError(f"--tree_packing on: {refusal}; take another model, or rows: off")
    return False, f"{refusal}: training row by row"


def _refused(model: ModelConfig, packed: Dataset) -> str:
    config = AutoConfig.from_pretrained(
        str(model.model_name_or_path), revision=model.model_revision
    )
    return refusal_of(config, longest_path(packed))


Made = tuple[Dataset | None, Counts]
Make = Callable[[list[Grown], Targets, Rows], Made]


def _packer(tokenizer: PreTrainedTokenizerBase, trees: TreeArguments) -> Make:
    def make(grown: list[Grown], targets: Targets, rows: Rows) -> Made:
        walked = track(
            grown, "packing", console=Console(stderr=True), transient=True, disable=len(grown) < 100
        )
        return packed_dataset(
            walked, renderer(tokenizer), targets, _selection(trees), trees.pack_length
        )

    return make


def _row_maker(trees: TreeArguments) -> Make:
    def make(grown: list[Grown], targets: Targets, rows: Rows) -> Made:
        found = [row for one in grown for row in rows(one[0], _selection(trees).settings(one))]
        counts = Counts(trees=len(grown), packs=len(found), targets=len(found))
        return (Dataset.from_list(found) if found else None), counts

    return make


def _selection(trees: TreeArguments) -> Selection:
    return Selection(trees.verdict, trees.min_margin, trees.min_confidence)


def _with_chats(
    train: Dataset, source: str, learnt: Learnt, make: Make, console: Console
) -> Dataset:
    if learnt.mixed is None:
        raise UsageError("--mix is for training.sft: a chat that nobody judged holds no pairs")
    chats, counts = make(list(read_trees(source)), *learnt.mixed)
    _say(console, "mixed in", learnt, counts)
    return concatenate_datasets([train, chats]) if chats else train


def _say(console: Console, name: str, learnt: Learnt, counts: Counts) -> None:
    said = f"{name}: {counts.trees:,} trees, {counts.targets:,} {learnt.name}"
    if counts.tokens:
        said += (
            f" in {counts.packs:,} packs; {counts.tokens:,} tokens (as rows {counts.ratio:.1f} ×)"
        )
    if counts.too_long:
        said += f"; {counts.too_long:,} {learnt.name} left out, longer than --pack_length"
    console.print(said, markup=False, highlight=False)


def _say_step(console: Console, config: TrainingArguments, learnt: Learnt, counts: Counts) -> None:
    if not counts.tokens:
        return
    trees = config.per_device_train_batch_size * config.gradient_accumulation_steps
    trees *= config.world_size
    console.print(
        f"a step: {trees:,} trees, on average {trees * counts.targets / counts.trees:.0f} "
        f"{learnt.name}",
        highlight=False,
    )


def _measured(trainer: Trainer, sets: Sets) -> dict[str, float]:
    if sets.held_out is None:
        return {}
    measured = trainer.evaluate()
    wanted = ("loss", "rewards/accuracies", "rewards/margins", "mean_token_accuracy")
    return {name: measured[f"eval_{name}"] for name in wanted if f"eval_{name}" in measured}
