"""Ingest: trees, the ALOE code's dialogues and plain chats; all of a file or nothing of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from dialogues import Persona, RunRecord, Tree, Usage, open_store
from dialogues.node import USER
from tests.dialogues.incoming import a_round, aloe, chat, ingest, ingested, lines, tree_file
from tests.growing import (
    a_node,
    a_turn,
    digest_of,
    error_line,
    grow,
    in_order,
    simulate,
    store_trees,
    trees_of,
)

Captured = pytest.CaptureFixture[str]


def test_a_grown_run_comes_back_whole(tmp_path: Path, grown_store: Path) -> None:
    file = tree_file(grown_store, tmp_path / "t.jsonl")
    assert ingest("tree", file, tmp_path / "b.db") == 0
    assert digest_of(tmp_path / "b.db") == digest_of(grown_store)
    before, after = (trees_of(store) for store in (grown_store, tmp_path / "b.db"))
    assert [list(tree) for tree in after] == [list(tree) for tree in before]
    assert [tree.persona for tree in after] == [tree.persona for tree in before]


def test_every_exported_tree_names_the_version_of_its_format(
    tmp_path: Path, grown_store: Path
) -> None:
    file = tree_file(grown_store, tmp_path / "t.jsonl")
    assert {json.loads(line)["grove_tree"] for line in file.read_text().splitlines()} == {1}


def test_seconds_and_usage_are_not_lost(tmp_path: Path, persona: Persona) -> None:
    spent = {"seconds": 1.25, "usage": Usage(prompt_tokens=7, completion_tokens=9)}
    node = a_node(Tree(persona).key, USER, text="Hi.", **spent)
    store_trees(tmp_path / "a.db", [Tree(persona, 0, [node])]).engine.dispose()
    assert (
        ingest("tree", tree_file(tmp_path / "a.db", tmp_path / "t.jsonl"), tmp_path / "b.db") == 0
    )
    ((again,),) = trees_of(tmp_path / "b.db")
    assert again == node


def test_the_record_of_the_run_is_not_lost(tmp_path: Path, grown_store: Path) -> None:
    file = tree_file(grown_store, tmp_path / "t.jsonl")
    assert ingest("tree", file, tmp_path / "b.db", "--run", "copy") == 0
    with open_store(grown_store) as one, open_store(tmp_path / "b.db") as other:
        before, after = one.run().record, other.run("copy").record
        assert after == before.model_copy(update={"name": "copy"})
        assert other.run("copy").progress() == one.run().progress()


def test_an_ingested_run_can_be_resumed(tmp_path: Path, grown_store: Path) -> None:
    file = tree_file(grown_store, tmp_path / "t.jsonl")
    assert ingest("tree", file, tmp_path / "b.db") == 0
    assert simulate(tmp_path / "b.db", "--limit", "8", "--turns", "4") == 0
    whole = grow(tmp_path / "c.db", limit=8, turns=4)
    assert digest_of(tmp_path / "b.db") == digest_of(whole)


def test_a_half_grown_tree_stays_open(tmp_path: Path, grown_store: Path) -> None:
    with open_store(grown_store) as store:
        record = store.run().record
    trees = trees_of(grown_store)
    half = [
        Tree(tree.persona, tree.repeat, [node for node in tree if node.turn < 3]) for tree in trees
    ]
    store_trees(tmp_path / "a.db", half, record, done=False).engine.dispose()
    file = tree_file(tmp_path / "a.db", tmp_path / "t.jsonl")
    assert ingest("tree", file, tmp_path / "b.db") == 0
    with open_store(tmp_path / "b.db") as store:
        assert store.run().progress().finished == 0
    assert simulate(tmp_path / "b.db", "--limit", "6", "--turns", "4") == 0
    assert digest_of(tmp_path / "b.db") == digest_of(grown_store)


def test_ingesting_the_same_file_again_changes_nothing(tmp_path: Path, grown_store: Path) -> None:
    file = tree_file(grown_store, tmp_path / "t.jsonl")
    for _ in range(2):
        assert ingest("tree", file, tmp_path / "b.db") == 0
    assert digest_of(tmp_path / "b.db") == digest_of(grown_store)


def test_a_tree_with_no_node_yet_can_be_ingested(tmp_path: Path, persona: Persona) -> None:
    line = {"run": {}, "persona": persona.model_dump(), "nodes": [], "status": "open"}
    assert ingest("tree", lines(tmp_path / "t.jsonl", line), tmp_path / "b.db") == 0
    with open_store(tmp_path / "b.db") as store:
        assert store.run().progress()[:4] == (1, 0, 0, 0)


def without(key: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return `value` without one of its keys."""
    return {name: each for name, each in value.items() if name != key}


