"""Attention by blocks: what a dense mask gives, whatever the trees, with its gradients."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from training.attention import blocks_of, tree_sdpa
from training.collate import packed
from training.forward import tree_mask
from training.packing import ROOT, Segment, lay_out


@st.composite
def packs(draw: st.DrawFn) -> Tensor:
    """Draw the ends of one to three packs of random trees, padded to one length."""
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        lengths = draw(st.lists(st.integers(1, 90), min_size=1, max_size=9))
        parents = [draw(st.integers(0, at)) for at in range(len(lengths))]
        segments = {
            str(at): Segment(str(parent - 1) if parent else ROOT, tuple(range(length)), length)
            for at, (parent, length) in enumerate(zip(parents, lengths, strict=True))
        }
        rows.append(vars(lay_out(segments, segments)))
    return packed(rows, 0, 1)["pack_ends"]


def attended(ends: Tensor, blocks: bool) -> list[Tensor]:
    """Return what is attended to, and the gradients of what went in."""
    torch.manual_seed(0)
    batch, length = ends.shape
    query = torch.randn(batch, 4, length, 8, requires_grad=True)
    key, value = (torch.randn(batch, 2, length, 8, requires_grad=True) for _ in range(2))
    if blocks:
        out, _ = tree_sdpa(torch.nn.Module(), query, key, value, None, blocks_of(ends), scaling=0.3)
    else:
        keys, values = (each.repeat_interleave(2, dim=1) for each in (key, value))
        mask = tree_mask(ends, "sdpa", torch.float32)
        assert isinstance(mask, Tensor)
        out = scaled_dot_product_attention(query, keys, values, attn_mask=mask, scale=0.3)
        out = out.transpose(1, 2)
    (out * torch.linspace(-1, 1, out.numel()).view(out.shape)).sum().backward()
    return [out, *(each.grad for each in (query, key, value) if each.grad is not None)]


@settings(max_examples=40)
@given(ends=packs())
def test_blocks_attend_as_a_dense_mask_does(ends: Tensor) -> None:
    for ours, dense in zip(attended(ends, True), attended(ends, False), strict=True):
        torch.testing.assert_close(ours, dense, rtol=1e-4, atol=1e-5)


def test_a_block_gathers_no_more_than_some_of_its_tokens_see() -> None:
    # A trunk of 100 tokens, then 20 branches of 100 each.
    segments = {"trunk": Segment(ROOT, tuple(range(100)), 100)}
    segments |= {str(at): Segment("trunk", tuple(range(100)), 0) for at in range(20)}
    ends = torch.tensor([lay_out(segments, segments).ends])
    seen = [len(block.keys) for block in blocks_of(ends)]
    assert max(seen) <= 100 + 2 * 100 + 100
    assert all(block.mask.any(dim=0).all() for block in blocks_of(ends))


def test_another_mask_would_be_noticed() -> None:
    ends = torch.tensor([[4, 2, 4, 4]])
    right, wrong = attended(ends, True)[0], attended(torch.tensor([[4, 4, 4, 4]]), True)[0]
    with pytest.raises(AssertionError):
        torch.testing.assert_close(right, wrong)
