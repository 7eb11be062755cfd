import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import linregress

from eval.metrics import Improvement, alignment_levels, improvement, normalized
from eval.scores import AloeScores

NOTHING = Improvement(None, None, None, None)
CURVES = st.lists(st.floats(1, 5).map(lambda level: round(level, 3)), min_size=2, max_size=12)


@pytest.mark.parametrize(
    ("row", "n_ir", "n_r2"),
    [
        ("62.16 68.92 70.27 74.32 72.97 74.32 75.68 78.38 77.03 79.73", 0.090, 0.855),
        ("41.89 33.78 50.00 51.35 51.35 44.59 47.30 47.30 50.00 37.84", 0.015, 0.019),
    ],
)
def test_published_rows_give_the_published_figures(row: str, n_ir: float, n_r2: float) -> None:
    found = improvement([float(level) for level in row.split()])
    assert found.n_ir is not None and round(found.n_ir, 3) == n_ir
    assert found.n_r2 is not None and round(found.n_r2, 3) == n_r2
    assert found.r2 == found.n_r2


def test_a_straight_line() -> None:
    found = improvement([1 + 0.25 * k for k in range(1, 11)])
    assert found == pytest.approx((0.25, 1, 1 / 9, 1))


@given(st.floats(1, 5), st.floats(0.01, 1), st.integers(2, 12))
def test_a_straight_line_fits_wholly_but_never_better(at: float, by: float, turns: int) -> None:
    r2 = improvement([at + by * k for k in range(turns)]).r2
    assert r2 is not None and 1 - 1e-9 < r2 <= 1


@pytest.mark.parametrize("level", [0, 3, 0.1, 1e6])
def test_a_flat_curve_has_a_slope_of_0_and_no_more(level: float) -> None:
    assert improvement([level] * 7) == (0, None, None, None)
    assert normalized([level] * 7) is None


def test_rounding_errors_are_no_improvement() -> None:
    assert improvement([0.3, 0.1 + 0.2, 0.3]) == (0, None, None, None)


@pytest.mark.parametrize("al", [[], [3.0], [3, None, 4], [None, None]])
def test_too_little_leaves_everything_undefined(al: list[float | None]) -> None:
    assert improvement(al) == NOTHING
    assert normalized(al) is None


@given(CURVES)
def test_the_fit_is_that_of_scipy(al: list[float]) -> None:
    assume(len(set(al)) > 1)
    right = linregress(range(1, len(al) + 1), al)
    found = improvement(al)
    assert found.ir == pytest.approx(right.slope, abs=1e-9)
    assert found.r2 == pytest.approx(right.rvalue**2, abs=1e-9)
    levels = normalized(al)
    assert levels is not None and min(levels) == 0 and max(levels) == 1
    again = linregress(range(1, len(al) + 1), levels)
    assert (found.n_ir, found.n_r2) == pytest.approx((again.slope, again.rvalue**2), abs=1e-9)


@given(CURVES, st.floats(0.1, 100), st.floats(-50, 50))
def test_affine_maps_change_only_the_raw_slope(al: list[float], by: float, plus: float) -> None:
    before, after = improvement(al), improvement([by * level + plus for level in al])
    assume(len(set(al)) > 1)
    assert after.ir == pytest.approx(by * (before.ir or 0), abs=1e-6)
    assert after[1:] == pytest.approx(before[1:], abs=1e-6)


@given(CURVES)
def test_a_mirrored_curve_has_the_opposite_slope(al: list[float]) -> None:
    before, after = improvement(al), improvement([-level for level in al])
    assert after.ir == pytest.approx(-(before.ir or 0))
    assert after.r2 == pytest.approx(before.r2)


def test_levels_are_means_over_the_scores_there_are() -> None:
    values = [[1, np.nan, np.nan], [4, 5, np.nan]]
    scores = AloeScores(np.array(values), ("a", "a"), ("x", "y"))
    assert alignment_levels(scores) == [2.5, 5, None]
    assert alignment_levels(AloeScores(np.empty((0, 2)), (), ())) == [None, None]


@pytest.mark.parametrize("level", [float("inf"), float("-inf")])
def test_an_infinite_level_is_refused(level: float) -> None:
    for figure in (improvement, normalized):
        with pytest.raises(ValueError, match="infinite"):
            figure([1, 2, level])
