"""Loops of several seeds as one: what each person's replies were given on average over them."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import fmean
from typing import Any

from eval.result import Case, Result, Row, Said, Table
from eval.scores import AloeScores
from eval.tables import table_of


def over_seeds(loops: Sequence[Path], name: str) -> Iterator[dict[str, Any]]:
    """Walk the figures of a benchmark that several loops have, as `rows.jsonl` has those of one.

    All play with the same people, so each person's scores are averaged before anything else is
    made of them: intervals and bands are of people, what others would have made of these very
    models. How other trainings would differ is in the figures of each loop.
    """
    results = [read_result(loop, name) for loop in loops]
    first = results[0]
    baseline = name_of(first.provenance.baseline)
    same = defaultdict(list)
    for case in chain.from_iterable(result.cases for result in results):
        same[case.user, name_of(case.assistant), case.profile, case.personality].append(case)
    cases = [mean_case(cases) for cases in same.values() if len(cases) == len(loops)]
    shares = [_shares(loop, name) for loop in loops]
    for table in first.tables:
        user, judge = table.user, table.judge
        theirs = [case for case in cases if case.user == user]
        means = table_of(theirs, user, judge, AloeScores, first.turns, baseline, first.seed)
        for row in means.rows:
            at = (user, judge, row.assistant)
            yield {**row_of(means, row), **_mean_shares([each[at] for each in shares])}


def row_of(table: Table, row: Row) -> dict[str, Any]:
    """Return a row of a table as `rows.jsonl` has it."""
    return {
        "user": table.user,
        "judge": table.judge,
        "model": name_of(row.assistant),
        "figures": row.model_dump(mode="json", exclude={"assistant", "al"}),
        "al": [level.value for level in row.al],
    }


def measured_by(loop: Path) -> set[str]:
    """Return the names of the benchmarks that a loop has rows of."""
    return {row["benchmark"] for row in _rows_in(loop)}


def read_result(loop: Path, name: str) -> Result:
    """Read what a benchmark of a loop came to."""
    return Result.model_validate_json((loop / name / "result.json").read_text("utf-8"))


def name_of(assistant: str) -> str:
    """Return what a model is called in every loop: the name of its folder."""
    return Path(assistant).name


def mean_case(cases: Sequence[Case]) -> Case:
    """Return what the dialogues of one person with a model come to, turn by turn."""
    turns = zip(*(case.replies for case in cases), strict=True)
    replies = [_mean_reply(each) for each in turns]
    return cases[0].model_copy(
        update={"assistant": name_of(cases[0].assistant), "replies": replies}
    )


def _mean_reply(replies: Sequence[Said]) -> Said:
    judges = set.intersection(*(set(reply.scores) for reply in replies))
    return Said(
        turn=replies[0].turn,
        words=round(fmean(reply.words for reply in replies)),
        scores={judge: fmean(reply.scores[judge] for reply in replies) for judge in judges},
        mismatched={
            judge: [each for reply in replies for each in reply.mismatched.get(judge, [])]
            for judge in judges
        },
    )


def _shares(loop: Path, name: str) -> dict[tuple[str, str, str], dict[str, Any]]:
    rows = [row for row in _rows_in(loop) if row["benchmark"] == name]
    return {(row["user"], row["judge"], row["model"]): row for row in rows}


def _rows_in(loop: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (loop / "rows.jsonl").read_text("utf-8").splitlines()]


def _mean_shares(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    told_apart = [row["told_apart"] for row in rows]
    return {
        "earlier": {
            whose: fmean(row["earlier"][whose] for row in rows) for whose in rows[0]["earlier"]
        },
        "circles": fmean(row["circles"] for row in rows),
        "told_apart": None if None in told_apart else fmean(told_apart),
    }
