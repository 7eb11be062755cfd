"""Parts: what a report says, before it is a page or Markdown."""

from collections.abc import Sequence
from typing import NamedTuple

from eval.plotting import Chart


class Grid(NamedTuple):
    """A table of texts, and what has to be said below it."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


class Part(NamedTuple):
    """A part of a report.

    Attributes:
        alerts: what a reader has to know before believing the figures.
        lead: what the figures are.
    """

    title: str
    blocks: Sequence[Grid | Chart]
    alerts: Sequence[str] = ()
    lead: Sequence[str] = ()


def charts_of(parts: Sequence[Part]) -> list[Chart]:
    """Return all charts of a report, in its order."""
    return [block for part in parts for block in part.blocks if isinstance(block, Chart)]
