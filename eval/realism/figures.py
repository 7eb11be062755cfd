"""Figures over dialogues, with 95 % intervals from resampling the dialogues.

An interval is the value ± t × the standard deviation over the draws, as in `eval.resampling`:
percentiles would be pulled to one side where a figure counts what differs, since a draw holds some
dialogues twice.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from eval.metrics import number
from eval.pigeonhole import UNDEFINED, Array
from eval.resampling import Estimate

Statistic = Callable[[Array], Array]
"""From weights of the dialogues, (D, C), to a figure for each draw, (D,); NaN where undefined."""

_DRAWS = 1000


class Measured(NamedTuple):
    """A figure, its standard error and the error's degrees of freedom; NaN where undefined."""

    value: float
    error: float
    freedom: int

    def estimate(self, low: float = -np.inf, high: float = np.inf) -> Estimate:
        """Return the figure with its interval, cut to what it can be."""
        half = float(stdtrit(max(self.freedom, 1), 0.975)) * self.error
        ends = np.clip([self.value - half, self.value + half], low, high)
        return Estimate(number(self.value), *(number(float(each)) for each in ends))

    def minus(self, other: "Measured") -> "Measured":
        """Return the difference from a figure over other dialogues."""
        error = float(np.hypot(self.error, other.error))
        return Measured(self.value - other.value, error, min(self.freedom, other.freedom))


def measured(statistic: Statistic, count: int, seed: int) -> Measured:
    """Measure a figure over dialogues.

    Args:
        statistic: gives the figure.
        count: of the dialogues, C.
        seed: of the resampling.
    """
    if not count:
        return Measured(np.nan, np.nan, 0)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(count, np.full(count, 1 / count), _DRAWS).astype(np.float64)
    drawn = statistic(weights)
    known = drawn[~np.isnan(drawn)]
    enough = count > 1 and len(known) >= (1 - UNDEFINED) * _DRAWS
    value = float(statistic(np.ones((1, count)))[0])
    return Measured(value, float(known.std(ddof=1)) if enough else np.nan, count - 1)


def ratio(parts: Sequence[tuple[float, float]]) -> Statistic:
    """Return the statistic that divides sums: each dialogue gives (so many, of so many)."""
    over, under = np.array(parts, dtype=np.float64).reshape(-1, 2).T

    def statistic(weights: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            share: Array = (weights @ over) / (weights @ under)
        return share

    return statistic
