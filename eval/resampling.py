"""How sure are we: intervals, null bands and paired comparisons for a benchmark's figures.

An interval is the value ± t × the standard error over the draws of `eval.pigeonhole`, with as many
degrees of freedom as the profiles and personalities give: five personalities are few.
benchmarks/coverage.py measures how often the truth lies inside. Percentiles of the same draws hold
it too seldom, and for R² and N-IR far too seldom: noise pulls both towards 0, once in the value
and once more in every draw.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from eval.lengths import at_equal_length, length_rows
from eval.metrics import curves, fit, number
from eval.pigeonhole import UNDEFINED, Array, Spread, Statistic, bootstrap
from eval.scores import Scores, check_paired

_ROUNDING = 1e-9
_DETECTABLE = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)


class Interval(NamedTuple):
    """Where 95 % lie; None where undefined."""

    low: float | None
    high: float | None


class Estimate(NamedTuple):
    """A figure with its 95 % interval; None where undefined."""

    value: float | None
    low: float | None
    high: float | None


class Summary(NamedTuple):
    """A benchmark's figures, in the judge's own units.

    Attributes:
        al: AL(k), k = 1..K.
        mean: mean of AL(k) over the turns; None, as all below, where a turn has no score at all.
        ir: improvement rate, see `eval.metrics.improvement`; so the three next.
        r2: its R², which noise pulls towards 0.
        n_ir: normalised improvement rate, which noise pulls towards 0 too.
        n_r2: its R².
        null_ir: where IR lies in 95 % of shuffles of each case's turns: were nothing to change
            in any case, IR would be outside in 5 % of benchmarks.
        null_n_ir: the same for N-IR.
        span: max AL - min AL.
    """

    al: list[Estimate]
    mean: Estimate
    ir: Estimate
    r2: Estimate
    n_ir: Estimate
    n_r2: Estimate
    null_ir: Interval
    null_n_ir: Interval
    span: float | None


class Difference(NamedTuple):
    """One assistant minus another, over the replies that both have a score for.

    Attributes:
        mean: difference of mean AL.
        mean_p: its two-sided p; None where it has no interval, or every draw gave the same
            difference, so that there is no spread to judge it by.
        ir: difference of the improvement rates.
        ir_p: its two-sided p.
        adjusted: difference of the scores at equal length: the assistant's coefficient in a
            least-squares regression of score on assistant and log(1 + words). None throughout
            where lengths were not given, or are constant within each assistant's replies.
        adjusted_p: its two-sided p.
        detectable: the smallest difference of mean AL that a benchmark of this size and noise
            finds in 80 % of cases (two-sided, at 5 %): (z.975 + z.8) × the standard error.
    """

    mean: Estimate
    mean_p: float | None
    ir: Estimate
    ir_p: float | None
    adjusted: Estimate
    adjusted_p: float | None
    detectable: float | None


def summarise(scores: Scores, draws: int = 2000, seed: int = 0) -> Summary:
    """Return a benchmark's figures with their intervals and null bands.

    The order of the cases does not matter.

    Args:
        scores: what the judge gave every reply; each mean is over the scores that are there.
        draws: how often the cases are resampled, and the turns shuffled.
        seed: what the draws follow from.
    """
    rng = np.random.default_rng(seed)
    scores = _in_order(scores)
    turns = scores.values.shape[1]
    spread = bootstrap(lambda weights: _figures(curves(scores.values, weights)), scores, draws, rng)
    low = np.array([scores.low] * (turns + 1) + [-np.inf, -np.inf, 0.0])
    high = np.array([scores.high] * (turns + 1) + [np.inf, np.inf, 1.0])
    *al, mean, ir, n_ir, r2 = _estimates(spread, low, high)
    null = fit(_shuffled(scores.values, draws, rng))
    bands = _band(null.slopes), _band(null.normalized)
    return Summary(al, mean, ir, r2, n_ir, r2, *bands, number(np.ptp(spread.values[:turns])))


def compared(
    one: Scores,
    other: Scores,
    words: tuple[Array, Array] | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> Difference:
    """Return what one assistant's replies were given more than another's, paired by case and turn.

    Args:
        one: the scores of the assistant that is compared.
        other: those of the one it is compared with, for the same cases in the same order.
        words: how many words the replies of each have, (C, K) each.
        draws: how often the cases are resampled.
        seed: what the draws follow from.

    Raises:
        TypeError: If the two are on different scales.
        ValueError: If cases, turns or `words` do not match, or a reply that was scored has no
            number of words.
    """
    check_paired(one, other)
    differences = one.values - other.values
    rows = None if words is None else length_rows(one.values, other.values, words)

    def statistic(weights: Array) -> Array:
        paired = curves(differences, weights)
        adjusted = np.full(len(weights), np.nan) if rows is None else at_equal_length(rows, weights)
        return np.stack([paired.mean(axis=1), fit(paired).slopes, adjusted], axis=1)

    spread = bootstrap(statistic, one, draws, np.random.default_rng(seed))
    mean, ir, adjusted = _estimates(spread)
    mean_p, ir_p, adjusted_p = _p_values(spread)
    detectable = number(_DETECTABLE * spread.errors[0])
    return Difference(mean, mean_p, ir, ir_p, adjusted, adjusted_p, detectable)


def averaged(
    values: Array, cases: Scores, draws: int = 2000, seed: int = 0
) -> tuple[Estimate, float | None]:
    """Return the mean over turns of the means over cases of any figure, and its two-sided p.

    Args:
        values: (C, K), NaN where missing; such as the score for this user minus that for others.
        cases: whose cases they are.
        draws: how often the cases are resampled.
        seed: what the draws follow from.
    """
    order = _order(cases)
    ordered = values[order]

    def statistic(weights: Array) -> Array:
        means: Array = curves(ordered, weights).mean(axis=1)
        return means[:, None]

    spread = bootstrap(statistic, _in_order(cases), draws, np.random.default_rng(seed))
    (estimate,), (p_value,) = _estimates(spread), _p_values(spread)
    return estimate, p_value


def estimated(
    statistic: Statistic, cases: Scores, draws: int = 2000, seed: int = 0
) -> list[Estimate]:
    """Return figures of any kind with their intervals.

    Args:
        statistic: gives the figures from weights of the cases, in their order.
        cases: whose cases they are.
        draws: how often the cases are resampled.
        seed: what the draws follow from.
    """
    return _estimates(bootstrap(statistic, cases, draws, np.random.default_rng(seed)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values adjusted for their number, in the order given (Holm 1979)."""
    adjusted, least = [0.0] * len(p_values), 0.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank, at in enumerate(order):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[at]))
        adjusted[at] = least
    return adjusted


