"""What a judge gave every reply of a benchmark, on one of two scales that are never mixed."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Scores:
    """What a judge gave every reply: the base of the two scales below, not used itself.

    The cases are profiles crossed with personalities, which every interval has to allow for.

    Attributes:
        values: (C, K), C cases by K turns, in the judge's own units; NaN where missing. A copy,
            which cannot be written to.
        profiles: each case's profile, C ids.
        personalities: each case's personality, C ids.
        low: the least score there is.
        high: the greatest.
        style: whose protocol the scale is from.
        factor: what figures are multiplied by where they are shown, and only there.

    Raises:
        ValueError: If the shapes do not agree, there is no turn, or a value is off the scale.
    """

    low: ClassVar[float]
    high: ClassVar[float]
    style: ClassVar[str]
    factor: ClassVar[int]

    values: NDArray[np.float64]
    profiles: tuple[str, ...]
    personalities: tuple[str, ...]

    def __post_init__(self) -> None:
        """Check the shapes and the scale, and keep the values from being changed later."""
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 2 or not values.shape[1]:
            raise ValueError(f"scores are cases by turns, not of shape {values.shape}")
        named = (len(self.profiles), len(self.personalities))
        if named != (len(values), len(values)):
            raise ValueError(
                f"{len(values)} cases, but {named[0]} profiles and {named[1]} personalities"
            )
        off = values[(values < self.low) | (values > self.high)]
        if off.size:
            raise ValueError(f"{off[0]:g} is off the scale of {self.low:g} to {self.high:g}")
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    @property
    def missing(self) -> tuple[tuple[int, int], ...]:
        """The (case, turn) pairs without a score: cases counted from 0, turns from 1."""
        return tuple(
            (int(case), int(turn) + 1) for case, turn in np.argwhere(np.isnan(self.values))
        )


class AloeScores(Scores):
    """One score of 1 to 5 for each reply (arXiv 2410.03642, section 4)."""

    low, high, style, factor = 1.0, 5.0, "ALOE-style", 1


class RlpaScores(Scores):
    """1 for a reply that holds in every respect, else 0, reported × 100 (arXiv 2505.15456).

    Values between the two are means over repeated judgements.
    """

    low, high, style, factor = 0.0, 1.0, "RLPA-style", 100


def check_paired(one: Scores, other: Scores) -> None:
    """Check that two assistants were scored on one scale, for the same cases and turns.

    Raises:
        TypeError: If the scales differ.
        ValueError: If the cases, their order or the number of turns differ.
    """
    if type(one) is not type(other):
        raise TypeError(f"{type(one).__name__} cannot be compared with {type(other).__name__}")
    if (one.profiles, one.personalities) != (other.profiles, other.personalities):
        raise ValueError("the two are not scores of the same cases in the same order")
    if one.values.shape != other.values.shape:
        raise ValueError(f"{one.values.shape[1]} turns against {other.values.shape[1]}")
