"""Find an embedder's threshold: how alike may two texts be that one would still want both?"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError
from rich.console import Console
from rich.table import Table

from agents.models.embedding import Embedder, open_embedder
from agents.models.settings import Endpoint, ModelSettings
from dialogues.command import DONE, FAILED, Command
from dialogues.errors import UsageError
from dialogues.persona import Frozen, Kind
from dialogues.pool import KINDS

PAIRS = Path(__file__).parent / "data" / "pairs.jsonl"
"""Pairs of texts labelled by hand: the same person told twice, or two people."""

FALSE_ADMITS = 0.05
"""The share of retold people that may come in by mistake."""

_CANDIDATES = np.round(np.arange(0.05, 1.0, 0.01), 2)


LEVELS = ("light", "moderate", "thorough")
"""How somebody is told again: in other words here and there, in other sentences, in all others."""


class Pair(Frozen):
    """Two descriptions, and whether they tell of the same person or manner.

    Attributes:
        retold: how thoroughly `b` tells `a` in other words, where they are the same.
        note: what makes the pair hard.
    """

    kind: Kind
    a: str
    b: str
    same: bool
    retold: Literal["light", "moderate", "thorough"] = "light"
    note: str = ""


class Errors(NamedTuple):
    """What a threshold does to labelled pairs.

    Attributes:
        admitted: for each level, the share of the pairs told again that would both come in.
        counted: the same share over the levels the embedder is to catch.
        refused: share of the pairs that are different, of which one would be turned away.
    """

    threshold: float
    admitted: Mapping[str, float]
    counted: float
    refused: float


class Calibrate(Command):
    """Find the threshold of an embedder from pairs of texts labelled by hand.

    The threshold recommended lets in at most 5 % of the people told twice, and of those that do
    turns away the fewest others; --retold says how thoroughly retold ones are to be caught.
    """

    embedder: str = Field(default="lexical", description="lexical, minilm, st:MODEL, openai:MODEL")
    pairs: Path = Field(
        default=PAIRS,
        description='JSONL file of labelled pairs: {"kind": "profile" or "personality", "a": …, '
        '"b": …, "same": true or false, "retold": light, moderate or thorough}; default: those '
        "that come with Grove",
    )
    retold: Literal["light", "moderate", "thorough"] = Field(
        default="thorough", description="the most thorough retelling that is to be caught"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={}, description="servers by name, in the --config file"
    )

    def execute(self) -> int:
        """Print the error rates of thresholds and the one recommended."""
        pairs = read_pairs(self.pairs)
        embedder = open_embedder(self.embedder, ModelSettings(endpoints=self.endpoints))
        console, status = Console(), DONE
        for kind in KINDS:
            chosen = [pair for pair in pairs if pair.kind == kind]
            if not chosen:
                continue
            curve = asyncio.run(error_curve(embedder, chosen, self.retold))
            best = recommended(curve)
            console.print(_table(kind, len(chosen), curve, best))
            if best is None:
                console.print(
                    f"no threshold keeps false admits of {kind} pairs under 5 %", style="red"
                )
                status = FAILED
        return status


def read_pairs(path: Path) -> list[Pair]:
    """Read labelled pairs.

    Raises:
        UsageError: the file cannot be read; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    pairs = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            pairs.append(Pair.model_validate(json.loads(line)))
        except (ValueError, ValidationError) as error:
            raise UsageError(
                f'{path}:{number}: expected {{"kind": …, "a": …, "b": …, "same": …}}'
            ) from error
    if not pairs:
        raise UsageError(f"{path} holds no pairs")
    return pairs


async def error_curve(
    embedder: Embedder, pairs: Sequence[Pair], retold: str = LEVELS[-1]
) -> list[Errors]:
    """Return both kinds of error of an embedder on labelled pairs, for rising thresholds."""
    ones = await embedder.embed([pair.a for pair in pairs])
    others = await embedder.embed([pair.b for pair in pairs])
    similarities = np.sum(ones * others, axis=1)
    level = np.array([LEVELS.index(pair.retold) if pair.same else -1 for pair in pairs])
    counted = (level >= 0) & (level <= LEVELS.index(retold))
    return [
        Errors(
            float(threshold),
            {
                name: _share(similarities[level == at] <= threshold)
                for at, name in enumerate(LEVELS)
            },
            _share(similarities[counted] <= threshold),
            _share(similarities[level < 0] > threshold),
        )
        for threshold in _CANDIDATES
    ]


def recommended(curve: Sequence[Errors]) -> Errors | None:
    """Return, of the thresholds with few enough false admits, the one that turns away fewest."""
    fit = [one for one in curve if one.counted <= FALSE_ADMITS]
    return min(fit, key=lambda one: (one.refused, one.counted), default=None)


def _share(flags: NDArray[np.bool_]) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _table(kind: Kind, count: int, curve: Sequence[Errors], best: Errors | None) -> Table:
    table = Table(title=f"{count} {kind} pairs: told again and let in", title_justify="left")
    for name in ("threshold", *LEVELS, "others turned away", ""):
        table.add_column(name, justify="right")
    for at, one in enumerate(curve):
        if at % 5 == 0 or one is best:
            mark = "recommended" if one is best else ""
            shares = [f"{one.admitted[name]:.0%}" for name in LEVELS]
            table.add_row(f"{one.threshold:.2f}", *shares, f"{one.refused:.0%}", mark)
    return table
