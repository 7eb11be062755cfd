"""The training sets of a job: whose trees, and what is learnt of them, packed or in rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from datasets import Dataset, concatenate_datasets
from rich.console import Console
from rich.progress import track
from transformers import PreTrainedConfig, PreTrainedTokenizerBase, TrainingArguments
from trl.trainer.model_config import ModelConfig

from dialogues.errors import UsageError
from dialogues.rows import Row, RowSettings
from dialogues.tree import Tree
from training.arguments import TreeArguments
from training.dataset import Counts, Selection, Targets, longest_path, packed_dataset, renderer
from training.loading import (
    FEW,
    attention_for_packs,
    fit_template,
    load_config,
    load_tokenizer,
    refuse_template,
)
from training.probe import refusal_of
from training.trees import Grown, of_split, read_trees, refuse_overlap

Rows = Callable[[Tree, RowSettings], Iterable[Row]]
_FLEX_BLOCK = 128
_HELD_OUT = "held out"
_MELTS = (
    "the chat template renders earlier turns anew, or opens replies with no header, so that "
    "branches share no prefix"
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
        held_out: to measure on; None where the trees hold nobody for it.
        trees: whom the training set was made of.
        counts: what it holds, apart from chats mixed in.
        learnt: what its targets are called.
        multiple: what the lengths of packs must be multiples of.
    """

    tokenizer: PreTrainedTokenizerBase
    packed: bool
    train: Dataset
    held_out: Dataset | None
    trees: list[Grown]
    counts: Counts
    learnt: str
    multiple: int

    @property
    def pad_token_id(self) -> int:
        """The token that fills up what is shorter than the rest of its batch."""
        padding: int = self.tokenizer.pad_token_id
        return padding


class Part(NamedTuple):
    """Trees of one use, and what is learnt of them."""

    name: str
    trees: list[Grown]
    targets: Targets
    rows: Rows


class Made(NamedTuple):
    """The set that was made of a part; None where it holds nothing to learn."""

    part: Part
    rows: Dataset | None
    counts: Counts


def make_sets(
    trees: TreeArguments, config: TrainingArguments, model: ModelConfig, learnt: Learnt
) -> Sets:
    """Read trees and make training sets of them, and say what is in them.

    Raises:
        UsageError: there is no model, nothing to learn, or somebody is in both sets.
    """
    console = Console(stderr=True, quiet=config.process_index > 0)
    model_config, tokenizer = load_config(model), load_tokenizer(model)
    parts = _parts(trees, learnt)
    for system in {record.system for part in parts for _, record in part.trees}:
        refuse_template(tokenizer, system)
    made = None
    if trees.tree_packing != "off":
        if getattr(config, "max_length", None):
            raise UsageError(
                "--max_length cuts rows off; for packed trees give --pack_length, for rows "
                "--tree_packing off"
            )
        made = _packed(parts, trees, tokenizer, model_config, console)
    packed = made is not None
    train, held_out, *mixed = made or [_in_rows(part, _selection(trees)) for part in parts]
    for one in (train, held_out, *mixed):
        _say(console, learnt, one)
    if train.rows is None:
        raise UsageError(_nothing(trees, learnt, train))
    _say_step(console, config, learnt, train.counts)
    if packed:
        model.attn_implementation = model.attn_implementation or attention_for_packs()
    return Sets(
        tokenizer,
        packed,
        concatenate_datasets([one.rows for one in (train, *mixed) if one.rows is not None]),
        held_out.rows,
        train.part.trees,
        train.counts,
        learnt.name,
        _FLEX_BLOCK if model.attn_implementation == "flex_attention" else 1,
    )


def _parts(trees: TreeArguments, learnt: Learnt) -> list[Part]:
    if not trees.trees:
        raise UsageError("--trees is missing: a tree store, or a file of the `tree` format")
    if trees.mix and learnt.mixed is None:
        raise UsageError("--mix is for training.sft: a chat that nobody judged holds no pairs")
    every = list(read_trees(trees.trees, trees.run))
    train, held_out = of_split(every, trees.split), of_split(every, trees.eval_split)
    refuse_overlap(train, held_out)
    parts = [
        Part("train", train, learnt.targets, learnt.rows),
        Part(_HELD_OUT, held_out, learnt.targets, learnt.rows),
    ]
    if trees.mix and learnt.mixed:
        parts.append(Part("mixed in", list(read_trees(trees.mix)), *learnt.mixed))
    return parts


