"""Tables: figures of cases made by hand, each assistant against the baseline; who beats whom."""

from itertools import product

import numpy as np
import pytest

from eval import columns
from eval.result import Case, Result, Row, Said, Table
from eval.scores import AloeScores, RlpaScores, Scores
from eval.tables import table_of
from tests.eval.benching import bench, result_in

SCORES = np.random.default_rng(3).integers(1, 6, (12, 3)).astype(float)


def cases(
    assistant: str, scores: np.ndarray, others: float | None = 2, words: int = 10
) -> list[Case]:
    """Return 4 x 3 cases whose replies have these scores; NaN for none."""
    found = []
    for (profile, personality), given in zip(product(range(4), range(3)), scores, strict=True):
        replies = [
            Said(
                turn=turn,
                words=words + turn + profile,
                scores={} if np.isnan(score) else {"j": score},
                mismatched={} if others is None else {"j": [others - 1, others + 1]},
            )
            for turn, score in enumerate(given, start=1)
        ]
        halves = {"profile": f"p{profile}", "personality": f"q{personality}"}
        where = {"user": "u", "run": "r", "tree": f"{profile}{personality}", "replies": replies}
        found.append(Case(assistant=assistant, **halves, **where))
    return found


def table(*of: list[Case], baseline: str = "", kind: type[Scores] = AloeScores) -> Table:
    return table_of([case for each in of for case in each], "u", "j", kind, 3, baseline, 0)


def test_a_row_has_the_means_of_its_cases() -> None:
    (row,) = table(cases("a", SCORES)).rows
    assert [each.value for each in row.al] == pytest.approx(list(SCORES.mean(axis=0)), abs=1e-6)
    assert row.mean.value == pytest.approx(SCORES.mean(), abs=1e-6)
    assert row.gap and row.gap.value == pytest.approx(SCORES.mean() - 2, abs=1e-6)
    assert row.words == pytest.approx(10 + 2 + 1.5)
    assert row.span == pytest.approx(np.ptp(SCORES.mean(axis=0)), abs=1e-6)
    assert (row.assistant, row.missing, row.versus) == ("a", 0, None)


def test_what_is_missing_is_counted_and_left_out_of_its_turns_mean() -> None:
    holes = SCORES.copy()
    holes[0, 1] = holes[5, 1] = holes[7, 2] = np.nan
    (row,) = table(cases("a", holes)).rows
    assert row.missing == 3
    assert [each.value for each in row.al] == pytest.approx(
        list(np.nanmean(holes, axis=0)), abs=1e-6
    )


def test_without_scores_for_others_there_is_no_gap() -> None:
    (row,) = table(cases("a", SCORES, None)).rows
    assert (row.gap, row.gap_p) == (None, None)
    assert columns.main(table(cases("a", SCORES, None))).rows[0][3] == columns.NONE


def test_an_assistant_that_said_nothing_has_a_row_without_figures() -> None:
    silent = [case.model_copy(update={"replies": []}) for case in cases("b", SCORES)]
    known, row = table(cases("a", SCORES), silent, baseline="a").rows
    assert known.missing == 0 and row.missing == 36
    assert (row.mean.value, row.ir.value, row.gap, row.words) == (None, None, None, None)
    assert {each.value for each in row.al} == {None}
    assert row.versus and row.versus.mean.value is None


def test_everybody_but_the_baseline_is_compared_with_it() -> None:
    more, less = np.minimum(SCORES + 1, 5), np.maximum(SCORES - 1, 1)
    found = table(cases("a", SCORES), cases("b", more, 3), cases("c", less), baseline="a")
    one, two, three = found.rows
    assert one.versus is None and two.versus and three.versus
    assert {two.versus.baseline, three.versus.baseline} == {"a"}
    assert two.versus.mean.value == pytest.approx((more - SCORES).mean(), abs=1e-6)
    assert three.versus.mean.value == pytest.approx((less - SCORES).mean(), abs=1e-6)
    assert two.versus.gap and two.versus.gap.value == pytest.approx(
        (more - SCORES).mean() - 1, abs=1e-6
    )
    p_values = [two.versus.p, three.versus.p]
    corrected = [two.versus.holm, three.versus.holm]
    assert None not in p_values
    least = p_values.index(min(p_values))  # type: ignore[type-var]
    assert corrected[least] == pytest.approx(min(1, 2 * p_values[least]), abs=2e-6)  # type: ignore[operator]


def test_no_baseline_no_comparison() -> None:
    assert [row.versus for row in table(cases("a", SCORES), cases("b", SCORES)).rows] == [None] * 2


def test_figures_of_0_and_1_stay_so_and_are_shown_in_hundredths() -> None:
    ones = (SCORES > 3).astype(float)
    found = table(cases("a", ones, 1), kind=RlpaScores)
    assert (found.style, found.factor) == ("RLPA-style", 100)
    assert found.rows[0].mean.value == pytest.approx(ones.mean(), abs=1e-6)
    assert columns.title(found) == "RLPA-style, × 100: user u, judge j"
    assert columns.main(found).rows[0][2].startswith(f"{100 * ones.mean():.2f}")


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Four assistants under the rubric and under the judge that nobody learnt from."""
    folder = tmp_path_factory.mktemp("contest")
    names = ("hinted=scripted", "plain=scripted", "scripted:ignores", "scripted:interrogates")
    assistants = [word for name in names for word in ("--assistant", name)]
    judges = ("--judge", "scripted", "--judge", "scripted:recall")
    shape = ("--cases", "30", "--per-profile", "2", "--turns", "6", "--swap", "2")
    flags = ("--protocol", "grove", "--baseline", "plain=scripted")
    assert bench(folder, *shape, *assistants, *judges, *flags, whole=True) == 0
    return result_in(folder)


def row_of(result: Result, judge: str, assistant: str) -> Row:
    (found,) = (table for table in result.tables if table.judge == judge)
    return next(row for row in found.rows if row.assistant == assistant)


JUDGES = pytest.mark.parametrize("judge", ["scripted", "scripted:recall"])


@JUDGES
def test_who_knows_its_user_beats_who_does_not(contest: Result, judge: str) -> None:
    versus = row_of(contest, judge, "hinted=scripted").versus
    assert versus and versus.mean.low is not None and versus.gap and versus.gap.low is not None
    assert versus.mean.low > 0
    assert versus.gap.low > 0
    assert versus.holm is not None and versus.holm < 0.05


@JUDGES
@pytest.mark.parametrize("assistant", ["scripted:ignores", "scripted:interrogates"])
def test_who_does_not_listen_beats_nobody(contest: Result, judge: str, assistant: str) -> None:
    versus = row_of(contest, judge, assistant).versus
    assert versus and versus.mean.low is not None and versus.gap and versus.gap.low is not None
    assert versus.mean.low <= 0
    assert versus.gap.low <= 0


@JUDGES
def test_what_suits_its_user_suits_nobody_else(contest: Result, judge: str) -> None:
    row = row_of(contest, judge, "hinted=scripted")
    assert row.gap and row.gap.low is not None and row.gap.low > 0
    assert row.gap_p is not None and row.gap_p < 0.05
