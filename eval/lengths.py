"""What one assistant is given more than another at equal length, since judges may like length.

The assistant's coefficient in a least-squares regression of score on assistant and
log(1 + words), for many weightings of the cases at once.
"""

from collections.abc import Sequence

import numpy as np

from eval.pigeonhole import Array

_CONSTANT = 1e-9
"""Lengths that vary by less than this share of their squares are constant, but for rounding."""


def length_rows(one: Array, other: Array, words: tuple[Array, Array]) -> list[Array]:
    """Return for each assistant what the regression sums over, by case, (5, C).

    Args:
        one: (C, K), the scores of one assistant, NaN where missing.
        other: (C, K), those of the other.
        words: the numbers of words of their replies, (C, K) each.

    Returns:
        The number of replies, x = log(1 + words), y = score, x² and xy of each, summed over the
        turns that both have a score for.

    Raises:
        ValueError: If the shapes differ, or a reply that was scored has no number of words.
    """
    shared = ~np.isnan(one - other)
    rows = []
    for scores, lengths in zip((one, other), words, strict=True):
        if np.shape(lengths) != shared.shape:
            raise ValueError(f"words of shape {np.shape(lengths)} for scores of {shared.shape}")
        counted = np.where(shared, lengths, 0.0)
        if not (np.isfinite(counted) & (counted >= 0)).all():
            raise ValueError("a reply that was scored has no number of words")
        x, y = np.log1p(counted), np.where(shared, scores, 0.0)
        rows.append(np.stack([shared, x, y, x * x, x * y]).sum(axis=2))
    return rows


def at_equal_length(rows: Sequence[Array], weights: Array) -> Array:
    """Return the assistant's coefficient, in closed form, NaN where undefined.

    The slope of score on length is the pooled one within the two assistants (Frisch-Waugh-Lovell);
    the coefficient is the difference of the mean scores less that slope times the difference of
    the mean lengths.

    Args:
        rows: what `length_rows` gave.
        weights: (D, C), weights of the cases.

    Returns:
        (D,), one minus other, in the units of the scores.
    """
    sums = np.stack([weights @ each.T for each in rows])
    count, x, y, xx, xy = np.moveaxis(sums, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        within = (xx - x * x / count).sum(axis=0)
        within = np.where(within > _CONSTANT * xx.sum(axis=0), within, np.nan)
        slope = (xy - x * y / count).sum(axis=0) / within
        (one, other), (longer, shorter) = y / count, x / count
        adjusted: Array = one - other - slope * (longer - shorter)
    return adjusted
