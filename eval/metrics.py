"""How well replies fit their user turn by turn, and how fast that improves (arXiv 2410.03642)."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eval.scores import Scores

_FLAT = 1e-9
"""A curve that spans less than this share of its level is flat: what is left is rounding."""


class Improvement(NamedTuple):
    """How alignment levels improve over the turns; None where a figure is undefined.

    Attributes:
        ir: improvement rate, b of the least-squares line b·k + a, in the levels' units a turn.
        r2: share of the levels' variance that the line accounts for.
        n_ir: the slope of the same fit to the normalised levels; 1 / (K - 1) for a straight line.
        n_r2: its R², which normalising does not change.
    """

    ir: float | None
    r2: float | None
    n_ir: float | None
    n_r2: float | None


class Fits(NamedTuple):
    """Least-squares lines through many curves, NaN where undefined; arrays of the same shape.

    Attributes:
        slopes: in the curves' units a turn.
        r2: share of each curve's variance its line accounts for.
        normalized: slopes of the curves once each is scaled to run from 0 to 1.
    """

    slopes: NDArray[np.float64]
    r2: NDArray[np.float64]
    normalized: NDArray[np.float64]


def improvement(al: Sequence[float | None]) -> Improvement:
    """Return the improvement rate of alignment levels, its fit, and both once normalised.

    The least-squares line runs over k = 1..K; N-IR and N-R² are those of
    N-AL(k) = (AL(k) - min AL) / (max AL - min AL). What is undefined is None, never 0: all four
    with fewer than two turns or a level missing, and all but IR, which is 0, for a flat curve.
    N-IR blows up the noise of a nearly flat one: read it beside IR and the range.

    Args:
        al: AL(1) to AL(K), on any scale.

    Raises:
        ValueError: a level is infinite.
    """
    fits = fit(levels_array(al))
    ir, r2, n_ir = (number(float(each)) for each in fits)
    return Improvement(ir, r2, n_ir, r2)


def alignment_levels(scores: Scores) -> list[float | None]:
    """Return AL(k), the mean score at turn k, for k = 1..K, in the judge's own units.

    Args:
        scores: what the judge gave. AL(k) is over the cases that have a score at k, and None
            where none has; `Scores.missing` names those left out.
    """
    return [number(level) for level in curves(scores.values, np.ones((1, len(scores.values))))[0]]


def normalized(al: Sequence[float | None]) -> list[float] | None:
    """Return N-AL(k), levels scaled to run from 0 to 1; None if flat or a level is missing."""
    levels = levels_array(al)
    if not len(levels) or np.isnan(levels).any() or is_flat(levels):
        return None
    return [float(each) for each in (levels - levels.min()) / np.ptp(levels)]


def curves(values: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return weighted mean curves, one for each row of weights.

    Args:
        values: (C, K), NaN where missing.
        weights: (D, C), weights of the cases.

    Returns:
        (D, K): the mean at each turn of the cases that have a value there; NaN where none has.
    """
    present = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        means: NDArray[np.float64] = (weights @ np.where(present, values, 0.0)) / (
            weights @ present.astype(np.float64)
        )
    return means


def fit(levels: NDArray[np.float64]) -> Fits:
    """Return the least-squares line over k = 1..K through each of many curves.

    Args:
        levels: (..., K). Curves with a NaN, or of fewer than two turns, have no line.
    """
    turns = levels.shape[-1]
    if turns < 2:
        undefined = np.full(levels.shape[:-1], np.nan)
        return Fits(undefined, undefined, undefined)
    steps = np.arange(turns) - (turns - 1) / 2
    flat = is_flat(levels)
    # The squares of rounding errors must not stand in for a variance: hence `flat` throughout.
    slopes = np.where(flat, 0.0, levels @ steps / (steps @ steps))
    variance = np.where(flat, np.nan, levels.var(axis=-1) * turns)
    span = np.where(flat, np.nan, np.ptp(levels, axis=-1))
    r2 = np.minimum(slopes**2 * (steps @ steps) / variance, 1.0)
    return Fits(slopes, r2, slopes / span)


def is_flat(levels: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return for each curve of `levels`, (..., K), whether it has but one value."""
    flat: NDArray[np.bool_] = np.ptp(levels, axis=-1) <= _FLAT * np.abs(levels).max(axis=-1)
    return flat


def levels_array(al: Sequence[float | None]) -> NDArray[np.float64]:
    """Return levels as an array, NaN where one is missing.

    Raises:
        ValueError: one is infinite.
    """
    levels = np.array([math.nan if level is None else level for level in al], dtype=np.float64)
    if np.isinf(levels).any():
        raise ValueError("an alignment level is infinite; give numbers, None where one is missing")
    return levels


def number(value: float) -> float | None:
    """Return a figure as Python's own, None where it is NaN."""
    return None if math.isnan(value) else float(value)
