"""Failures are data: whatever an agent does wrong is stored, typed, and ends only its branch."""

import asyncio
import re
from pathlib import Path
from typing import Any, cast

import pytest

from agents.casting import Cast
from agents.seats import AssistantBrief, Induction, JudgeBrief, Judgement, Reply, Utterance
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Failure
from dialogues.pairs import preference_pairs
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from graphs.expansion import continue_all, continue_uncertain
from tests.agents.troupe import (
    PATH,
    BrokenJudge,
    CollectingInducer,
    DrawingJudge,
    NumberAssistant,
    NumberUser,
)
from tests.graphs.stage import company, play, seats_by_turn
from tests.growing import simulate, trees_of

OWN = {
    USER: NumberUser().speak,
    INDUCER: CollectingInducer().induce,
    ASSISTANT: NumberAssistant().reply,
    JUDGE: DrawingJudge().judge,
}
SEATS = [USER, INDUCER, ASSISTANT, JUDGE]
BELOW_REPLY_ZERO = "Reply 0"


class Failing:
    """Answers like the troupe until the second turn; then, below reply 0 of the first, not."""

    def __init__(self, seat: str, answer: Any, everywhere: bool = False) -> None:
        self.seat, self.answer, self.everywhere = seat, answer, everywhere

    async def _say(self, brief: Any) -> Any:
        second = brief.turn == 2 and (
            self.everywhere or BELOW_REPLY_ZERO in brief.history[1].content
        )
        if not second or (self.seat == ASSISTANT and brief.place == 1):
            return await OWN[self.seat](brief)
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    speak = induce = reply = judge = _say


def cast_with(seat: str, agent: Any) -> Cast:
    if seat == ASSISTANT:
        return company(assistants=[("", agent)])
    return company(**{seat: agent})


def grown(seat: str, answer: Any, everywhere: bool = False, **script: Any) -> Tree:
    shape: dict[str, Any] = {"turns": 3, "policy": continue_all, **script}
    return play(cast_with(seat, Failing(seat, answer, everywhere)), **shape)


def only_failure(tree: Tree) -> Failure:
    failed = tree.failures()
    assert len(failed) == 1
    assert failed[0].failure is not None
    return failed[0].failure


@pytest.mark.parametrize("seat", SEATS)
def test_an_error_is_stored_with_its_type_and_message(seat: str) -> None:
    tree = grown(seat, TimeoutError("no answer in 60 s"))
    failure = only_failure(tree)
    assert (failure.type, failure.message) == ("TimeoutError", "no answer in 60 s")
    assert re.fullmatch(r"test_failures\.py:\d+", failure.where)
    failed = tree.failures()[0]
    assert (failed.seat, failed.turn, failed.place, failed.text) == (seat, 2, 0, "")


@pytest.mark.parametrize("policy", [continue_all, continue_uncertain])
@pytest.mark.parametrize("seat", SEATS)
def test_a_failure_ends_only_its_branch(seat: str, policy: Any) -> None:
    tree = grown(seat, TimeoutError(), policy=policy, width=2)
    assert seats_by_turn(tree, USER)[:2] == [1, 2]
    assert seats_by_turn(tree, USER)[2] in (1, 2)
    failed = tree.failures()[0]
    assert not [node for node in tree.user_messages() if _is_below(tree, node.parent, failed)]


def _is_below(tree: Tree, key: str, failed: Any) -> bool:
    around = failed.key if failed.seat == USER else failed.parent
    return key != tree.key and around in [node.key for node in tree.path(key)]


def test_a_branch_beside_a_failed_one_grows_as_if_nothing_had_happened() -> None:
    whole = play(company(), turns=3, policy=continue_all, width=2)
    tree = grown(USER, TimeoutError(), width=2)
    known = {node.key: node.text for node in whole}
    assert all(known[node.key] == node.text for node in tree if not node.failure)
    assert len(tree) == len(whole) - 4 - 5


