"""Collators: from the packs of some trees to the tensors of a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Tree = dict[str, Any]
"""A row of a training set: `packs`, with `ids`, `positions`, `ends`, and `pairs` or `replies`."""

_UNSCORED = -100


@dataclass
class PairCollator:
    """Batches of trees for DPO.

    TRL's loss reads rows: the chosen replies of all pairs, then the rejected ones. They are laid
    out here as rows of the replies alone; the packs they are scored in come beside them.

    Attributes:
        pad_token_id: what fills the rows up.
        multiple: lengths of packs are multiples of this.
    """

    pad_token_id: int
    multiple: int = 1

    def __call__(self, trees: Sequence[Tree]) -> dict[str, Tensor]:
        """Return B packs of N tokens, and 2 P rows of C scored tokens after a first column."""
        packs = [pack for tree in trees for pack in tree["packs"]]
        batch = packed(packs, self.pad_token_id, self.multiple)
        length = batch["input_ids"].shape[1]
        pairs = [(at, pair) for at, pack in enumerate(packs) for pair in pack["pairs"]]
        chosen = [_at(at, length, pair[:2]) for at, pair in pairs]
        rejected = [_at(at, length, pair[2:]) for at, pair in pairs]
        rows = padded([*chosen, *rejected], -1)
        tokens = batch["input_ids"].reshape(-1)[(rows + 1).clamp(min=0)]
        inside = rows >= 0
        first = torch.zeros(len(rows), 1, dtype=torch.long)
        labels = torch.full_like(batch["input_ids"], _UNSCORED).reshape(-1)
        labels[rows[inside]] = tokens[inside]
        return {
            "input_ids": torch.cat([first, tokens.masked_fill(~inside, self.pad_token_id)], dim=1),
            "completion_mask": torch.cat([first, inside.long()], dim=1),
            "attention_mask": batch["attention_mask"],
            "pack_ids": batch["input_ids"],
            "pack_positions": batch["position_ids"],
            "pack_ends": batch["pack_ends"],
            "pack_labels": labels.reshape(batch["input_ids"].shape),
            "pack_rows": rows,
            **_references(trees),
        }


@dataclass
class ReplyCollator:
    """Batches of trees for SFT: the packs, with labels on the replies to learn.

    Attributes:
        pad_token_id: what fills the packs up.
        multiple: lengths of packs are multiples of this.
    """

    pad_token_id: int
    multiple: int = 1

    def __call__(self, trees: Sequence[Tree]) -> dict[str, Tensor]:
        """Return B packs of N tokens, with labels."""
        packs = [pack for tree in trees for pack in tree["packs"]]
        batch = packed(packs, self.pad_token_id, self.multiple)
        labels = torch.full_like(batch["input_ids"], _UNSCORED)
        for at, pack in enumerate(packs):
            for start, stop in pack["replies"]:
                labels[at, start:stop] = batch["input_ids"][at, start:stop]
        return {**batch, "labels": labels}


def packed(packs: Sequence[dict[str, Any]], pad_token_id: int, multiple: int) -> dict[str, Tensor]:
    """Pad packs to one length; a pad token sees nothing but itself."""
    longest = max(len(pack["ids"]) for pack in packs)
    length = -(-longest // multiple) * multiple
    alone = torch.arange(1, length + 1)
    ends = alone.repeat(len(packs), 1)
    for at, pack in enumerate(packs):
        ends[at, : len(pack["ends"])] = torch.tensor(pack["ends"])
    return {
        "input_ids": padded([pack["ids"] for pack in packs], pad_token_id, length),
        "position_ids": padded([pack["positions"] for pack in packs], 0, length),
        "attention_mask": padded([[1] * len(pack["ids"]) for pack in packs], 0, length),
        "pack_ends": ends,
    }


def padded(rows: Sequence[Sequence[int]], value: int, length: int = 0) -> Tensor:
    """Make a tensor of rows of unequal length, filled up with `value`."""
    length = max(length, *(len(row) for row in rows))
    return torch.tensor([[*row, *[value] * (length - len(row))] for row in rows])


def _at(pack: int, length: int, span: Sequence[int]) -> list[int]:
    """Return the flat indices of the tokens that predict those of a span."""
    start, stop = span
    return [pack * length + token - 1 for token in range(start, stop)]


def _references(trees: Sequence[Tree]) -> dict[str, Tensor]:
    return {
        name: torch.tensor([value for tree in trees for value in tree[name]])
        for name in ("ref_chosen_logps", "ref_rejected_logps")
        if name in trees[0]
    }
