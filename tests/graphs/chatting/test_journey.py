"""What a new user does offline: chat, pick, leave, come back, take the preferences along."""

import json
from pathlib import Path

from dialogues.export import Export
from dialogues.show import Show
from tests.graphs.chatting.talking import TWO, Talker, picks, texts
from tests.growing import command


def test_chat_pick_leave_come_back_and_export(talk: Talker) -> None:
    first = talk("Hi, I keep bees in Bath. | 1 | I swim on Sundays. | /quit", *TWO)
    assert (first.status, first.err) == (0, "")
    assert first.lines[-1] == "kept; go on with python -m graphs.chat --thread chat-1"
    second = talk("2 | I sing alto. | 2>1 it asks | /export preference mine.jsonl", *first.again())
    assert second.status == 0
    assert second.err.splitlines()[1] == "3 preference rows in mine.jsonl"
    rows = [json.loads(line) for line in Path("mine.jsonl").read_text("utf-8").splitlines()]
    tree = talk.tree()
    assert texts(tree) == ["Hi, I keep bees in Bath.", "I swim on Sundays.", "I sing alto."]
    for row, pick in zip(rows, picks(tree), strict=True):
        assert pick.verdict and pick.verdict.orders
        chosen, rejected = (tree[tier[0]].text for tier in pick.verdict.ranking)
        assert (row["chosen"][0]["content"], row["rejected"][0]["content"]) == (chosen, rejected)
        assert row["prompt"][-1] == {"role": "user", "content": tree[pick.parent].text}
    assert "it asks" in picks(tree)[-1].verdict.reasons.values()


def test_the_side_panel_is_what_the_inducer_believes(talk: Talker) -> None:
    talked = talk("/belief | I keep bees in Bath. | /belief")
    assert talked.lines[1] == "believed of the user: nothing yet"
    assert talked.lines[3] == "believed of the user: I keep bees in Bath."


def test_a_judge_picks_for_a_simulated_user_until_the_end(talk: Talker) -> None:
    talked = talk("1 | = | 2", "--seat", "judge", "--turns", 3)
    assert talked.lines[-2] == "the dialogue has all its turns; /help lists commands"
    assert [node.verdict.margin for node in picks(talk.tree()) if node.verdict] == [1, 0, 1]
    assert talk.tree().judges() == {"human", "scripted"}
    assert command(Export, talk.store, "--run=chat-1", "--format=preference", "--out=a.jsonl") == 0
    assert command(Show, talk.store, "--run", "chat-1") == 0


def test_before_a_pick_nothing_tells_who_wrote_what_and_after_it_all(talk: Talker) -> None:
    talked = talk("I keep bees. | 2", *TWO)
    assert [line[:3] for line in talked.lines[1:3]] == ["1: ", "2: "]
    assert {"hinted=scripted", "plain=scripted"} == {
        part.split(" is ")[1] for part in talked.lines[3].split("; ")
    }


def test_the_order_of_candidates_is_mixed(talk: Talker) -> None:
    talk(" | ".join(["1"] * 9), "--seat", "judge")
    tree = talk.tree()
    firsts = [tree[node.verdict.orders[0][0]].place for node in picks(tree) if node.verdict]
    assert {*firsts} == {0, 1}


def test_who_watches_goes_on_by_enter_and_may_disagree(talk: Talker) -> None:
    talked = talk("| | /pick 2 |", "--seat", "watch", "--turns", 2)
    assert "the dialogue has all its turns" in talked.out
    tree = talk.tree()
    assert len(texts(tree)) == 2
    assert len(picks(tree)) == 1


def test_a_judges_agreement_is_told_and_kept(talk: Talker) -> None:
    from dialogues.audits import audits_of
    from dialogues.store import open_store

    talked = talk("1 | 1 | 2", "--seat", "judge", "--turns", 3)
    with open_store(talk.store) as store:
        found = audits_of(store.run("chat-1"), "agreement")
    agreement = found["scripted"]
    told = f"scripted orders {agreement['agreeing']} of {agreement['pairs']} pairs as you do"
    assert told in talked.lines
    assert agreement["turns"] == 3


def test_a_persons_words_pass_the_gate_for_simulators_faults(talk: Talker) -> None:
    talk("As an AI language model, I cannot. | As an AI language model, I cannot. | ok")
    tree = talk.tree()
    assert texts(tree) == ["As an AI language model, I cannot."] * 2 + ["ok"]
    assert tree.failures() == []


def test_whatever_is_typed_is_kept_as_far_as_it_can_be(talk: Talker) -> None:
    talk.raw(b"I \0 eat \xff caf\xc3\xa9\r\n" + "\u202enuts \U0001f41d".encode() + b"\n\n   \n")
    assert texts(talk.tree()) == ["I \ufffd eat \ufffd café", "\u202enuts \U0001f41d"]
    talk.raw(b"x" * 100_000, "--thread", "long")
    assert [len(text) for text in texts(talk.tree("long"))] == [100_000]


def test_what_is_piped_out_is_plain(talk: Talker) -> None:
    talked = talk("I keep bees. | 1", *TWO)
    assert not {"\x1b", "│"} & {*talked.out}
    assert all(" 1" not in line[:2] for line in talked.lines)