def test_after_a_failed_candidate_nothing_is_judged_and_the_good_one_is_kept() -> None:
    tree = grown(ASSISTANT, TimeoutError(), everywhere=True)
    assert seats_by_turn(tree, JUDGE) == [1]
    kept = [node for node in tree if node.seat == ASSISTANT and node.turn == 2 and not node.failure]
    assert [node.place for node in kept] == [1, 1]


def test_after_a_failed_verdict_there_is_no_pair_and_no_default_verdict() -> None:
    tree = play(company(judge=BrokenJudge()), turns=2)
    user = tree.user_messages()[0]
    assert tree.verdict(user.key) is None
    assert list(preference_pairs(tree)) == []
    assert seats_by_turn(tree, USER) == [1]


@pytest.mark.parametrize(
    ("seat", "answer"),
    [
        pytest.param(USER, None, id="user nothing"),
        pytest.param(USER, "Hi.", id="user text"),
        pytest.param(USER, Reply("Hi."), id="user Reply"),
        pytest.param(INDUCER, None, id="inducer nothing"),
        pytest.param(INDUCER, Utterance("Hi."), id="inducer Utterance"),
        pytest.param(INDUCER, Belief(), id="inducer Belief"),
        pytest.param(INDUCER, Induction(belief=cast(Any, None)), id="inducer no belief"),
        pytest.param(ASSISTANT, None, id="assistant nothing"),
        pytest.param(ASSISTANT, "Hi.", id="assistant text"),
        pytest.param(JUDGE, None, id="judge nothing"),
        pytest.param(JUDGE, Reply("first"), id="judge Reply"),
        pytest.param(JUDGE, Verdict(ranking=(), margin=0, confidence=0), id="judge Verdict"),
    ],
)
def test_an_answer_of_the_wrong_type_is_a_wrong_answer(seat: str, answer: Any) -> None:
    assert only_failure(grown(seat, answer)).type == "WrongAnswer"


def ill(kind: Any, **fields: Any) -> Any:
    """Return an answer of the right type with a field of a wrong one."""
    return kind(**fields)


@pytest.mark.parametrize(
    ("seat", "answer"),
    [
        pytest.param(USER, ill(Utterance, text=7), id="user text"),
        pytest.param(USER, ill(Utterance, text="Hi.", ends="perhaps"), id="user ends"),
        pytest.param(USER, ill(Utterance, text="Hi.", notes={1: "a"}), id="user notes key"),
        pytest.param(USER, ill(Utterance, text="Hi.", notes={"a": {2}}), id="user notes no JSON"),
        pytest.param(USER, ill(Utterance, text="Hi.", notes=["a"]), id="user notes list"),
        pytest.param(INDUCER, ill(Induction, belief="keeps bees"), id="inducer belief"),
        pytest.param(ASSISTANT, ill(Reply, text="Hi.", reasoning=7), id="assistant reasoning"),
        pytest.param(ASSISTANT, ill(Reply, text="Hi.", usage="12"), id="assistant usage"),
        pytest.param(JUDGE, ill(Judgement, verdict="first"), id="judge verdict"),
    ],
)
def test_an_answer_no_node_can_hold_is_a_failure_of_its_seat(seat: str, answer: Any) -> None:
    tree = grown(seat, answer)
    assert only_failure(tree)
    assert [len(node.content_hash) for node in tree] == [16] * len(tree)


@pytest.mark.parametrize("text", ["", "  \n\t "])
@pytest.mark.parametrize(("seat", "kind"), [(USER, Utterance), (ASSISTANT, Reply)])
def test_an_empty_message_is_a_failure(seat: str, kind: type[Reply], text: str) -> None:
    assert only_failure(grown(seat, kind(text))).type == "EmptyReply"