def _packed(
    parts: list[Part],
    trees: TreeArguments,
    tokenizer: PreTrainedTokenizerBase,
    model: PreTrainedConfig,
    console: Console,
) -> list[Made] | None:
    """Pack all parts; None where rows do better, which is said."""
    own = tokenizer.chat_template
    said = fit_template(tokenizer, parts[0].trees)
    made = [_pack(part, trees, tokenizer, console) for part in parts]
    refusal = _refusal(made, model)
    if refusal and trees.tree_packing == "on":
        raise UsageError(f"--tree_packing on: {refusal}; take another model, or rows: off")
    if refusal:
        tokenizer.chat_template = own
        said = f"{refusal}: training row by row"
    if said:
        console.print(said, style="yellow", markup=False)
    return None if refusal else made


def _refusal(made: list[Made], model: PreTrainedConfig) -> str:
    counts = made[0].counts
    if counts.melted > FEW * (counts.melted + counts.targets):
        return _MELTS
    return refusal_of(model, max((longest_path(one.rows) for one in made if one.rows), default=0))


def _pack(
    part: Part, trees: TreeArguments, tokenizer: PreTrainedTokenizerBase, console: Console
) -> Made:
    few = len(part.trees) < 100
    walked = track(part.trees, "packing", console=console, transient=True, disable=few)
    made = packed_dataset(
        walked, renderer(tokenizer), part.targets, _selection(trees), trees.pack_length
    )
    return Made(part, *made)


def _in_rows(part: Part, selection: Selection) -> Made:
    found = [row for grown in part.trees for row in part.rows(grown[0], selection.settings(grown))]
    counts = Counts(trees=len(part.trees), packs=len(found), targets=len(found))
    return Made(part, Dataset.from_list(found) if found else None, counts)


def _selection(trees: TreeArguments) -> Selection:
    return Selection(trees.verdict, trees.min_margin, trees.min_confidence)


def _nothing(trees: TreeArguments, learnt: Learnt, train: Made) -> str:
    counts = train.counts
    if counts.too_long:
        return f"--pack_length {trees.pack_length}: every one of the {learnt.name} is longer"
    if counts.melted:
        return (
            f"{trees.trees} gives no {learnt.name} that can be packed: their text melts into the "
            "chat template; give --tree_packing off"
        )
    judges = sorted({judge for tree, _ in train.part.trees for judge in tree.judges()})
    return (
        f"{trees.trees} gives no {learnt.name} to train on: --split, --verdict, --min_margin and "
        f"--min_confidence leave none (verdicts there are of {', '.join(judges) or 'nobody'})"
    )


def _say(console: Console, learnt: Learnt, made: Made) -> None:
    counts = made.counts
    if not made.part.trees and made.part.name == _HELD_OUT:
        console.print("held out: nobody of --eval_split, so nothing is measured", style="yellow")
    if made.rows is None and not (counts.too_long or counts.melted):
        return
    said = f"{made.part.name}: {counts.trees:,} trees, {counts.targets:,} {learnt.name}"
    if counts.tokens:
        said += (
            f" in {counts.packs:,} packs; {counts.tokens:,} tokens (as rows {counts.ratio:.1f} ×)"
        )
    if counts.too_long:
        said += f"; {counts.too_long:,} {learnt.name} left out, longer than --pack_length"
    if counts.melted:
        said += f"; {counts.melted:,} {learnt.name} left out, melting into the chat template"
    console.print(said, markup=False, highlight=False)


def _say_step(console: Console, config: TrainingArguments, learnt: Learnt, counts: Counts) -> None:
    batch = config.per_device_train_batch_size * config.gradient_accumulation_steps
    batch *= config.world_size
    said = f"a step: {batch:,} {learnt.name}, a row each"
    if counts.tokens:
        pairs = batch * counts.targets / counts.trees
        said = f"a step: {batch:,} trees, on average {pairs:.0f} {learnt.name}"
    console.print(said, highlight=False)
