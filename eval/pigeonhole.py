"""Resampling cases that are profiles crossed with personalities, and what that says of a figure.

Resampling cases one by one would make every interval too narrow. The pigeonhole bootstrap (Owen
2007, Annals of Applied Statistics, arXiv 0712.1111) resamples both: a draw gives each profile and
each personality a multinomial weight, and a case weighs their product. From one or two profiles, or
personalities, nothing can be told of how others differ, so then there is no spread at all.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eval.scores import Scores

Array = NDArray[np.float64]

Statistic = Callable[[Array], Array]
"""From weights of the cases, (D, C), to S figures for each draw, (D, S); NaN where undefined."""

UNDEFINED = 0.05
"""The share of draws in which a figure may be undefined before its spread is."""


LEAST = 3
"""Profiles, and personalities, that a spread needs: from two of either, how much they vary hangs on
a single difference."""


class Spread(NamedTuple):
    """Figures, and how much they vary over the draws; arrays of S, NaN where undefined.

    Attributes:
        values: the figures, each case weighing 1.
        errors: their standard errors, the standard deviations over the draws. They are too large
            where neither profiles nor personalities matter.
        freedom: Satterthwaite's degrees of freedom of those, which are few where most of the
            spread comes from few personalities.
    """

    values: Array
    errors: Array
    freedom: Array


def bootstrap(statistic: Statistic, scores: Scores, draws: int, rng: np.random.Generator) -> Spread:
    """Return figures with their spread over profiles and personalities.

    Without `LEAST` of each the spread is undefined.

    Args:
        statistic: gives the figures; all are drawn together.
        scores: whose cases these are.
        draws: how often to resample.
        rng: where the weights come from.
    """
    values = statistic(np.ones((1, len(scores.values))))[0]
    factors = scores.profiles, scores.personalities
    levels = [len(set(ids)) for ids in factors]
    if min(levels) < LEAST:
        undefined = np.full(values.shape, np.nan)
        return Spread(values, undefined, undefined)
    weights = [_weights(ids, draws, rng) for ids in factors]
    alone = [_variances(statistic(each)) for each in weights]
    together = _variances(statistic(np.prod(weights, axis=0)))
    return Spread(values, np.sqrt(together), _freedom(alone, levels))


def _weights(ids: Sequence[str], draws: int, rng: np.random.Generator) -> Array:
    """Return weights of the cases, (draws, C), from drawing their ids with replacement."""
    levels = {each: at for at, each in enumerate(sorted(set(ids)))}
    count = len(levels)
    drawn = rng.multinomial(count, np.full(count, 1 / count), draws)
    return drawn[:, [levels[each] for each in ids]].astype(np.float64)


def _variances(drawn: Array) -> Array:
    """Return the variance of each column over the draws that define it, if enough of them do."""
    enough = np.isnan(drawn).mean(axis=0) <= UNDEFINED
    variances = np.full(drawn.shape[1], np.nan)
    variances[enough] = np.nanvar(drawn[:, enough], axis=0, ddof=1)
    return variances


def _freedom(variances: Sequence[Array], levels: Sequence[int]) -> Array:
    """Return Satterthwaite's degrees of freedom of a sum of variances, each from some levels."""
    squares = sum(each**2 / (count - 1) for each, count in zip(variances, levels, strict=True))
    with np.errstate(invalid="ignore"):
        freedom = sum(variances) ** 2 / squares
    # Neither factor varies by itself: whatever spread there is, is at its least certain.
    return np.where(squares == 0, min(levels) - 1, freedom)