class JudgesOthers:
    """Ranks other candidates than those it was shown."""

    def __init__(self, wrong: str) -> None:
        self.wrong = wrong

    async def judge(self, brief: JudgeBrief) -> Judgement:
        keys = [candidate.key for candidate in brief.candidates]
        shown = {
            "strangers": ["x", "y"],
            "one too many": [*keys, "z"],
            "one left out": keys[:1],
        }[self.wrong]
        ranking = tuple((key,) for key in shown)
        return Judgement(verdict=Verdict(ranking=ranking, margin=0.5, confidence=1.0))


@pytest.mark.parametrize("wrong", ["strangers", "one too many", "one left out"])
def test_a_verdict_on_other_candidates_is_a_wrong_answer(wrong: str) -> None:
    tree = play(company(judge=JudgesOthers(wrong)), turns=2)
    assert only_failure(tree).type == "WrongAnswer"
    assert list(preference_pairs(tree)) == []


@pytest.mark.parametrize("seat", SEATS)
def test_a_call_cancelled_within_the_agent_is_a_failure_like_any_other(seat: str) -> None:
    assert only_failure(grown(seat, asyncio.CancelledError("stream closed")))


def test_a_long_message_of_an_error_is_shortened() -> None:
    assert len(only_failure(grown(USER, ValueError("x" * 9000))).message) <= 500


def test_one_candidate_may_fail_without_a_judge_to_notice() -> None:
    tree = grown(ASSISTANT, TimeoutError(), everywhere=True, candidates=1)
    assert seats_by_turn(tree, USER) == [1, 1]


SHAPE = ("--limit", "8", "--turns", "3", "--assistant", f"{PATH}:NumberAssistant")


def test_other_trees_complete_and_the_run_is_done(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    assert simulate(store, *SHAPE, "--user", f"{PATH}:MoodyUser") == 0
    lengths = [len(tree.user_messages()) for tree in trees_of(store)]
    assert sorted(set(lengths)) == [1, 3]


def test_the_summary_names_the_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    simulate(tmp_path / "a.db", *SHAPE, "--user", f"{PATH}:MoodyUser")
    told = capsys.readouterr().err
    failed = sum(len(tree.failures()) for tree in trees_of(tmp_path / "a.db"))
    assert f"{failed} × user TimeoutError: no answer in 60 s" in told
    assert f"{8 - failed} complete of 8" in told


class Overflowing:
    """An assistant whose every error has another message, and a long one."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        raise OverflowError(f"{brief.seed} tokens do not fit: {'x' * 300}")


def test_failures_of_a_kind_are_counted_together_whatever_their_messages_say(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    flags = ("--assistant", f"{__name__}:Overflowing", "--limit", "8", "--turns", "3")
    assert simulate(tmp_path / "a.db", *flags) == 1
    (told,) = [line for line in capsys.readouterr().err.splitlines() if "×" in line]
    assert told.startswith("  16 × assistant OverflowError: such as ")
    assert "xxx… (test_failures.py:" in told and len(told) < 250


def test_a_run_without_a_complete_tree_has_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert simulate(tmp_path / "a.db", *SHAPE, "--judge", f"{PATH}:BrokenJudge") == 1
    assert "8 × judge ValueError: no verdict in: [maybe]" in capsys.readouterr().err


def test_a_failed_turn_is_not_bought_again_on_resume(tmp_path: Path) -> None:
    def lengths() -> list[tuple[str, int, float]]:
        return [(t.key, len(t), sum(n.seconds for n in t)) for t in trees_of(tmp_path / "a.db")]

    simulate(tmp_path / "a.db", *SHAPE, "--user", f"{PATH}:MoodyUser")
    before = lengths()
    simulate(tmp_path / "a.db", *SHAPE, "--user", f"{PATH}:MoodyUser")
    assert lengths() == before


def test_an_agent_that_fails_everywhere_leaves_no_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    simulate(tmp_path / "a.db", *SHAPE, "--judge", f"{PATH}:BrokenJudge")
    assert "Traceback" not in capsys.readouterr().err
