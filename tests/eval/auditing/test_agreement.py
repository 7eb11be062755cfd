"""Kappa and alpha against figures worked out by hand."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.auditing.agreement import Agreement, Level, Rater, agreement, alpha

SAID = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=1, max_size=12)


def rater(name: str, said: Sequence[int], scale: tuple[float, float] | None = None) -> Rater:
    return Rater(name, {str(at): value for at, value in enumerate(said)}, scale)


def compared(one: Sequence[int], other: Sequence[int], level: Level = "nominal") -> Agreement:
    people = {str(at): str(at) for at in range(max(len(one), len(other)))}
    return agreement(rater("one", one), rater("other", other), people, 0, level)


def test_kappa_of_two_classes() -> None:
    # 20 and 15 alike, 5 and 10 not: 0.7 agree, 0.5 by chance.
    found = compared([0] * 25 + [1] * 25, [0] * 20 + [1] * 5 + [0] * 10 + [1] * 15)
    assert found.kappa.value == pytest.approx(0.4)
    assert found.kappa.items == 50
    assert found.kappa.low is not None and found.kappa.high is not None
    # Its standard error is about the root of 0.7 · 0.3 / (50 · 0.5²).
    assert found.kappa.high - found.kappa.low == pytest.approx(2 * 2.01 * 0.13, abs=0.06)


def test_kappa_of_three_classes() -> None:
    # 4 of 6 alike; by chance (2·2 + 2·3 + 2·1) / 36.
    found = compared([0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 2, 0])
    assert found.kappa.value == pytest.approx(0.5)


def test_nominal_alpha() -> None:
    # 4 of 10 unlike, 14 zeros and 6 ones: 1 - 19 · 4 / (14 · 6).
    found = compared([0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0])
    assert found.alpha.value == pytest.approx(1 - 76 / 84, abs=1e-6)


def test_ordinal_alpha() -> None:
    # 3 zeros, 2 ones, 1 two. Squared distances 6.25, 16 and 2.25: 32 found, 36 by chance.
    assert compared([0, 1, 2], [0, 1, 0], "ordinal").alpha.value == pytest.approx(1 / 9, abs=1e-6)


def test_kappa_of_scores_has_quadratic_weights() -> None:
    # Squared differences: 1 found; by chance, each of 0, 1, 2 with each of 0, 1, 1, 9 / 3.
    found = compared([0, 1, 2], [0, 1, 1], "ordinal")
    assert found.kappa.value == pytest.approx(1 - 1 / 3, abs=1e-6)


@settings(max_examples=10)
@given(SAID)
def test_it_does_not_matter_who_is_named_first(said: list[tuple[int, int]]) -> None:
    one, other = zip(*said, strict=True)
    forward, back = compared(one, other), compared(other, one)
    assert (forward.kappa, forward.alpha) == (back.kappa, back.alpha)


@settings(max_examples=10)
@given(SAID)
def test_who_says_the_same_agrees_fully_where_anything_differs(said: list[tuple[int, int]]) -> None:
    one = [first for first, _ in said]
    found = compared(one, one)
    expected = 1.0 if len(set(one)) > 1 else None
    assert (found.kappa.value, found.alpha.value) == (expected, expected)


def test_only_what_both_spoke_of_counts() -> None:
    found = compared([0, 1, 1, 0, 2], [0, 1, 1])
    assert (found.kappa.value, found.kappa.items, found.alpha.items) == (1.0, 3, 3)


def test_nothing_shared_is_undefined() -> None:
    found = compared([], [])
    assert (found.kappa.value, found.alpha.value, found.alpha.items) == (None, None, 0)


def test_scores_on_two_scales_are_not_compared() -> None:
    people = {"0": "a", "1": "b"}
    one, other = rater("one", [0, 40], (1, 5)), rater("other", [0, 40], (0, 1))
    assert agreement(one, other, people, 0, "ordinal").alpha.items == 0
    assert agreement(one, one, people, 0, "ordinal").alpha.value == 1.0


def test_alpha_takes_any_number_of_raters() -> None:
    said = np.array([[0, 1, 2], [0, 1, 2], [0, 1, 1]])
    # The third is 2, 2 and 1: 2 unlike found; of 3 zeros, 4 ones and 2 twos, 6.5 by chance.
    found = alpha(said, ["a", "b", "c"], 0, "nominal")
    assert found.value == pytest.approx(1 - 2 / 6.5, abs=1e-6)
