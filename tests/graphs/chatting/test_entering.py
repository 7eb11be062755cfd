"""Entering a simulated dialogue at any message, in every seat; a pick there is kept there."""

import shutil
from pathlib import Path

import pytest

from dialogues.export import Export
from dialogues.node import USER, Node
from dialogues.show import Show
from dialogues.tree import Tree
from tests.graphs.chatting.talking import TWO, Talker, picks, replies_below, texts
from tests.growing import command, digest_of, grow, simulate, trees_of

GROWN = ("--limit", "2", "--turns", "3")


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grow(tmp_path_factory.mktemp("entered") / "a.db", limit=2, turns=3)


@pytest.fixture
def store(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(once, tmp_path / "a.db"))


def simulated(store: Path) -> Tree:
    return trees_of(store)[0]


def second_message(store: Path) -> Node:
    return simulated(store).user_messages()[1]


def at(store: Path, node: Node, *flags: object) -> list[object]:
    return ["--at", store, node.key[:8], *flags]


def test_as_the_user_another_message_is_said_there(talk: Talker, store: Path) -> None:
    message, before = second_message(store), digest_of(store)
    talked = talk("I play chess.", *at(store, message))
    tree = talk.tree(store=store)
    assert talked.status == 0
    said = [node.text for node in tree.children(message.parent, USER)]
    assert said == [message.text, "I play chess."]
    assert tree.persona == simulated(store).persona
    assert digest_of(store) == before


def test_as_the_user_a_reply_is_answered_in_a_place_of_its_own(talk: Talker, store: Path) -> None:
    message = second_message(store)
    reply = simulated(store)[message.parent]
    talk("I play chess. | 1", *at(store, reply, *TWO))
    said = talk.tree(store=store).children(reply.key, USER)
    assert [node.text for node in said] == ["I play chess."]
    assert said[0].key != message.key
    assert picks(simulated(store)) == []  # these were other replies


def test_as_the_judge_a_pick_is_kept_beside_the_judges_own(talk: Talker, store: Path) -> None:
    message = second_message(store)
    judged = simulated(store).verdict(message.key)
    assert judged
    talked = talk("2 | /undo | 1", *at(store, message, "--seat", "judge"))
    assert "scripted orders" in talked.out
    tree = simulated(store)
    assert len(picks(tree)) == 2
    assert tree.verdict(message.key) == judged
    assert tree.verdict(message.key, "human") == talk.tree(store=store).verdict(
        message.key, "human"
    )


def test_a_pick_after_coming_back_is_kept_there_too(talk: Talker, store: Path) -> None:
    message = second_message(store)
    first = talk("", *at(store, message, "--seat", "judge"))
    assert picks(simulated(store)) == []
    again = talk("1", *first.again())
    assert f"user 2: {message.text}" in again.out
    assert len(picks(simulated(store))) == 1


def test_a_second_person_is_asked_as_well(talk: Talker, store: Path) -> None:
    message = second_message(store)
    for typed in ("1", "2"):
        talk(typed, *at(store, message, "--seat", "judge"))
    one, two = picks(simulated(store))
    assert one.verdict and two.verdict
    assert one.verdict.ranking == two.verdict.ranking[::-1]


def test_entered_at_a_reply_and_left_at_once_it_goes_on_from_there(
    talk: Talker, store: Path
) -> None:
    tree = simulated(store)
    first = tree.user_messages()[0]
    for reply in tree.candidates(first.key):
        left = talk("", *at(store, reply))
        talk("I play chess.", *left.again())
        thread = left.again()[1]
        assert talk.tree(thread, store).user_messages()[-1].parent == reply.key


def test_who_watches_goes_on_anew(talk: Talker, store: Path) -> None:
    message = second_message(store)
    talk("|", *at(store, simulated(store)[message.parent], "--seat", "watch"))
    tree = talk.tree(store=store)
    assert len(texts(tree)) >= 2
    assert len(replies_below(tree, tree.user_messages()[1])) == 2


def test_the_run_goes_on_as_if_nobody_had_judged(talk: Talker, store: Path) -> None:
    talk("2", *at(store, second_message(store), "--seat", "judge"))
    before = digest_of(store)
    assert simulate(store, *GROWN) == 0
    assert digest_of(store) == before


@pytest.mark.parametrize("policy", ["scripted", "human", "corrected", "majority"])
def test_exports_ask_for_the_override_or_not(
    talk: Talker, store: Path, policy: str, tmp_path: Path
) -> None:
    message = second_message(store)
    numbers = {"1": 0, "2": 0}
    tree = simulated(store)
    own = tree.verdict(message.key)
    assert own
    for typed in numbers:
        talk(typed, *at(store, message, "--seat", "judge"))
        person = simulated(store).verdict(message.key, "human")
        if person and person.preferred != own.preferred:
            break
    out = tmp_path / "x.jsonl"
    talk.capsys.readouterr()
    status = command(Export, store, "--format=preference", f"--out={out}", f"--verdict={policy}")
    said = talk.capsys.readouterr().err
    assert status == 0
    rows = out.read_text("utf-8").splitlines()
    assert len(rows) == (1 if policy == "human" else 6)
    told = "a person's verdicts: 1, of which against the judge: 1"
    assert (told in said) == (policy in ("human", "corrected"))
    overridden = [row for row in rows if message.key in row]
    chosen = person if policy in ("human", "corrected") else own
    assert chosen
    assert f'"chosen_id": "{chosen.preferred[0]}"' in overridden[0] or (
        f'"chosen_id":"{chosen.preferred[0]}"' in overridden[0]
    )
    assert command(Show, store, tree.key, f"--verdict={policy}") == 0
    assert "human: margin" in talk.capsys.readouterr().out


def test_what_is_no_message_is_named(talk: Talker, store: Path) -> None:
    tree = simulated(store)
    inducers = next(node for node in tree if node.seat == "inducer")
    for flags, told in (
        (["--at", store, inducers.key], "this is what the inducer left; name a message"),
        (["--at", store, tree.key], "no node of run 'main' with an id that begins"),
        (["--at", store, "zz%_"], "no node of run 'main' with an id that begins 'zz%_'"),
        (["--at", store, ""], "several nodes of run 'main'"),
        (["--at", store], "--at takes a store and a node"),
        (["--at", "no.db", "12"], "no store at no.db"),
        (["--at", store, tree.user_messages()[0].key, "--run", "no"], "has no run 'no'"),
        (["--at", store, "12", "--thread", "x"], "--at begins a new conversation"),
    ):
        talked = talk("hello", *flags)
        assert (talked.status, talked.out) == (2, "")
        assert told in talked.err
        assert len(talked.err.splitlines()) == 1
