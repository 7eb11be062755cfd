"""Agents that fail: told in a line, kept as failures, asked again by /retry."""

import pytest

from tests.graphs.chatting.failing import FAILURES
from tests.graphs.chatting.talking import FAILING, TWO, Talker, picks, replies_below, texts

HINTED = ("--assistant", f"hinted={FAILING}:Assistant")


def test_a_failed_assistant_is_asked_again(talk: Talker) -> None:
    FAILURES["assistant"] = 2
    talked = talk("I keep bees. | hello? | /retry | /retry | I swim.", *HINTED)
    told = f"assistant hinted={FAILING}:Assistant failed: ValueError: the assistant [bold]has[/] "
    assert talked.lines[1] == talked.lines[4] == told + "␛[31mno mood"
    assert talked.lines[2].startswith("somebody failed; /retry asks again")
    assert talked.lines[3].startswith("somebody failed; /retry asks again")
    tree = talk.tree()
    assert texts(tree) == ["I keep bees.", "I swim."]
    assert [len(replies_below(tree, user)) for user in tree.user_messages()] == [1, 1]
    assert tree.failures() == []


def test_one_of_two_assistants_fails_and_only_it_is_asked_again(talk: Talker) -> None:
    FAILURES["assistant"] = 1
    talk("I keep bees. | /retry | 1", *HINTED, "--assistant", "plain=scripted")
    tree = talk.tree()
    assert len(replies_below(tree, tree.user_messages()[0])) == 2
    assert len(picks(tree)) == 1


def test_a_failed_inducer_is_asked_again(talk: Talker) -> None:
    FAILURES["inducer"] = 1
    talk("I keep bees. | /retry | I swim.", "--inducer", f"infer={FAILING}:Inducer")
    tree = talk.tree()
    assert len(texts(tree)) == 2
    assert len(replies_below(tree, tree.user_messages()[0])) == 1


def test_a_failed_judge_is_asked_again_and_nobody_else(talk: Talker) -> None:
    FAILURES["judge"] = 1
    talk("I keep bees. | 1 | /retry | I swim.", *TWO[:4], "--judge", f"{FAILING}:Judge")
    tree = talk.tree()
    assert len(replies_below(tree, tree.user_messages()[0])) == 2
    assert len(picks(tree)) == 1
    assert texts(tree) == ["I keep bees.", "I swim."]


def test_a_failed_user_is_asked_again(talk: Talker) -> None:
    FAILURES["user"] = 1
    talked = talk("/retry | 1", "--seat", "judge", "--user", f"{FAILING}:User")
    assert "user 1: \n" not in talked.out
    assert len(texts(talk.tree())) == 2


@pytest.mark.parametrize("seat", ["assistant", "inducer"])
def test_what_failed_is_still_failed_on_coming_back(talk: Talker, seat: str) -> None:
    FAILURES[seat] = 1
    flags = (*HINTED, "--inducer", f"infer={FAILING}:Inducer")
    talk("I keep bees.", *flags)
    talked = talk("/retry | I swim.", "--thread", "chat-1")
    assert f"{seat} " in talked.lines[1]
    assert texts(talk.tree()) == ["I keep bees.", "I swim."]


def test_nothing_of_a_failure_becomes_a_pair(talk: Talker) -> None:
    FAILURES["assistant"] = 9
    talked = talk("I keep bees. | /retry | /export preference x.jsonl", *HINTED)
    assert "gives no preference row" in talked.out
