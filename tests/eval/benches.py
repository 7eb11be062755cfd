"""Benchmarks made up for the tests, and what a test asks of their figures."""

from itertools import product

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from eval.resampling import Difference, Estimate, Summary
from eval.scores import AloeScores

DRAWS = 200
UNDEFINED = (None, None)
NOISE = np.random.default_rng(5).normal(0, 0.6, (12, 6))
GRIDS = arrays(np.float64, (9, 4), elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan]))


def scored(values: object, profiles: int, personalities: int) -> AloeScores:
    cases = list(product(range(profiles), range(personalities)))
    return AloeScores(
        values,  # type: ignore[arg-type]
        tuple(f"profile {one}" for one, _ in cases),
        tuple(f"personality {other}" for _, other in cases),
    )


def noisy(slope: float = 0.1, missing: tuple[tuple[int, int], ...] = ()) -> AloeScores:
    values = np.clip(2.5 + slope * np.arange(6) + NOISE, 1, 5)
    for at in missing:
        values[at] = np.nan
    return scored(values, 4, 3)


def numbers(found: Summary | Difference) -> list[float | None]:
    flat: list[float | None] = []
    for each in found:
        for part in each if isinstance(each, list) else [each]:
            flat += part if isinstance(part, tuple) else [part]
    return flat


def around(estimate: Estimate) -> bool:
    value, low, high = estimate
    assert value is not None and low is not None and high is not None
    return low < value < high
