from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.resampling import compared, holm
from eval.scores import AloeScores, RlpaScores, Scores
from tests.eval.benches import DRAWS, GRIDS, NOISE, UNDEFINED, around, noisy, scored


@given(GRIDS)
@settings(max_examples=20, deadline=None)
def test_equals_do_not_differ(values: np.ndarray) -> None:
    values[0] = 3
    scores = scored(values, 3, 3)
    words = np.arange(36.0).reshape(9, 4)
    found = compared(scores, scores, (words, words), 40)
    for estimate, p in (
        (found.mean, found.mean_p), (found.ir, found.ir_p), (found.adjusted, found.adjusted_p),
    ):  # fmt: skip
        assert estimate.value == 0
        assert (estimate, p) in [((0, 0, 0), 1), ((0, *UNDEFINED), None)]
    complete = compared(noisy(), noisy(), (NOISE**2, NOISE**2), 40)
    assert (complete.mean_p, complete.ir_p, complete.adjusted_p) == (1, 1, 1)


def test_comparing_the_other_way_round_changes_the_signs() -> None:
    one, other = noisy(0.3, ((0, 0),)), noisy(0.0, ((1, 1),))
    forth, back = compared(one, other, None, DRAWS), compared(other, one, None, DRAWS)
    assert forth.mean.value is not None and forth.mean.low is not None
    assert back.mean.value == pytest.approx(-forth.mean.value)
    assert back.mean.high == pytest.approx(-forth.mean.low)
    assert (back.mean_p, back.ir_p) == pytest.approx((forth.mean_p, forth.ir_p))


def test_the_order_of_the_cases_does_not_matter() -> None:
    pair = noisy(0.3, ((0, 0),)), noisy(0.0, ((1, 1),))
    turned = [
        AloeScores(each.values[::-1], each.profiles[::-1], each.personalities[::-1])
        for each in pair
    ]
    before, after = compared(*pair, None, DRAWS), compared(*turned, None, DRAWS)
    assert after.mean == pytest.approx(before.mean)
    assert after.ir_p == pytest.approx(before.ir_p)


def test_a_comparison_is_over_the_replies_both_have_a_score_for() -> None:
    one, other = np.full((6, 3), 3.0), np.full((6, 3), 2.0)
    one[:3, 1], other[3, 1] = np.nan, np.nan
    one[0, 2], other[0, 1] = 5, 1
    found = compared(scored(one, 3, 2), scored(other, 3, 2), None, DRAWS)
    assert found.mean.value == pytest.approx((1 + 1 + (5 * 1 + 3) / 6) / 3)
    assert found.ir.value == pytest.approx((8 / 6 - 1) / 2)


@given(st.floats(-0.3, 0.3))
@settings(max_examples=20, deadline=None)
def test_p_is_below_5_percent_just_where_the_interval_leaves_0_out(plus: float) -> None:
    one = scored(3 + plus + NOISE[::-1] / 2, 4, 3)
    found = compared(one, scored(3 + NOISE / 2, 4, 3), None, 60)
    for (_, low, high), p in ((found.mean, found.mean_p), (found.ir, found.ir_p)):
        assert low is not None and high is not None and p is not None
        assert (p < 0.05) == (not low <= 0 <= high)


def test_a_constant_difference_has_no_spread_to_be_judged_by() -> None:
    found = compared(scored(3.1 + NOISE / 4, 4, 3), scored(3 + NOISE / 4, 4, 3), None, DRAWS)
    assert found.mean == pytest.approx((0.1, 0.1, 0.1))
    assert found.mean_p is None


def test_the_smallest_detectable_difference_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(2)
    flat = scored(np.full((120, 2), 3.0), 40, 3)

    def noise() -> np.ndarray:
        return np.repeat(rng.normal(0, 0.2, (40, 2)), 3, axis=0)

    detectable = compared(scored(3 + noise(), 40, 3), flat, None, 2000).detectable
    assert detectable == pytest.approx(2.8 * 0.2 / 80**0.5, rel=0.2)
    again = (compared(scored(3.0626 + noise(), 40, 3), flat, None, DRAWS) for _ in range(200))
    assert 0.7 < np.mean([(each.mean_p or 0) < 0.05 for each in again]) < 0.9


def test_the_scales_are_never_mixed() -> None:
    ids = (("a", "b"), ("x", "y"))
    with pytest.raises(TypeError):
        compared(AloeScores(np.ones((2, 2)), *ids), RlpaScores(np.ones((2, 2)), *ids))


def regressed(one: Scores, other: Scores, words: tuple[np.ndarray, np.ndarray]) -> float:
    shared = ~np.isnan(one.values + other.values)
    y = np.concatenate([one.values[shared], other.values[shared]])
    x = np.log1p(np.concatenate([each[shared] for each in words]))
    which = np.repeat([1.0, 0.0], shared.sum())
    columns = np.stack([np.ones_like(x), which, x], axis=1)
    return float(np.linalg.lstsq(columns, y)[0][1])


def test_the_difference_at_equal_length_is_the_coefficient_of_the_regression() -> None:
    one, other = noisy(0.3, ((0, 0),)), noisy(0.0, ((1, 1),))
    rng = np.random.default_rng(3)
    words = rng.integers(20, 90, (12, 6)).astype(float), rng.integers(5, 40, (12, 6)).astype(float)
    words[0][0, 0] = np.nan
    found = compared(one, other, words, DRAWS)
    assert found.adjusted.value == pytest.approx(regressed(one, other, words))
    assert around(found.adjusted)
    assert found.mean == compared(one, other, None, DRAWS).mean


def test_what_length_explains_is_no_difference() -> None:
    rng = np.random.default_rng(4)
    words = rng.integers(30, 90, (12, 6)).astype(float), rng.integers(5, 40, (12, 6)).astype(float)
    one, other = (scored(1 + 0.5 * np.log1p(each), 4, 3) for each in words)
    found = compared(one, other, words, DRAWS)
    assert (found.mean.value or 0) > 0.3
    assert found.adjusted == pytest.approx((0, 0, 0), abs=1e-9)


@pytest.mark.parametrize("lengths", [(7, 7), (7, 30)])
def test_constant_lengths_leave_the_difference_at_equal_length_undefined(
    lengths: tuple[float, float],
) -> None:
    words = np.full((12, 6), lengths[0]), np.full((12, 6), lengths[1])
    found = compared(noisy(0.3), noisy(0), words, DRAWS)
    assert found.adjusted == (None, None, None) and found.adjusted_p is None


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (lambda words: words[:, :3], "shape"),
        (lambda words: np.where(words > 20, np.nan, words), "no number of words"),
        (lambda words: words - 30, "no number of words"),
    ],
)
def test_words_that_cannot_be_are_refused(
    spoil: Callable[[np.ndarray], np.ndarray], complaint: str
) -> None:
    words = np.arange(72.0).reshape(12, 6)
    with pytest.raises(ValueError, match=complaint):
        compared(noisy(), noisy(0), (words, spoil(words)))


def test_holm_gives_the_figures_worked_out_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_nor_changes_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(p <= each <= 1 for p, each in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [adjusted[at] for at in order] == sorted(adjusted)
