"""Attention of packed trees on a CPU: a block of tokens looks only at the keys it may see.

SDPA computes what a mask hides, so a dense mask costs the square of a whole tree's length, while a
token sees no more than its own path. FlexAttention skips the rest on a GPU; here blocks of
neighbouring tokens, which share most of their path, gather their keys. It is registered with
transformers under the name `tree_sdpa`.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

TREE_SDPA = "tree_sdpa"
_BLOCK = 128


class Block(NamedTuple):
    """Neighbouring tokens of one pack, and what they see.

    Attributes:
        pack: number of the pack in its batch.
        start, stop: the tokens.
        keys: indices of all tokens that one of them sees, shape (K,).
        mask: which sees which, shape (stop - start, K).
    """

    pack: int
    start: int
    stop: int
    keys: Tensor
    mask: Tensor


def blocks_of(ends_bn: Tensor) -> list[Block]:
    """Cut packs into blocks.

    Args:
        ends_bn: for each token of each pack the index after its last descendant, shape (B, N).
    """
    return [
        _block(pack, ends, start)
        for pack, ends in enumerate(ends_bn)
        for start in range(0, len(ends), _BLOCK)
    ]


def _block(pack: int, ends_n: Tensor, start: int) -> Block:
    stop = min(start + _BLOCK, len(ends_n))
    keys = (ends_n[:stop] > start).nonzero()[:, 0]
    at = torch.arange(start, stop, device=ends_n.device)[:, None]
    return Block(pack, start, stop, keys, (keys <= at) & (at < ends_n[keys]))


def tree_sdpa(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    tree_blocks: Sequence[Block] | None = None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """Attend block by block; without blocks as transformers' `sdpa` does.

    Args:
        module: the attention layer.
        query: shape (B, heads, N, dimensions).
        key: shape (B, key heads, N, dimensions).
        value: as `key`.
        attention_mask: looked at only where there are no blocks.
        tree_blocks: those of all packs of the batch, in order.
        dropout: chance that a weight is dropped.
        scaling: factor of the scores.
        kwargs: what else transformers tells its attentions.

    Returns:
        Shape (B, N, heads, dimensions), and no weights.
    """
    if tree_blocks is None:
        attended: tuple[Tensor, None] = sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **kwargs
        )
        return attended
    groups = query.shape[1] // key.shape[1]
    key, value = repeat_kv(key, groups), repeat_kv(value, groups)
    packs: list[list[Tensor]] = [[] for _ in query]
    for pack, start, stop, keys, mask in tree_blocks:
        packs[pack].append(
            scaled_dot_product_attention(
                query[pack, :, start:stop],
                key[pack].index_select(1, keys),
                value[pack].index_select(1, keys),
                attn_mask=mask,
                dropout_p=dropout,
                scale=scaling,
            )
        )
    whole = torch.stack([torch.cat(blocks, dim=1) for blocks in packs])
    return whole.transpose(1, 2).contiguous(), None


AttentionInterface.register(TREE_SDPA, tree_sdpa)
AttentionMaskInterface.register(TREE_SDPA, sdpa_mask)
