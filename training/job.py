"""A training job: measure on who is held out, train, measure again, and leave a folder that loads.

`training.sft` and `training.dpo` differ in what they learn of a tree and in TRL's trainer; the rest
of the way from flags to a finished folder is the same, and is here and in `training.sets`.
"""

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from accelerate import PartialState
from rich.console import Console
from transformers import ProgressCallback, Trainer, TrainingArguments
from trl.trainer.callbacks import RichProgressCallback
from trl.trainer.model_config import ModelConfig

from dialogues.errors import UsageError
from dialogues.location import shown
from training.arguments import TreeArguments, checkpoint_of
from training.card import write_card
from training.sets import Sets

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
_REFUSALS = (ValueError, OSError, TypeError, ImportError, NotImplementedError, KeyError)
_MEASURED = ("loss", "rewards/accuracies", "rewards/margins", "mean_token_accuracy")


@contextmanager
def refusing(kinds: tuple[type[Exception], ...] = _REFUSALS) -> Iterator[None]:
    """Turn what TRL and transformers say of settings they cannot follow into one line.

    Args:
        kinds: the errors that speak of settings; by default what making a trainer raises.

    Raises:
        UsageError: they could not.
    """
    try:
        yield
    except kinds as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(first[:300]) from error


def run_job(trainer: Trainer, sets: Sets, settings: dict[str, Any]) -> None:
    """Train, measure before and after on who is held out, and leave a folder that loads.

    Raises:
        UsageError: TRL refuses a setting, or there is no checkpoint to resume from.
        GroveError: the loss became no number.
    """
    config = trainer.args
    # Threads of a process group that still run when Python ends abort the process now and then.
    atexit.register(PartialState().destroy_process_group)
    # Measured within the training: a model that was run before it, accelerate would not spread over
    # the processes any more.
    config.eval_on_start = sets.held_out is not None
    with refusing((ValueError,)), _rich_bar(trainer):
        trainer.train(resume_from_checkpoint=checkpoint_of(config))
    before = next(filter(None, map(_told, trainer.state.log_history)), {})
    after = _told(trainer.evaluate()) if sets.held_out is not None else {}
    trainer.save_model(config.output_dir)
    if not trainer.accelerator.is_main_process:
        return
    folder = Path(str(config.output_dir))
    trainer.create_model_card(model_name=folder.name)
    write_card(folder, sets, settings, after)
    console = Console(stderr=True)
    for name, value in after.items():
        console.print(f"held out, {name}: {before.get(name, float('nan')):.3f} → {value:.3f}")
    console.print(f"model in {folder}", markup=False)


def settings_of(
    trees: TreeArguments, config: TrainingArguments, model: ModelConfig
) -> dict[str, Any]:
    """Return what a card tells of the flags."""
    given = {name: getattr(config, name) for name in _TOLD if hasattr(config, name)}
    peft = {"lora_r": model.lora_r, "lora_alpha": model.lora_alpha} if model.use_peft else {}
    stores = {"trees": trees.trees and shown(trees.trees), "mix": trees.mix and shown(trees.mix)}
    return {
        **asdict(trees),
        **stores,
        "model_name_or_path": model.model_name_or_path,
        **given,
        **peft,
    }


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


def _told(measured: dict[str, Any]) -> dict[str, float]:
    return {name: measured[f"eval_{name}"] for name in _MEASURED if f"eval_{name}" in measured}
