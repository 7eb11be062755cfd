"""What is measured on those held out, averaged over pairs and tokens, however they were batched.

TRL averages what its batches say, which is the same while all of them are alike; batches of trees
hold unlike numbers of pairs.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers import Trainer

_ITEMS = "items"
_WEIGHED_BY = {
    "entropy": "tokens",
    "mean_token_accuracy": "chosen",
    "logits/chosen": "chosen",
    "logits/rejected": "rejected",
}
"""What TRL averages over the tokens of a batch, not over its pairs."""


class Weighed(Trainer):
    """Averages TRL's metrics of an evaluation, and its loss, over all of its pairs or tokens."""

    _metrics: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Make TRL's trainer."""
        self._weights: list[dict[str, float]] = []
        super().__init__(*args, **kwargs)

    def prediction_step(self, model: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Measure a batch, and note what it weighs."""
        step = super().prediction_step(model, inputs, *args, **kwargs)
        weights = weights_of(inputs)
        assert step[0] is not None
        lost = float(step[0]) * weights[_ITEMS]
        every = torch.tensor([lost, *weights.values()], device=self.args.device)
        lost, *sums = self.accelerator.reduce(every, "sum").tolist()
        self._weights.append(dict(zip(weights, sums, strict=True)))
        self._metrics["eval"]["loss"].append(lost / self._weights[-1][_ITEMS])
        return step

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        """Log metrics, those of an evaluation averaged already when TRL averages them."""
        if self._weights:
            for name, values in self._metrics["eval"].items():
                if len(values) == len(self._weights):
                    by = _WEIGHED_BY.get(name, _ITEMS)
                    weights = [batch[by] for batch in self._weights]
                    values[:] = [float(np.average(values, weights=weights))]
            self._weights.clear()
        super().log(logs, start_time)


def weights_of(batch: dict[str, Tensor]) -> dict[str, float]:
    """Return how many pairs (for SFT tokens) a batch weighs, and how many scored tokens of each."""
    if "completion_mask" not in batch:
        tokens = int((batch["labels"][:, 1:] != -100).sum())
        return {_ITEMS: tokens, "tokens": tokens, "chosen": tokens}
    scored = batch["completion_mask"][:, 1:].sum(dim=1)
    chosen, rejected = (int(half.sum()) for half in scored.chunk(2))
    return {
        _ITEMS: len(scored) // 2,
        "tokens": chosen + rejected,
        "chosen": chosen,
        "rejected": rejected,
    }
