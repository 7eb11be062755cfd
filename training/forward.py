"""The forward pass of packed trees: every token attends to its ancestors, and to itself, only.

`add_tree_forward` wraps the forward of a model that TRL has given its fused head, in the way TRL
adds that head, so that TRL's trainers call the model as they always do.
"""

import functools
import types
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention.flex_attention import BlockMask, create_block_mask
from transformers import PreTrainedModel

from dialogues.errors import UsageError
from training.attention import TREE_SDPA, blocks_of

IMPLEMENTATIONS = (TREE_SDPA, "sdpa", "flex_attention", "eager")
"""The attention implementations that take a mask of any shape."""


def add_tree_forward(model: PreTrainedModel) -> None:
    """Let `model(..., pack_ends=…)` run packed trees; without it the forward stays what it was.

    With `pack_rows` too, what the fused head says of each scored token comes back in rows, one per
    reply, as TRL's preference losses read it. Adding it again changes nothing.

    Raises:
        UsageError: the model's attention takes no mask of its own.
    """
    if getattr(model.forward, "packs_trees", False):
        return
    implementation = model.config._attn_implementation
    if implementation not in IMPLEMENTATIONS:
        known = ", ".join(IMPLEMENTATIONS)
        raise UsageError(
            f"tree packing needs --attn_implementation {known}, not {implementation}; or give "
            "--tree_packing off"
        )
    whole_forward = model.forward

    # Keep the signature: `generate` and the trainers look at it.
    @functools.wraps(type(model).forward)
    def forward(self: PreTrainedModel, *args: Any, **kwargs: Any) -> Any:
        ends = kwargs.pop("pack_ends", None)
        if ends is None:
            return whole_forward(*args, **kwargs)
        kwargs["attention_mask"] = tree_mask(ends, implementation, self.dtype)
        if implementation == TREE_SDPA:
            kwargs["tree_blocks"] = blocks_of(ends)
        rows = kwargs.pop("pack_rows", None)
        if rows is None:
            return whole_forward(*args, **kwargs)
        kwargs["input_ids"] = kwargs.pop("pack_ids")
        kwargs["position_ids"] = kwargs.pop("pack_positions")
        kwargs["shift_labels"] = kwargs.pop("pack_labels")
        kwargs.pop("labels", None)
        return in_rows(whole_forward(*args, **kwargs), rows)

    forward.packs_trees = True  # type: ignore[attr-defined]
    model.forward = types.MethodType(forward, model)


def tree_mask(ends_bn: Tensor, implementation: str, dtype: torch.dtype) -> Tensor | BlockMask:
    """Make the attention mask of packs: token q sees k where k <= q < ends[k].

    Args:
        ends_bn: for each token of each pack the index after its last descendant, shape (B, N).
        implementation: the model's attention.
        dtype: the model's, for an additive mask.
    """
    batch, length = ends_bn.shape
    if implementation == TREE_SDPA:
        # Its blocks say it all; four dimensions keep transformers from making a mask.
        return torch.ones(1, 1, 1, 1, dtype=torch.bool, device=ends_bn.device)
    if implementation == "flex_attention":

        def is_ancestor(b: Tensor, h: Tensor, q: Tensor, k: Tensor) -> Tensor:
            return (k <= q) & (q < ends_bn[b, k])

        return create_block_mask(is_ancestor, batch, None, length, length, device=ends_bn.device)
    at_n = torch.arange(length, device=ends_bn.device)
    seen_bqk = (at_n <= at_n[:, None]) & (at_n[:, None] < ends_bn[:, None, :])
    mask = seen_bqk[:, None]
    if implementation == "sdpa":
        return mask
    return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(
        ~mask, torch.finfo(dtype).min
    )


def in_rows(outputs: Any, rows_rc: Tensor) -> Any:
    """Gather what is said of every token into rows, one per reply.

    Args:
        outputs: of TRL's fused head, its fields of shape (B, N).
        rows_rc: for each reply the flat indices of the tokens that predict its own, -1 beyond its
            end, shape (replies, longest reply).
    """
    inside = rows_rc >= 0
    for field in fields(outputs):
        said = getattr(outputs, field.name)
        if isinstance(said, Tensor) and said.dim() == 2:
            gathered = said.reshape(-1)[rows_rc.clamp(min=0)]
            setattr(outputs, field.name, gathered.masked_fill(~inside, 0))
    return outputs
