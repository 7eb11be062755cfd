"""The flags of the training scripts: TRL's own, and those that say which trees to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import torch
from transformers import TrainingArguments
from transformers.trainer_utils import get_last_checkpoint
from trl.scripts.utils import TrlParser
from yaml import YAMLError

from dialogues.errors import UsageError

_CONFIG = "--config"
_DESCRIPTION = (
    "Train on trees through TRL. --config FILE reads any of these flags from a YAML file; those of "
    "the command line come first."
)
# Nothing is truncated unless it is asked for; what a pack holds is no column of a model's.
_DEFAULTS = {"max_length": None, "remove_unused_columns": False}


@dataclass
class TreeArguments:
    """Which trees to learn from, and how.

    Attributes:
        trees: a tree store (path or URL) or a file of the `tree` format.

    Raises:
        ValueError: a number is out of its range, or both splits are one.
    """

    trees: str | None = field(
        default=None, metadata={"help": "Tree store (a path or URL), or file of the `tree` format."}
    )
    run: str = field(default="main", metadata={"help": "Which run of the store."})
    split: str = field(
        default="train",
        metadata={"help": "Whose trees to train on.", "choices": ["train", "eval", "unseen"]},
    )
    eval_split: str = field(
        default="eval",
        metadata={"help": "Whose trees to measure on.", "choices": ["train", "eval", "unseen"]},
    )
    verdict: str | None = field(
        default=None,
        metadata={
            "help": "A judge's spec, majority, mean, human or corrected (a person's where there is "
            "one, else the run's own); default: the run's own judge."
        },
    )
    min_margin: float = field(default=0.0, metadata={"help": "Least verdict margin, in [0, 1]."})
    min_confidence: float = field(
        default=0.0, metadata={"help": "Least verdict confidence, in [0, 1]."}
    )
    tree_packing: str = field(
        default="auto",
        metadata={
            "help": "Every token of a tree once: auto (where the template allows it), on, off.",
            "choices": ["auto", "on", "off"],
        },
    )
    mix: str | None = field(
        default=None,
        metadata={
            "help": "SFT: store or file of other chats, every reply of which is learnt too "
            "(`dialogues.ingest --from messages` makes one)."
        },
    )
    pack_length: int | None = field(
        default=None,
        metadata={"help": "Most tokens in a pack; longer trees are cut. Default: no limit."},
    )

    def __post_init__(self) -> None:
        """Check what argparse cannot."""
        for name in ("min_margin", "min_confidence"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"--{name} {getattr(self, name)}: give a number from 0 to 1")
        if self.pack_length is not None and self.pack_length < 1:
            raise ValueError(f"--pack_length {self.pack_length}: give a number of tokens")
        if self.split == self.eval_split:
            raise ValueError(f"--split and --eval_split are both {self.split}: name two")


def parsed(kinds: Sequence[Any], prog: str, argv: Sequence[str], **defaults: Any) -> Any:
    """Read the flags, and those of the YAML file that `--config` names.

    Args:
        kinds: dataclasses of the flags.
        prog: what the command is called in its help.
        argv: the words of the command line.
        defaults: in place of the dataclasses' own.

    Raises:
        UsageError: a flag or key is unknown, or its value is wrong.
    """
    parser = TrlParser(kinds, prog=prog, allow_abbrev=False, description=_DESCRIPTION)
    parser.error = _refuse  # type: ignore[method-assign]
    try:
        parser.set_defaults_with_config(**_DEFAULTS, **_for_this_machine(), **defaults)
        *flags, of_file, of_line = parser.parse_args_and_config(
            _words(argv), return_remaining_strings=True, separate_remaining_strings=True
        )
    except (OSError, ValueError, TypeError, IndexError, ImportError, YAMLError) as error:
        raise UsageError(f"{error} (see {prog} --help)") from error
    if of_file:
        raise UsageError(f"--config: unknown key {of_file[0].lstrip('-')} (see {prog} --help)")
    if of_line:
        raise UsageError(f"unknown flag {of_line[0]} (see {prog} --help)")
    return flags


def refuse_folders(config: TrainingArguments) -> None:
    """Look whether the model can be left, and a training resumed, where the flags say.

    Raises:
        UsageError: there is a file in the way, or no checkpoint to resume from.
    """
    folder = Path(str(config.output_dir))
    for file in (folder, *folder.parents):
        if file.exists() and not file.is_dir():
            raise UsageError(f"--output_dir {folder}: {file} is a file; name a folder")
    given = checkpoint_of(config)
    known: Any = given
    if given is True:
        known = folder.is_dir() and get_last_checkpoint(folder)  # type: ignore[no-untyped-call]
    if given and not (known and Path(known).is_dir()):
        where = f"there is none in {folder}" if given is True else f"no folder {given}"
        raise UsageError(f"--resume_from_checkpoint: {where}")


def checkpoint_of(config: TrainingArguments) -> str | bool | None:
    """Return the checkpoint to go on from; True stands for the last one."""
    given = config.resume_from_checkpoint
    return True if str(given).lower() == "true" else given


def _words(argv: Sequence[str]) -> list[str]:
    words = [
        part
        for word in argv
        for part in (word.split("=", 1) if word.startswith(f"{_CONFIG}=") else [word])
    ]
    if words and words[-1] == _CONFIG:
        raise UsageError("--config: name a YAML file")
    return words


def _for_this_machine() -> dict[str, Any]:
    """Return what TRL presets for GPUs, as a CPU wants it.

    Without `use_cpu` several processes on CPUs would each train alone.
    """
    if torch.cuda.is_available():
        return {}
    return {
        "bf16": False,
        "gradient_checkpointing": None,
        "use_cpu": not torch.accelerator.is_available(),
    }


def _refuse(message: str) -> NoReturn:
    raise UsageError(message)
