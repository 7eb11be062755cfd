"""Agreement beyond chance: Cohen's kappa and Krippendorff's alpha, with intervals."""

import math
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import krippendorff
import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import cohen_kappa_score

from dialogues.persona import Frozen
from eval.auditing.figures import Measure, Statistic, Weights, estimate

Level = Literal["nominal", "ordinal"]
"""Whether values are names only, or have an order."""


class Rater(NamedTuple):
    """Somebody who said something of items.

    Attributes:
        said: a value for each item, by its key.
        scale: what the values are on, if they are scores.
    """

    name: str
    said: Mapping[str, int]
    scale: tuple[float, float] | None = None


class Agreement(Frozen):
    """How far two raters agree beyond chance, over the items both have spoken of.

    Attributes:
        kappa: Cohen's (1960); of scores with quadratic weights (Cohen 1968).
        alpha: Krippendorff's (2011), nominal; of scores ordinal.
    """

    one: str
    other: str
    kappa: Measure
    alpha: Measure


def agreement(
    one: Rater, other: Rater, people: Mapping[str, str], seed: int, level: Level = "nominal"
) -> Agreement:
    """Compare two raters; scores on different scales have nothing to compare.

    Args:
        one: the first.
        other: the second.
        people: whose each item is, by its key.
        seed: of the resampling.
        level: of what they said.
    """
    shared = [key for key in one.said if key in other.said and one.scale == other.scale]
    said = np.array([[rater.said[key] for key in shared] for rater in (one, other)], dtype=np.int64)
    owners = [people[key] for key in shared]
    weights = "quadratic" if level == "ordinal" else None
    return Agreement(
        one=one.name,
        other=other.name,
        kappa=estimate(_kappa(said, weights), owners, seed, -1.0, 1.0),
        alpha=alpha(said, owners, seed, level),
    )


def alpha(said: NDArray[np.int64], people: Sequence[str], seed: int, level: Level) -> Measure:
    """Return Krippendorff's alpha; undefined where all is one value.

    Args:
        said: (M, N), what M raters said of N items.
        people: for each item, whose it is.
        seed: of the resampling.
        level: of the values.
    """
    values = np.unique(said)
    counts = (said[:, :, None] == values).sum(axis=0)

    def statistic(weights: Weights) -> float:
        drawn = np.repeat(counts, weights, axis=0)
        if (drawn.sum(axis=0) > 0).sum() < 2:
            return math.nan
        return float(krippendorff.alpha(value_counts=drawn, level_of_measurement=level))

    return estimate(statistic, people, seed, high=1.0)


def _kappa(said: NDArray[np.int64], weighting: str | None) -> Statistic:
    one, other = said

    def statistic(weights: Weights) -> float:
        drawn = weights > 0
        if len(np.unique(said[:, drawn])) < 2:
            return math.nan
        kappa = cohen_kappa_score(one, other, weights=weighting, sample_weight=weights)
        return float(kappa)

    return statistic
