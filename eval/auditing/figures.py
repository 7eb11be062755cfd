"""Figures of an audit with their intervals.

What a judge says of one person's replies is alike, so people are resampled, with all their items,
and the spread of a figure over these draws is its standard error.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from dialogues.hashing import derived_seed
from dialogues.persona import Frozen
from eval.pigeonhole import UNDEFINED
from eval.result import rounded

Weights = NDArray[np.int64]
Statistic = Callable[[Weights], float]
"""From how often each item is drawn, (N,), to a figure; NaN where undefined."""

_DRAWS = 200
_STILL = 1e-9
"""A standard error below this is rounding."""


class Measure(Frozen):
    """A figure with its 95 % interval; null where undefined.

    Attributes:
        items: how many sets, replies or pairs it is over.
    """

    value: float | None
    low: float | None
    high: float | None
    items: int


class _Spread(NamedTuple):
    value: float
    error: float
    people: int

    @property
    def quantile(self) -> float:
        return float(stdtrit(self.people - 1, 0.975))


def share(
    hits: Sequence[float], counts: Sequence[float], people: Sequence[str], seed: int
) -> Measure:
    """Return a share, with the interval of Wilson (1927) for as many independent items as vary so.

    Which is how Dean and Pagano (2015) take account of items that come in clusters. A share of 0
    or 1 does not vary over the draws: there each person is one item.

    Args:
        hits: for each item, how much of its count hit.
        counts: for each item, how much it counts, 0 for an item that is left out.
        people: for each item, whose it is.
        seed: what the draws follow from.
    """
    spread = _spread(ratio(hits, counts), people, seed)
    items = sum(count > 0 for count in counts)
    return _measure(spread.value, *_wilson(spread), items)


def estimate(
    statistic: Statistic,
    people: Sequence[str],
    seed: int,
    low: float = -math.inf,
    high: float = math.inf,
) -> Measure:
    """Return a figure with the interval value ± t × standard error, cut to what it can be.

    Args:
        statistic: gives the figure.
        people: for each item, whose it is.
        seed: what the draws follow from.
        low: the lowest the figure can be.
        high: the highest.
    """
    spread = _spread(statistic, people, seed)
    half = spread.quantile * spread.error
    if math.isnan(half):
        return _measure(spread.value, math.nan, math.nan, len(people))
    ends = max(low, spread.value - half), min(high, spread.value + half)
    return _measure(spread.value, *ends, len(people))


def ratio(hits: Sequence[float], counts: Sequence[float]) -> Statistic:
    """Make the statistic that divides two sums over the items."""
    above, below = np.array(hits, dtype=np.float64), np.array(counts, dtype=np.float64)

    def statistic(weights: Weights) -> float:
        total = float(weights @ below)
        return float(weights @ above) / total if total else math.nan

    return statistic


def _spread(statistic: Statistic, people: Sequence[str], seed: int) -> _Spread:
    value = statistic(np.ones(len(people), dtype=np.int64))
    names = {name: at for at, name in enumerate(sorted(set(people)))}
    if len(names) < 2 or math.isnan(value):
        return _Spread(value, math.nan, len(names))
    rng = np.random.default_rng(derived_seed(seed, "intervals"))
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), _DRAWS)
    weights = drawn[:, [names[name] for name in people]]
    figures = np.array([statistic(each) for each in weights])
    defined = figures[~np.isnan(figures)]
    enough = len(defined) >= (1 - UNDEFINED) * _DRAWS
    return _Spread(value, float(defined.std(ddof=1)) if enough else math.nan, len(names))


def _wilson(spread: _Spread) -> tuple[float, float]:
    value, error, people = spread
    if math.isnan(error):
        return math.nan, math.nan
    inner = 0 < value < 1
    if inner and error < _STILL:
        return value, value
    size = value * (1 - value) / error**2 if inner else people
    z = spread.quantile
    middle = value + z * z / (2 * size)
    half = z * math.sqrt(value * (1 - value) / size + (z / (2 * size)) ** 2)
    scale = 1 + z * z / size
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _measure(value: float, low: float, high: float, items: int) -> Measure:
    told: dict[str, Any] = {"value": rounded(value), "low": rounded(low), "high": rounded(high)}
    return Measure(items=items, **told)
