"""What has no score is named and counted, never dropped and never 0; asked again, it is filled."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.seats import AssistantBrief, JudgeBrief
from dialogues.node import JUDGE
from eval.result import Result
from tests.eval.benching import (
    CHEAP,
    EXACT,
    ONE,
    OTHER,
    SIX,
    Capture,
    Trouble,
    bench,
    forest,
    result_in,
    staged,
)
from tests.model_server import Call, ModelServer, play

FLAGS = (*SIX, *CHEAP, "--judge", EXACT, "--baseline", ONE)
BROKEN = ValueError("no verdict in: [maybe]")


def first_of(
    kind: type[Any], holds: Callable[[Any], bool], trouble: BaseException | str
) -> Trouble:
    """Trouble the first dialogue of which something holds, whenever it does."""
    found: list[str] = []

    def troubled(brief: Any) -> BaseException | str | None:
        if not (isinstance(brief, kind) and holds(brief)):
            return None
        who = brief.history[0].content
        found[:] = found or [who]
        return trouble if who == found[0] else None

    return troubled


def judging(turn: int, swapped: bool) -> Trouble:
    def holds(brief: JudgeBrief) -> bool:
        return brief.turn == turn and (brief.speaker is not None) == swapped

    return first_of(JudgeBrief, holds, BROKEN)


def replying(turn: int, trouble: BaseException | str) -> Trouble:
    return first_of(
        AssistantBrief, lambda brief: brief.turn == turn and brief.role == "reminder", trouble
    )


def run_with(folder: Path, trouble: Trouble, *flags: str) -> Result:
    with staged(trouble):
        assert bench(folder, *FLAGS, "--protocol", "grove", *flags) == 1
    return result_in(folder)


def test_a_failed_score_is_named_with_its_type_and_neither_dropped_nor_0(
    tmp_path: Path, capsys: Capture
) -> None:
    result = run_with(tmp_path, judging(2, swapped=False))
    one, other = result.tables[0].rows
    # Under this protocol the judge of either assistant hears the same first message.
    assert (one.missing, other.missing) == (1, 1)
    assert len(result.cases) == 12
    (spoilt,) = (case for case in result.cases[:6] if case.missing)
    assert spoilt.missing == [f"no score of {EXACT} in turn 2 (ValueError)"]
    assert [EXACT in said.scores for said in spoilt.replies] == [True, False, True]
    known = [case.replies[1].scores[EXACT] for case in result.cases[:6] if case is not spoilt]
    assert one.al[1].value == pytest.approx(np.mean(known))
    told = " ".join(capsys.readouterr().err.split())
    assert f"missing: {ONE} with {CHEAP[1]}, tree {spoilt.tree[:6]}: no score of" in told
    assert "2 scores are missing, named in result.json" in (
        tmp_path / "out" / "result.md"
    ).read_text().replace("\\", "")


def test_a_failed_score_for_somebody_else_is_named_too(tmp_path: Path) -> None:
    result = run_with(tmp_path, judging(3, swapped=True))
    spoilt = [case for case in result.cases if case.missing]
    assert len(spoilt) == 2
    for case in spoilt:
        assert {*case.missing} == {f"no score of {EXACT} for somebody else in turn 3 (ValueError)"}
        assert case.replies[2].scores[EXACT] >= 1
        assert len(case.replies[2].mismatched.get(EXACT, [])) < 3
    assert [row.missing for row in result.tables[0].rows] == [0, 0]


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [("", "EmptyReply"), (" \n", "EmptyReply"), (TimeoutError("no answer"), "TimeoutError")],
)
def test_an_assistant_that_fails_ends_its_dialogue_and_what_is_missing_is_named(
    tmp_path: Path, trouble: BaseException | str, kind: str
) -> None:
    result = run_with(tmp_path, replying(2, trouble))
    (spoilt,) = (case for case in result.cases if case.missing)
    assert (spoilt.assistant, len(result.cases)) == (OTHER, 12)
    assert spoilt.missing == [f"assistant failed in turn 2 ({kind})", "no reply in turns 2-3"]
    assert [said.turn for said in spoilt.replies] == [1]
    row = result.tables[0].rows[1]
    assert row.missing == 2
    known = [case.replies[2].scores[EXACT] for case in result.cases[6:] if case is not spoilt]
    assert row.al[2].value == pytest.approx(np.mean(known)) and len(known) == 5


def test_a_comparison_is_over_the_cases_both_have_a_score_for(tmp_path: Path) -> None:
    result = run_with(tmp_path, replying(3, ""))
    versus = result.tables[0].rows[1].versus
    pairs = zip(result.cases[6:], result.cases[:6], strict=True)
    differences = [
        [
            said.scores[EXACT] - base.scores[EXACT]
            for said, base in zip(a.replies, b.replies, strict=False)
        ]
        for a, b in pairs
    ]
    by_turn = [np.mean([row[turn] for row in differences if turn < len(row)]) for turn in range(3)]
    assert versus and versus.mean.value == pytest.approx(np.mean(by_turn), abs=1e-6)


@pytest.mark.parametrize(
    "trouble", [judging(2, False), judging(1, True), replying(2, "")], ids=["own", "other", "reply"]
)
def test_what_failed_is_asked_again_if_it_is_asked_for(tmp_path: Path, trouble: Trouble) -> None:
    before = run_with(tmp_path, trouble)
    flags = (*FLAGS, "--protocol", "grove")
    with staged() as heard:
        assert bench(tmp_path, *flags) == 1
        assert heard == [] and result_in(tmp_path) == before
        assert bench(tmp_path, *flags, "--retry-failed") == 0
        asked = len(heard)
        assert bench(tmp_path, *flags, "--retry-failed") == 0
        assert len(heard) == asked > 0
    result = result_in(tmp_path)
    assert result.missing == [] and [row.missing for row in result.tables[0].rows] == [0, 0]
    whole = [case for case in before.cases if not case.missing]
    assert [case for case in result.cases if case in whole] == whole


def numbered(call: Call) -> int:
    """Return the number in the reply that is judged."""
    found = re.search(r"Reply in turn \d+, number (\d+)", str(call.messages[:2]))
    assert found
    return int(found[1])


def test_a_judges_answer_that_is_no_score_is_missing_until_it_is_one(tmp_path: Path) -> None:
    flags = (*SIX, "--user", CHEAP[1], "--assistant", ONE, "--swap", "1")
    with ModelServer(lambda call: play(call) if numbered(call) % 3 else "great!") as server:
        judge = ("--judge", f"openai:stub@{server.url}")
        assert bench(tmp_path, *flags, *judge) == 1
    trees, result = forest(tmp_path, ONE), result_in(tmp_path)
    failed = [node for tree in trees for node in tree if node.seat == JUDGE and node.failure]
    assert {node.failure.type for node in failed if node.failure} == {"Unparsable"}
    assert 0 < len(failed) < 36 and len(failed) == len(result.missing)
    assert all(line.endswith("(Unparsable)") for line in result.missing)
    assert not [node for node in failed if node.verdict]
    with ModelServer() as server:
        judge = ("--judge", f"openai:stub@{server.url}", "--retry-failed")
        assert bench(tmp_path, *flags, *judge) == 0
        # Only what failed was asked again.
        assert len(server.calls) == len(failed)
    assert result_in(tmp_path).missing == []
