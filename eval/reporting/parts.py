"""Parts: what a report says, before it is a page or Markdown."""

from collections.abc import Sequence
from typing import NamedTuple

from eval.columns import Grid
from eval.plotting import Chart


class Notes(NamedTuple):
    """What has to be said below tables."""

    lines: Sequence[str]


Block = Grid | Chart | Notes


class Part(NamedTuple):
    """A part of a report.

    Attributes:
        alerts: what a reader has to know before believing the figures.
        lead: what the figures are.
    """

    title: str
    blocks: Sequence[Block]
    alerts: Sequence[str] = ()
    lead: Sequence[str] = ()


def charts_of(parts: Sequence[Part]) -> list[Chart]:
    """Return all charts of a report, in its order."""
    return [block for part in parts for block in part.blocks if isinstance(block, Chart)]