def a_tree_line(persona: Persona, **more: Any) -> dict[str, Any]:
    """Return a line of a tree file."""
    nodes = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    dumped = [node.model_dump(mode="json") for node in nodes]
    return {"run": {}, "persona": persona.model_dump(mode="json"), "nodes": dumped, **more}


BAD_CHATS: dict[str, tuple[Any, str]] = {
    "no JSON": ("{nonsense", "not JSON"),
    "no object": ("3", "dialogue"),
    "no messages": ({"text": "a"}, "messages"),
    "messages is no list": ({"messages": "a"}, "messages"),
    "empty": ({"messages": []}, "take turns"),
    "two in a row": ({"messages": chat("a")["messages"] * 2}, "take turns"),
    "assistant first": ({"messages": [{"role": "assistant", "content": "a"}]}, "take turns"),
    "unknown role": ({"messages": [{"role": "tool", "content": "a"}]}, "messages.0.role"),
    "no content": ({"messages": [{"role": "user"}]}, "messages.0.content"),
    "content is no text": ({"messages": [{"role": "user", "content": 3}]}, "messages.0.content"),
    "blank profile": (chat("a", "b", profile=" "), "profile"),
    "profile is no text": (chat("a", "b", profile="\ud800"), "profile"),
}
BAD_ALOE: dict[str, tuple[Any, str]] = {
    "no profile": (without("profile", aloe()), "profile"),
    "no personality": (without("personality", aloe()), "personality"),
    "no rounds": (aloe(conversations=[]), "conversations"),
    "no user": (aloe(without("user", a_round())), "conversations.0.user"),
    "no rejected": (
        aloe({**a_round(), "assistant": {"preferred": "a"}}),
        "conversations.0.assistant.rejected",
    ),
    "second round wrong": (aloe(a_round(), a_round(chosen="first")), "conversations.1.chosen"),
    "blank profile": (aloe(profile=" "), "profile"),
    "quoted blank personality": (aloe(personality='""'), "personality"),
}


def refused(source: str, folder: Path, capsys: Captured, good: Any, bad: Any, told: str) -> None:
    """Expect a file whose third line is bad to be refused by name, and nothing to be stored."""
    file = lines(folder / "in.jsonl", good, "", bad)
    assert ingest(source, file, folder / "in.db") == 2
    line = error_line(capsys.readouterr().err)
    assert f"{file}:3" in line and told in line
    assert not (folder / "in.db").exists()


@pytest.mark.parametrize(("bad", "told"), BAD_CHATS.values(), ids=BAD_CHATS.keys())
def test_a_bad_chat_is_named_and_nothing_is_stored(
    tmp_path: Path, capsys: Captured, bad: Any, told: str
) -> None:
    refused("messages", tmp_path, capsys, chat("a", "b"), bad, told)


@pytest.mark.parametrize(("bad", "told"), BAD_ALOE.values(), ids=BAD_ALOE.keys())
def test_a_bad_aloe_dialogue_is_named_and_nothing_is_stored(
    tmp_path: Path, capsys: Captured, bad: Any, told: str
) -> None:
    refused("aloe", tmp_path, capsys, aloe(), bad, told)


BAD_TREES: dict[str, tuple[dict[str, Any], str]] = {
    "no run": ({"run": None}, "run"),
    "newer format": ({"grove_tree": 99}, "grove_tree"),
    "unknown key": ({"colour": "red"}, "colour"),
    "negative repeat": ({"repeat": -1}, "repeat"),
    "no persona": ({"persona": {}}, "persona.profile"),
    "no nodes": ({"nodes": 3}, "nodes"),
    "a node without seat": ({"nodes": [{"parent": "p"}]}, "nodes.0.seat"),
    "an orphan": ({"nodes": [a_node("elsewhere", USER).model_dump(mode="json")]}, "elsewhere"),
}


@pytest.mark.parametrize(("change", "told"), BAD_TREES.values(), ids=BAD_TREES.keys())
def test_a_bad_tree_is_named_and_nothing_is_stored(
    tmp_path: Path, capsys: Captured, persona: Persona, change: dict[str, Any], told: str
) -> None:
    good = a_tree_line(persona)
    refused("tree", tmp_path, capsys, good, {**good, **change}, told)


