"""Whether a model can run packed trees: looked up in its configuration, then tried on a small tree.

A mask and positions of one's own are all that packing needs, but some models have more than
attention to tell what came before: windows, recurrent layers, positions they count themselves.
"""

from typing import Any

import torch
from transformers import PreTrainedConfig, PreTrainedModel

from dialogues.errors import UsageError
from training.collate import packed
from training.packing import ROOT, Pack, Segment, lay_out

_FULL, _SLIDING = "full_attention", "sliding_attention"
_TREE = {
    "stem": Segment(ROOT, tuple(range(5, 14)), 9),
    "first": Segment("stem", tuple(range(14, 20)), 1),
    "second": Segment("stem", tuple(range(20, 27)), 1),
}
_ALIKE = {torch.float32: 1e-3, torch.float64: 1e-6}
_HALF_PRECISION = 0.1
"""How far logits may be apart, in standard deviations of theirs, and still be the same."""


def refusal_of(config: PreTrainedConfig, longest: int) -> str:
    """Say why a model cannot run packs whose longest path has so many tokens; empty if it may."""
    text = config.get_text_config()
    kinds = set(getattr(text, "layer_types", None) or ())
    if strange := kinds - {_FULL, _SLIDING}:
        return f"the model's {min(strange)} layers pass on what they read from token to token"
    window = getattr(text, "sliding_window", None)
    slides = _SLIDING in kinds or (not kinds and getattr(text, "use_sliding_window", True))
    if slides and window and longest > window:
        return f"the model's window of {window:,} tokens is shorter than a path of {longest:,}"
    return ""


def try_out(model: PreTrainedModel, multiple: int = 1) -> None:
    """Run a small tree as a pack and as rows, and compare.

    Raises:
        UsageError: they differ.
    """
    pack = lay_out(_TREE, _TREE)
    start = pack.spans["second"][0]
    training = model.training
    model.train(False)
    with torch.no_grad():
        in_pack = _logits(model, pack, multiple)[start : len(pack.ids)]
        row = lay_out(_TREE, ["stem", "second"])
        in_row = _logits(model, row, multiple)[len(row.ids) - len(in_pack) : len(row.ids)]
    model.train(training)
    apart = (in_pack - in_row).abs().max() / in_row.std()
    if apart > _ALIKE.get(model.dtype, _HALF_PRECISION):
        raise UsageError(
            f"{type(model).__name__} reads packed trees otherwise than rows; give "
            "--attn_implementation sdpa or --tree_packing off"
        )


def _logits(model: PreTrainedModel, pack: Pack, multiple: int) -> torch.Tensor:
    batch: dict[str, Any] = packed([vars(pack)], 0, multiple)
    on_device = {name: tensor.to(model.device) for name, tensor in batch.items()}
    logits: torch.Tensor = model(**on_device, use_cache=False).logits[0].float()
    return logits
