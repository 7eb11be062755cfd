import numpy as np
import pytest

from eval.scores import AloeScores, RlpaScores, check_paired

IDS = (("a", "b"), ("x", "y"))


def test_missing_scores_are_named() -> None:
    scores = AloeScores([[1, np.nan, 3], [np.nan, 5, 5]], *IDS)
    assert scores.missing == ((0, 2), (1, 1))
    assert AloeScores([[1, 2], [3, 4]], *IDS).missing == ()


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        ([1, 2], "shape"),
        ([[], []], "shape"),
        ([[1, 2]], "1 cases, but 2 profiles and 2 personalities"),
        ([[1, 2], [3, 0.5]], "0.5 is off the scale of 1 to 5"),
        ([[1, 2], [3, np.inf]], "inf is off the scale"),
    ],
)
def test_values_that_cannot_be_are_refused(values: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        AloeScores(values, *IDS)  # type: ignore[arg-type]


def test_each_scale_has_its_own_ends() -> None:
    assert RlpaScores([[0, 1], [0.5, np.nan]], *IDS).factor == 100
    with pytest.raises(ValueError, match="5 is off the scale of 0 to 1"):
        RlpaScores([[0, 5], [1, 1]], *IDS)


def test_values_are_a_copy_that_cannot_be_changed() -> None:
    given = np.ones((2, 2))
    scores = AloeScores(given, *IDS)
    given[0, 0] = 4
    assert scores.values[0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        scores.values[0, 0] = 4


def test_only_like_is_compared_with_like() -> None:
    one = AloeScores(np.ones((2, 2)), *IDS)
    check_paired(one, AloeScores(np.full((2, 2), np.nan), *IDS))
    with pytest.raises(TypeError, match="AloeScores cannot be compared with RlpaScores"):
        check_paired(one, RlpaScores(np.ones((2, 2)), *IDS))
    with pytest.raises(ValueError, match="same cases"):
        check_paired(one, AloeScores(np.ones((2, 2)), ("b", "a"), IDS[1]))
    with pytest.raises(ValueError, match="2 turns against 3"):
        check_paired(one, AloeScores(np.ones((2, 3)), *IDS))
