"""Tables of a benchmark: every assistant's figures, each against the baseline."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from eval.reading import gaps_of, scores_of, words_of
from eval.resampling import averaged, compared, holm, summarise
from eval.result import Band, Case, Figure, Row, Table, Versus, rounded
from eval.scores import Scores


class Measured(NamedTuple):
    """What one assistant was given under one user and judge.

    Attributes:
        gaps: score minus mean score for unrelated personas, cases by turns.
        words: words per reply, cases by turns.
    """

    assistant: str
    scores: Scores
    gaps: NDArray[np.float64]
    words: NDArray[np.float64]


def table_of(
    cases: Sequence[Case],
    user: str,
    judge: str,
    kind: type[Scores],
    turns: int,
    baseline: str,
    seed: int,
) -> Table:
    """Make the table of a user and a judge.

    Args:
        cases: of all assistants with this user.
        user: its name.
        judge: its name.
        kind: the scale it scores on.
        turns: of a dialogue.
        baseline: name of the assistant that the others are compared with; empty for none.
        seed: of the resampling.
    """
    assistants = dict.fromkeys(case.assistant for case in cases)
    measured = {
        name: _measured([case for case in cases if case.assistant == name], judge, kind, turns)
        for name in assistants
    }
    versus = _against(measured, baseline, seed) if baseline else {}
    rows = [_row(one, versus.get(name), seed) for name, one in measured.items()]
    return Table(user=user, judge=judge, style=kind.style, factor=kind.factor, rows=rows)


def _measured(cases: Sequence[Case], judge: str, kind: type[Scores], turns: int) -> Measured:
    return Measured(
        cases[0].assistant,
        scores_of(cases, judge, kind, turns),
        gaps_of(cases, judge, turns),
        words_of(cases, turns),
    )


def _row(one: Measured, versus: Versus | None, seed: int) -> Row:
    summary = summarise(one.scores, seed=seed)
    gap, gap_p = (None, None) if _empty(one.gaps) else averaged(one.gaps, one.scores, seed=seed)
    return Row(
        assistant=one.assistant,
        al=[Figure.of(each) for each in summary.al],
        mean=Figure.of(summary.mean),
        ir=Figure.of(summary.ir),
        r2=Figure.of(summary.r2),
        n_ir=Figure.of(summary.n_ir),
        n_r2=Figure.of(summary.n_r2),
        null_ir=Band.of(summary.null_ir),
        null_n_ir=Band.of(summary.null_n_ir),
        span=rounded(summary.span),
        gap=Figure.of(gap) if gap else None,
        gap_p=rounded(gap_p),
        words=None if _empty(one.words) else rounded(float(np.nanmean(one.words))),
        missing=len(one.scores.missing),
        versus=versus,
    )


def _against(measured: dict[str, Measured], baseline: str, seed: int) -> dict[str, Versus]:
    other = measured[baseline]
    found = {name: _versus(one, other, seed) for name, one in measured.items() if name != baseline}
    tested = {name: versus.p for name, versus in found.items() if versus.p is not None}
    corrected = dict(zip(tested, holm(list(tested.values())), strict=True))
    return {
        name: versus.model_copy(update={"holm": rounded(corrected.get(name))})
        for name, versus in found.items()
    }


def _versus(one: Measured, other: Measured, seed: int) -> Versus:
    found = compared(one.scores, other.scores, (one.words, other.words), seed=seed)
    gaps = one.gaps - other.gaps
    gap = None if _empty(gaps) else Figure.of(averaged(gaps, one.scores, seed=seed)[0])
    return Versus(
        baseline=other.assistant,
        mean=Figure.of(found.mean),
        p=rounded(found.mean_p),
        holm=None,
        ir=Figure.of(found.ir),
        adjusted=Figure.of(found.adjusted),
        gap=gap,
        detectable=rounded(found.detectable),
    )


def _empty(values: NDArray[np.float64]) -> bool:
    return bool(np.isnan(values).all())
