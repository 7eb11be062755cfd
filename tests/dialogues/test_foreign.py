"""Dialogues made elsewhere become trees: the ALOE code's format and plain chats."""

import json
from pathlib import Path

import pytest

from dialogues import Persona
from dialogues.export import Export
from dialogues.node import ASSISTANT, USER
from dialogues.pairs import preference_pairs
from tests.dialogues.incoming import a_round, aloe, chat, ingest, ingested
from tests.growing import (
    PERSONALITY,
    PROFILE,
    command,
    trees_of,
)

Captured = pytest.CaptureFixture[str]


def test_aloe_rounds_become_turns_that_follow_the_chosen_reply(tmp_path: Path) -> None:
    rounds = (a_round("One", "rejected"), a_round("Two", "preferred"), a_round("Three"))
    (tree,) = ingested("aloe", tmp_path, aloe(*rounds))
    said = [message.content for message in tree.history(tree.user_messages()[-1].key)]
    assert said == ["One", "bad: One", "Two", "good: Two", "Three"]


def test_each_aloe_round_is_one_preference_pair(tmp_path: Path) -> None:
    (tree,) = ingested("aloe", tmp_path, aloe(a_round("One", "rejected"), a_round("Two")))
    pairs = [(pair.chosen.text, pair.rejected.text) for pair in preference_pairs(tree)]
    assert pairs == [("good: One", "bad: One"), ("good: Two", "bad: Two")]


def test_an_aloe_dialogue_keeps_its_persona(tmp_path: Path, persona: Persona) -> None:
    (tree,) = ingested("aloe", tmp_path, aloe())
    assert tree.persona == persona


def test_an_aloe_persona_may_still_be_quoted_json(tmp_path: Path, persona: Persona) -> None:
    quoted = {"profile": json.dumps(PROFILE), "personality": f" {json.dumps(PERSONALITY)}\n"}
    (tree,) = ingested("aloe", tmp_path, aloe(**quoted))
    assert tree.persona == persona


def test_what_aloe_inferred_becomes_the_belief(tmp_path: Path) -> None:
    told = {"inferred_profile": "He is 40. He sings.", "inferred_personality": "None."}
    (tree,) = ingested("aloe", tmp_path, aloe(a_round(**told)))
    belief = tree.belief(tree.user_messages()[0].key)
    assert belief and (belief.facts, belief.traits) == (("He is 40.", "He sings."), ())


def test_aloe_dialogues_of_one_persona_are_repeats(tmp_path: Path) -> None:
    trees = ingested("aloe", tmp_path, aloe(), aloe(a_round("Two")), aloe(profile="He is 40."))
    assert [tree.repeat for tree in trees] == [0, 1, 0]


def test_an_ingested_aloe_run_has_a_judge_to_export_by(tmp_path: Path) -> None:
    ingested("aloe", tmp_path, aloe())
    flags = ("--format", "preference", "--out", tmp_path / "p.jsonl")
    assert command(Export, tmp_path / "in.db", *flags) == 0
    row = json.loads((tmp_path / "p.jsonl").read_text())
    assert row["chosen"] == [{"role": "assistant", "content": "good: Hi."}]


def test_a_json_array_is_read_as_its_items(tmp_path: Path) -> None:
    file = tmp_path / "all.json"
    file.write_text(json.dumps([aloe(), aloe(a_round("Two"))], indent=2))
    assert ingest("aloe", file, tmp_path / "in.db") == 0
    assert len(trees_of(tmp_path / "in.db")) == 2


def test_a_chat_becomes_one_branch(tmp_path: Path) -> None:
    (tree,) = ingested("messages", tmp_path, chat("a", "b", "c", "d"))
    last = next(node for node in tree if node.text == "d")
    assert [(node.seat, node.turn, node.text) for node in tree.path(last.key)] == [
        (USER, 1, "a"),
        (ASSISTANT, 1, "b"),
        (USER, 2, "c"),
        (ASSISTANT, 2, "d"),
    ]


def test_a_chat_keeps_the_persona_it_names(tmp_path: Path, persona: Persona) -> None:
    (tree,) = ingested(
        "messages", tmp_path, chat("a", "b", profile=PROFILE, personality=PERSONALITY)
    )
    assert tree.persona == persona


def test_chats_of_unknown_users_are_different_personas(tmp_path: Path) -> None:
    trees = ingested("messages", tmp_path, chat("a", "b"), chat("a", "c"), chat("a", "b"))
    assert len({tree.persona.id for tree in trees}) == 2
    assert len({tree.key for tree in trees}) == 3


def test_system_messages_of_a_chat_are_left_out(tmp_path: Path) -> None:
    value = chat("a", "b")
    value["messages"].insert(0, {"role": "system", "content": "Be kind."})
    (tree,) = ingested("messages", tmp_path, value)
    assert {node.text for node in tree} == {"a", "b"}


def test_lone_surrogates_and_nul_in_messages_are_replaced(tmp_path: Path) -> None:
    (tree,) = ingested("messages", tmp_path, chat("a\ud800", "b\0"))
    assert {node.text for node in tree} == {"a?", "b\ufffd"}


def test_lone_surrogates_in_what_was_inferred_do_not_stop_an_ingest(tmp_path: Path) -> None:
    (tree,) = ingested("aloe", tmp_path, aloe(a_round(inferred_profile="He is 40 \ud83d.")))
    belief = tree.belief(tree.user_messages()[0].key)
    assert belief and belief.facts[0].startswith("He is 40")


def test_a_line_may_be_a_bare_list_of_messages(tmp_path: Path) -> None:
    first, second = ingested(
        "messages", tmp_path, chat("a", "b")["messages"], chat("c")["messages"]
    )
    assert [message.content for message in first.history(list(first)[-1].key)] == ["a", "b"]
    assert len(second) == 1


def test_one_bare_list_is_one_chat(tmp_path: Path) -> None:
    (tree,) = ingested("messages", tmp_path, chat("a", "b", "c")["messages"])
    assert len(tree) == 3