def test_a_bad_line_leaves_a_store_that_is_there_as_it_was(
    tmp_path: Path, capsys: Captured
) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    before = digest_of(store)
    file = lines(tmp_path / "in.jsonl", chat("a", "b"), "nonsense")
    assert ingest("messages", file, store, "--run", "chats") == 2
    with open_store(store) as opened:
        assert [run.record.name for run in opened.runs()] == ["main"]
    assert digest_of(store) == before


@pytest.mark.parametrize("content", ["", "\n\n", "[]"])
def test_a_file_with_no_dialogue_is_refused(tmp_path: Path, capsys: Captured, content: str) -> None:
    (tmp_path / "in.jsonl").write_text(content)
    assert ingest("messages", tmp_path / "in.jsonl", tmp_path / "in.db") == 2
    assert "holds no dialogue" in error_line(capsys.readouterr().err)
    assert not (tmp_path / "in.db").exists()


def test_a_bad_item_of_an_array_is_named(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "in.json").write_text(json.dumps([chat("a", "b"), {"messages": []}]))
    assert ingest("messages", tmp_path / "in.json", tmp_path / "in.db") == 2
    assert "in.json: item 1" in error_line(capsys.readouterr().err)


@pytest.mark.parametrize("source", ["tree", "aloe", "messages"])
def test_a_missing_file_is_named(tmp_path: Path, capsys: Captured, source: str) -> None:
    assert ingest(source, tmp_path / "none.jsonl", tmp_path / "in.db") == 2
    assert "none.jsonl" in error_line(capsys.readouterr().err)


@pytest.mark.parametrize("source", ["tree", "aloe", "messages"])
def test_a_file_that_is_no_utf8_is_named(tmp_path: Path, capsys: Captured, source: str) -> None:
    (tmp_path / "latin.jsonl").write_bytes(b'{"messages": "caf\xe9"}')
    assert ingest(source, tmp_path / "latin.jsonl", tmp_path / "in.db") == 2
    assert "latin.jsonl" in error_line(capsys.readouterr().err)


def test_another_file_does_not_mix_into_a_run(tmp_path: Path, capsys: Captured) -> None:
    one = lines(tmp_path / "one.jsonl", chat("a", "b"))
    other = lines(tmp_path / "other.jsonl", chat("c", "d"))
    assert ingest("messages", one, tmp_path / "in.db") == 0
    capsys.readouterr()
    assert ingest("messages", other, tmp_path / "in.db") == 2
    assert "ingested" in error_line(capsys.readouterr().err)
    assert len(trees_of(tmp_path / "in.db")) == 1


def test_trees_do_not_mix_into_a_run_of_other_settings(
    tmp_path: Path, grown_store: Path, capsys: Captured
) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    before = digest_of(store)
    file = tree_file(grown_store, tmp_path / "t.jsonl")
    capsys.readouterr()
    assert ingest("tree", file, store) == 2
    assert "turns" in error_line(capsys.readouterr().err)
    assert digest_of(store) == before


def test_an_ingested_chat_has_no_judge(tmp_path: Path) -> None:
    ingested("messages", tmp_path, chat("a", "b"))
    with open_store(tmp_path / "in.db") as store:
        record = store.run().record
    assert record.judge is None
    assert isinstance(record, RunRecord) and "ingested" in record.config


def test_trees_of_two_runs_in_one_file_are_refused(
    tmp_path: Path, capsys: Captured, persona: Persona
) -> None:
    other = a_tree_line(persona, run={"config": {"seed": 1}}, repeat=1, nodes=[])
    file = lines(tmp_path / "t.jsonl", a_tree_line(persona), other)
    assert ingest("tree", file, tmp_path / "b.db") == 2
    assert f"{file}:2: a tree of another run" in error_line(capsys.readouterr().err)
    assert not (tmp_path / "b.db").exists()


def test_the_same_tree_twice_is_refused(tmp_path: Path, capsys: Captured, persona: Persona) -> None:
    file = lines(tmp_path / "t.jsonl", a_tree_line(persona), a_tree_line(persona))
    assert ingest("tree", file, tmp_path / "b.db") == 2
    assert f"{file}:2: " in error_line(capsys.readouterr().err)