def _in_order(scores: Scores) -> Scores:
    """Return the cases ordered by their ids, so that their order changes no draw."""
    order = _order(scores)
    profiles, personalities = (
        tuple(ids[at] for at in order) for ids in (scores.profiles, scores.personalities)
    )
    return type(scores)(scores.values[order], profiles, personalities)


def _order(scores: Scores) -> list[int]:
    cases = list(zip(scores.profiles, scores.personalities, strict=True))
    return sorted(range(len(cases)), key=cases.__getitem__)


def _figures(levels: Array) -> Array:
    """Return AL(k), their mean, IR, N-IR and R² of curves (D, K), as columns."""
    fits = fit(levels)
    summed = np.stack([levels.mean(axis=1), fits.slopes, fits.normalized, fits.r2], axis=1)
    return np.concatenate([levels, summed], axis=1)


def _estimates(
    spread: Spread, low: Array | float = -np.inf, high: Array | float = np.inf
) -> list[Estimate]:
    """Return the figures with their intervals, cut to what the figures can be."""
    half = stdtrit(spread.freedom, 0.975) * spread.errors
    ends = np.maximum(spread.values - half, low), np.minimum(spread.values + half, high)
    return [Estimate(*map(number, each)) for each in zip(spread.values, *ends, strict=True)]


def _p_values(spread: Spread) -> list[float | None]:
    """Return two-sided p-values, below 5 % just where the interval leaves 0 out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p_values = 2 * stdtr(spread.freedom, -np.abs(spread.values) / spread.errors)
    still = spread.errors <= _ROUNDING * np.abs(spread.values)
    p_values = np.where(still, np.where(spread.values == 0, 1.0, np.nan), p_values)
    return [number(each) for each in p_values]


def _shuffled(values: Array, draws: int, rng: np.random.Generator) -> Array:
    """Return mean curves, (draws, K), with the scores of each case in a random order.

    What is missing stays where it is, so that each turn keeps its number of scores.
    """
    missing = np.isnan(values)
    places = np.argsort(missing, axis=1, kind="stable")
    shuffled, levels = np.empty_like(values), np.empty((draws, values.shape[1]))
    everything = np.ones((1, len(values)))
    for draw in range(draws):
        # The missing come last both here and in `places`.
        order = np.argsort(np.where(missing, 2.0, rng.random(values.shape)), axis=1)
        np.put_along_axis(shuffled, places, np.take_along_axis(values, order, axis=1), axis=1)
        levels[draw] = curves(shuffled, everything)
    return levels


def _band(figures: Array) -> Interval:
    """Return where the middle 95 % of figures lie."""
    defined = figures[~np.isnan(figures)]
    if len(defined) < (1 - UNDEFINED) * len(figures):
        return Interval(None, None)
    low, high = np.quantile(defined, [0.025, 0.975])
    return Interval(float(low), float(high))
