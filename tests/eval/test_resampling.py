import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.resampling import Estimate, compared, summarise
from eval.scores import AloeScores
from tests.eval.benches import DRAWS, GRIDS, NOISE, UNDEFINED, around, noisy, numbers, scored


def test_a_summary_has_every_figure_with_its_interval() -> None:
    found = summarise(noisy(), DRAWS)
    assert len(found.al) == 6
    assert all(map(around, [*found.al, found.mean, found.ir, found.r2, found.n_ir, found.n_r2]))
    levels = noisy().values.mean(axis=0)
    assert [each.value for each in found.al] == pytest.approx(list(levels))
    assert found.mean.value == pytest.approx(levels.mean())
    assert found.span == pytest.approx(np.ptp(levels))
    assert found.null_ir.low is not None and found.null_ir.low < 0 < (found.null_ir.high or 0)


def test_a_clear_slope_is_outside_the_null_band_and_none_is_inside() -> None:
    steep, flat = summarise(noisy(0.3), DRAWS), summarise(noisy(0.0), DRAWS)
    assert steep.ir.value is not None and flat.ir.value is not None
    assert steep.null_ir.high is not None and steep.ir.value > steep.null_ir.high
    assert steep.null_n_ir.high is not None and (steep.n_ir.value or 0) > steep.null_n_ir.high
    assert flat.null_ir.low is not None and flat.null_ir.high is not None
    assert flat.null_ir.low < flat.ir.value < flat.null_ir.high


def test_shuffling_leaves_what_is_missing_where_it_is() -> None:
    values = np.repeat([[1.0], [5.0]], 3, axis=1)
    values[0, 2] = np.nan
    assert summarise(scored(values, 2, 1), DRAWS).null_ir == pytest.approx((1, 1))


def test_intervals_are_wide_where_a_few_profiles_differ() -> None:
    slopes = np.repeat([0.0, 0.0, 0.0, 0.4], 5)
    values = 2 + slopes[:, None] * np.arange(6)
    cases = scored(values, 4, 5)
    alone = AloeScores(values, tuple(map(str, range(20))), ("a", "b", "c", "d") * 5)
    clustered, independent = summarise(cases, DRAWS).ir, summarise(alone, DRAWS).ir
    assert clustered.value == independent.value

    def width(each: Estimate) -> float:
        return (each.high or 0) - (each.low or 0)

    assert width(clustered) > 2 * width(independent)


def test_intervals_stay_on_the_scale() -> None:
    values = np.full((12, 4), 5.0)
    values[0] = 1
    found = summarise(scored(values, 4, 3), DRAWS)
    assert all(each.high == 5 for each in [*found.al, found.mean])
    found = summarise(scored(6 - values, 4, 3), DRAWS)
    assert all(each.low == 1 for each in [*found.al, found.mean])
    found = summarise(noisy(0.3), DRAWS)
    assert found.r2.high == 1


@given(GRIDS)
@settings(max_examples=30, deadline=None)
def test_whatever_is_missing_nothing_is_made_up(values: np.ndarray) -> None:
    found = summarise(scored(values, 3, 3), 40)
    for turn, estimate in zip(values.T, found.al, strict=True):
        there = turn[~np.isnan(turn)]
        assert estimate.value == (pytest.approx(there.mean()) if len(there) else None)
    if np.isnan(values).all(axis=0).any():
        assert numbers(found)[12:] == [None] * len(numbers(found)[12:])
    for value, low, high in [*found.al, found.mean, found.ir, found.n_ir, found.r2]:
        assert (low is None) == (high is None)
        if low is not None and high is not None:
            assert value is not None and low - 1e-9 <= value <= high + 1e-9


@given(st.permutations(range(12)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_the_cases_does_not_matter(order: list[int]) -> None:
    scores = noisy(missing=((3, 2), (7, 0)))
    moved = AloeScores(
        scores.values[order],
        tuple(scores.profiles[at] for at in order),
        tuple(scores.personalities[at] for at in order),
    )
    assert summarise(moved, 40) == summarise(scores, 40)


def test_adding_a_constant_moves_levels_only() -> None:
    low, high = (summarise(scored(2 + plus + NOISE / 4, 4, 3), DRAWS) for plus in (0, 1))
    for before, after in zip(low.al, high.al, strict=True):
        assert after == pytest.approx([1 + (each or 0) for each in before])
    assert numbers(high)[21:] == pytest.approx(numbers(low)[21:], abs=1e-9)


def test_a_seed_gives_the_same_and_another_does_not() -> None:
    assert summarise(noisy(), DRAWS, 7) == summarise(noisy(), DRAWS, 7)
    assert summarise(noisy(), DRAWS, 7) != summarise(noisy(), DRAWS, 8)
    one, other = noisy(0.3), noisy(0)
    assert compared(one, other, None, DRAWS, 7) == compared(one, other, None, DRAWS, 7)


@pytest.mark.parametrize(("profiles", "personalities"), [(1, 12), (12, 1), (2, 6), (6, 2), (2, 2)])
def test_one_or_two_of_either_have_figures_but_no_intervals(
    profiles: int, personalities: int
) -> None:
    cases = scored((3 + NOISE / 4)[: profiles * personalities], profiles, personalities)
    found = summarise(cases, DRAWS)
    figures = [*found.al, found.mean, found.ir, found.n_ir, found.n_r2]
    assert all(each.value is not None and each[1:] == UNDEFINED for each in figures)
    difference = compared(cases, cases, None, DRAWS)
    assert difference.mean == (0, *UNDEFINED)
    assert difference.mean_p is difference.detectable is None


def test_three_of_both_have_intervals() -> None:
    found = summarise(scored((3 + NOISE / 4)[:9], 3, 3), DRAWS)
    assert all(map(around, [*found.al, found.mean, found.ir]))


def test_one_case_has_figures_but_no_intervals() -> None:
    found = summarise(scored([[1, 2, 4, 3]], 1, 1), DRAWS)
    assert [each.value for each in found.al] == [1, 2, 4, 3]
    assert all(each[1:] == UNDEFINED for each in [*found.al, found.mean, found.ir, found.n_ir])
    assert found.ir.value == pytest.approx(0.8)
    difference = compared(scored([[1, 2]], 1, 1), scored([[2, 2]], 1, 1))
    assert difference.mean == (-0.5, *UNDEFINED)
    assert difference.mean_p is difference.detectable is None


def test_a_flat_curve_has_no_normalised_figures() -> None:
    found = summarise(scored(np.full((9, 4), 3.1), 3, 3), DRAWS)
    assert found.ir == (0, 0, 0)
    assert found.n_ir == found.r2 == (None, None, None)
    assert found.null_n_ir == UNDEFINED
    assert found.span == 0


def test_no_case_at_all_and_one_turn_alone_are_no_error() -> None:
    assert set(numbers(summarise(AloeScores(np.empty((0, 3)), (), ()), 20))) == {None}
    found = summarise(scored([[1], [2], [3]] * 3, 3, 3), DRAWS)
    assert around(found.mean) and found.ir == (None, None, None)


def test_too_many_undefined_draws_leave_no_interval() -> None:
    values = np.full((9, 2), np.nan)
    values[0], values[8] = (2, 3), (3, 5)
    found = summarise(scored(values, 3, 3), DRAWS)
    assert found.mean == (3.25, *UNDEFINED)
