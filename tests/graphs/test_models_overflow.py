"""Histories longer than a model's context: a typed failure, or the oldest turns left out."""

from pathlib import Path

import pytest

from dialogues.node import ASSISTANT, JUDGE, USER
from dialogues.rendering import conversation
from tests.agents.prompted.asking import Desk, assistant_brief, judge_brief, messages, user_brief
from tests.agents.prompted.serving import MODEL, by_seed, run, shape, spending, spent, statuses
from tests.graphs.stage import Capture
from tests.growing import trees_of
from tests.model_server import Answer, Call, ModelServer, play

LONG = ("one " * 20, "two " * 20, "three " * 20, "four " * 20, "five " * 20)
PLAIN = ("--assistant", "plain=scripted", "--assistant", f"plain={MODEL}")


def test_a_history_too_long_is_a_failure_of_its_own_type(tmp_path: Path, capsys: Capture) -> None:
    store = tmp_path / "a.db"
    with ModelServer(context=40) as server:
        assert run(store, server, *PLAIN, *shape(2, 6)) == 1
    assert statuses(store) == ["failed"] * 2
    for tree in trees_of(store):
        (failed,) = tree.failures()
        assert failed.failure and failed.failure.type == "ContextOverflow"
        assert (failed.seat, failed.turn > 1) == (ASSISTANT, True)
    told = " ".join(capsys.readouterr().err.split())
    assert "assistant ContextOverflow" in told and "--overflow" in told


def test_the_oldest_exchanges_are_dropped_and_counted(tmp_path: Path, capsys: Capture) -> None:
    store = tmp_path / "a.db"
    with ModelServer(context=60) as server:
        flags = (*PLAIN, *shape(2, 6), "--overflow", "drop-oldest", "--system", "Be kind.")
        assert run(store, server, *flags) == 0
    calls, dropped = by_seed(server.calls), 0
    for tree in trees_of(store):
        for node in [node for node in tree if node.spec == f"plain={MODEL}"]:
            assert node.usage and set(node.usage.faults) <= {"dropped_oldest"}
            history = tree.history(node.parent)[2 * len(node.usage.faults) :]
            assert calls[node.seed][-1].messages == conversation(history, "Be kind.")
            dropped += len(node.usage.faults)
    tally = spending(store)[ASSISTANT, f"plain={MODEL}"]
    assert tally.faults == {"dropped_oldest": dropped} and dropped > 3
    assert tally.usage.calls == 12
    # Several of one answer are no share of the answers.
    assert f"dropped oldest {dropped} ×\n" in capsys.readouterr().err


def test_the_rate_of_cut_answers_is_a_share_of_the_models_own(
    tmp_path: Path, capsys: Capture
) -> None:
    def cut(call: Call) -> Answer:
        return Answer(play(call), finish_reason="length")

    with ModelServer(cut) as server:
        assert run(tmp_path / "a.db", server, "--judge", MODEL, *shape(1, 1)) == 0
    assert f"judge {MODEL}: cut 2 × (100.0% of 2 answers)" in capsys.readouterr().err


def test_a_last_message_that_does_not_fit_is_a_failure_all_the_same(tmp_path: Path) -> None:
    with ModelServer(context=3) as server:
        flags = (*PLAIN, *shape(1, 1), "--overflow", "drop-oldest")
        assert run(tmp_path / "a.db", server, *flags) == 1
    assert spent(tmp_path / "a.db").calls == 0


def test_a_user_keeps_its_persona_and_the_roles_keep_alternating() -> None:
    with Desk("drop-oldest", context=340) as desk:
        answer, calls = desk.ask(USER, user_brief(*LONG[:4]))
    assert answer.usage.faults == ("dropped_oldest",)
    whole, left = messages(calls[0]), messages(calls[-1])
    assert left == [*whole[:2], *whole[4:]]


def test_a_judge_of_too_long_a_chat_still_compares_in_both_orders() -> None:
    with Desk("drop-oldest", context=260) as desk:
        answer, calls = desk.ask(JUDGE, judge_brief(*LONG, replies=("Aye.", "Bee, oh!")))
    assert answer.verdict.ranking == (("k1",), ("k0",))
    assert set(answer.usage.faults) == {"dropped_oldest"}
    assert answer.usage.calls == 2
    assert "one one" not in calls[-1].last and "five five" in calls[-1].last


@pytest.mark.parametrize("length", [1, 3, 5])
def test_nothing_is_dropped_where_all_fits(length: int) -> None:
    with Desk("drop-oldest", context=10_000) as desk:
        answer, (call,) = desk.ask(ASSISTANT, assistant_brief(*LONG[:length]))
    assert answer.usage.faults == () and len(call.messages) == length


def test_an_answer_before_the_overflow_is_counted() -> None:

    def babbling(call: Call) -> str:
        return play(call) if "one one" not in call.messages[1]["content"] else "blah " * 200

    replies = ("Aye.", "Bee, oh!")
    with Desk("drop-oldest", context=400) as desk:
        desk.says = [babbling] * 4
        answer, calls = desk.ask(JUDGE, judge_brief(*LONG, replies=replies))
    answered = [call for call in calls if call.words <= 400]
    assert len(answered) == 4
    assert answer.usage.calls == len(answered)
