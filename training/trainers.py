"""TRL's trainers on packed trees: the data and the forward pass are ours, all else is TRL's.

A batch is a number of trees. Each pair weighs one over the pairs of the optimizer step, over all
processes and accumulated batches, so that trees with few pairs and many change nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import extract_model_from_parallel, gather_object, is_peft_model
from datasets import Dataset
from torch import Tensor
from transformers import PreTrainedModel, Trainer
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR
from trl.trainer.dpo_trainer import DPOTrainer
from trl.trainer.sft_trainer import SFTTrainer

from dialogues.errors import GroveError, UsageError
from training.dataset import longest_path
from training.forward import add_tree_forward
from training.measuring import Weighed
from training.probe import refusal_of, try_out

_COLUMNS = ["packs", "ref_chosen_logps", "ref_rejected_logps"]


class Guarded(Trainer):
    """Stops at a loss that is no number, and says which checkpoint is from before."""

    def training_step(self, *args: Any, **kwargs: Any) -> Tensor:
        """Train on a batch.

        Raises:
            GroveError: its loss is no number.
        """
        loss: Tensor = super().training_step(*args, **kwargs)
        if not torch.isfinite(loss):
            raise GroveError(
                f"the loss is no number at step {self.state.global_step + 1}; stopped; "
                f"{self._last_good()}; try a lower --learning_rate, or --bf16 false"
            )
        return loss

    def _last_good(self) -> str:
        # What step n left is good if the loss of step n + 1 was a number.
        folders = Path(str(self.args.output_dir)).glob(f"{PREFIX_CHECKPOINT_DIR}-*")
        steps = [int(folder.name.rpartition("-")[2]) for folder in folders]
        good = [step for step in steps if step < self.state.global_step]
        if not good:
            return "no checkpoint from before was saved (--save_strategy, --save_steps)"
        return f"{self.args.output_dir}/{PREFIX_CHECKPOINT_DIR}-{max(good)} is good"


class RowDPOTrainer(Guarded, Weighed, DPOTrainer):
    """TRL's DPO on rows, one per pair, for chat templates that cannot be packed."""


class RowSFTTrainer(Guarded, Weighed, SFTTrainer):
    """TRL's SFT on rows, one per reply to learn."""


class TreeDPOTrainer(Guarded, Weighed, DPOTrainer):
    """DPO in which every token of a tree goes through the model once; any of TRL's losses."""

    loss_is_scaled_for_ga = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make TRL's trainer, then let its models run packed trees."""
        super().__init__(*args, **kwargs)
        self._let_models_run_trees()
        _check(self)

    def compute_loss(  # type: ignore[no-untyped-def]
        self, model, inputs, return_outputs=False, num_items_in_batch=None
    ):
        """Return TRL's mean over the pairs of this batch, weighted by their share of the step's."""
        with gathering_unequal(self.accelerator):
            loss = super().compute_loss(model, inputs, return_outputs)  # type: ignore[no-untyped-call]
        if num_items_in_batch is None:
            return loss
        # Processes average their gradients, so each one's share counts that many times.
        share = pairs_in(inputs) * self.accelerator.num_processes / num_items_in_batch
        return (loss[0] * share, loss[1]) if return_outputs else loss * share

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: torch.device) -> Tensor:
        pairs = torch.tensor(sum(pairs_in(batch) for batch in batch_samples), device=device)
        counted: Tensor = self.accelerator.gather(pairs).sum()
        return counted

    def _prepare_dataset(self, dataset: Dataset, *args: Any) -> Dataset:
        return dataset

    def _set_signature_columns_if_needed(self) -> None:
        self._signature_columns: Any = _COLUMNS

    def _precompute_ref_logps(self, dataset: Dataset, name: str, batch_size: int) -> Dataset:
        self._let_models_run_trees()
        model: Any = self.ref_model or self.model
        model.to(self.accelerator.device)
        mine: list[tuple[list[float], list[float]]] = []
        with self.accelerator.split_between_processes(list(range(len(dataset)))) as rows:
            for row in rows:
                batch = self._prepare_inputs(self.data_collator([dataset[row]]))
                chosen, rejected = self.compute_ref_log_probs(model, batch)  # type: ignore[no-untyped-call]
                mine.append((chosen.tolist(), rejected.tolist()))
        every = gather_object(mine)
        for at, column in enumerate(_COLUMNS[1:]):
            dataset = dataset.add_column(column, [logps[at] for logps in every])
        return dataset

    def _let_models_run_trees(self) -> None:
        for model in (self.model, getattr(self, "ref_model", None)):
            if model is not None:
                add_tree_forward(_base(model))


class TreeSFTTrainer(Guarded, Weighed, SFTTrainer):
    """SFT in which every token of a tree goes through the model once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make TRL's trainer, then let its model run packed trees."""
        super().__init__(*args, **kwargs)
        add_tree_forward(_base(self.model))
        _check(self)

    def _set_signature_columns_if_needed(self) -> None:
        self._signature_columns: Any = _COLUMNS


@contextmanager
def gathering_unequal(accelerator: Any) -> Iterator[None]:
    """Let TRL's metrics gather over processes whose trees hold different numbers of pairs."""
    gather = accelerator.gather

    def gather_unequal(tensor: Tensor) -> Tensor:
        if accelerator.num_processes == 1 or not tensor.dim():
            gathered: Tensor = gather(tensor)
            return gathered
        padded = accelerator.pad_across_processes(tensor.float(), dim=0, pad_index=float("nan"))
        every: Tensor = gather(padded)
        return every[~torch.isnan(every)]

    accelerator.gather = gather_unequal
    try:
        yield
    finally:
        accelerator.gather = gather


def pairs_in(batch: dict[str, Tensor]) -> int:
    """Return how many pairs a batch holds."""
    return len(batch["pack_rows"]) // 2


def _check(trainer: Any) -> None:
    if trainer.aux_loss_enabled:
        raise UsageError(
            "what balances a mixture of experts is counted over rows; give --tree_packing off, or "
            "--router_aux_loss_coef 0"
        )
    model, collator = _base(trainer.model), trainer.data_collator
    every = (trainer.train_dataset, trainer.eval_dataset)
    longest = max(longest_path(dataset) for dataset in every if dataset is not None)
    if refusal := refusal_of(model.config, longest):
        raise UsageError(f"{refusal}; give --tree_packing off")
    try_out(model, getattr(collator, "multiple", 1))


def _base(model: Any) -> PreTrainedModel:
    unwrapped = extract_model_from_parallel(model)
    if is_peft_model(unwrapped):
        unwrapped = unwrapped.get_base_model()
    assert isinstance(unwrapped, PreTrainedModel)
    return unwrapped
