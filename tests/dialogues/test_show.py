"""Show: listings, one tree, one path, digests; nothing a model wrote is obeyed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from dialogues import Persona, RunRecord, Tree
from dialogues.choice import verdict_chooser
from dialogues.digest import tree_digest
from dialogues.node import USER
from dialogues.picture import picture
from dialogues.show import Show
from tests.growing import (
    a_failure,
    a_node,
    a_persona,
    a_turn,
    command,
    digest_of,
    error_line,
    grow,
    in_order,
    in_reverse,
    store_trees,
    trees_of,
)

Captured = pytest.CaptureFixture[str]
HOSTILE = "[red]markup[/red] [/oops] \x1b[31mansi\x07 \u202ebidi"
HARMLESS = "[red]markup[/red] [/oops] ␛[31mansi␇ \ufffdbidi"


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make rich wrap nothing."""
    monkeypatch.setenv("COLUMNS", "400")


def shown(capsys: Captured, *argv: object) -> str:
    """Run the command, which must succeed, and return what it printed."""
    capsys.readouterr()
    assert command(Show, *argv) == 0
    return capsys.readouterr().out


def test_a_store_is_shown_as_its_runs_and_trees(grown_store: Path, capsys: Captured) -> None:
    out = shown(capsys, grown_store)
    assert "main" in out and "scripted" in out
    for tree in trees_of(grown_store):
        assert tree.key[:10] in out
    assert out.count("done") == 1 + 6


def test_all_runs_are_listed_and_the_trees_of_one(tmp_path: Path, capsys: Captured) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    grow(store, "--run", "other", "--repeats", "2", limit=2, turns=1)
    assert "other" in shown(capsys, store)
    assert "trees of other" in shown(capsys, store, "--run", "other")


def test_an_unknown_run_is_refused(grown_store: Path, capsys: Captured) -> None:
    assert command(Show, grown_store, "--run", "nope") == 2
    assert "no run 'nope'" in error_line(capsys.readouterr().err)


def test_an_empty_store_has_nothing_to_list_but_is_no_error(
    tmp_path: Path, capsys: Captured
) -> None:
    store_trees(tmp_path / "a.db", []).engine.dispose()
    assert "main" in shown(capsys, tmp_path / "a.db")


def test_only_the_first_20_trees_are_listed_unless_told(tmp_path: Path, capsys: Captured) -> None:
    persona = a_persona()
    trees = [Tree(persona, n, a_turn(Tree(persona, n).key, "a", "b")) for n in range(23)]
    store_trees(tmp_path / "a.db", trees).engine.dispose()
    out = shown(capsys, tmp_path / "a.db")
    assert "3 more: --all" in out
    assert sum(tree.key[:10] in out for tree in trees) == 20
    everything = shown(capsys, tmp_path / "a.db", "--all")
    assert "more" not in everything
    assert sum(tree.key[:10] in everything for tree in trees) == 23


def test_a_tree_is_shown_with_all_that_was_said(grown_store: Path, capsys: Captured) -> None:
    tree = trees_of(grown_store)[0]
    out = shown(capsys, grown_store, tree.key)
    for node in tree:
        assert node.text in out
    assert tree.persona.personality.text[:60] in out
    assert out.count("✓") == 1 + 4 and out.count("▸") == 1 + 3


def test_a_tree_is_found_by_the_start_of_its_id(grown_store: Path, capsys: Captured) -> None:
    tree = trees_of(grown_store)[0]
    assert shown(capsys, grown_store, tree.key[:8]) == shown(capsys, grown_store, tree.key)


def test_all_branches_of_a_tree_are_shown(tmp_path: Path, capsys: Captured) -> None:
    store = grow(tmp_path / "a.db", "--expand", "all", limit=1, turns=3)
    (tree,) = trees_of(store)
    out = shown(capsys, store, tree.key)
    assert all(user.key[:8] in out for user in tree.user_messages())
    assert len(tree.user_messages()) == 7


def test_a_failed_turn_is_shown_as_such(tmp_path: Path, persona: Persona, capsys: Captured) -> None:
    nodes = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    nodes.append(a_node(nodes[1].key, USER, 2, failure=a_failure("too slow")))
    store_trees(tmp_path / "a.db", [Tree(persona, 0, nodes)]).engine.dispose()
    out = shown(capsys, tmp_path / "a.db", Tree(persona).key)
    assert "user failed: TimeoutError: too slow" in out
    assert "failed" in shown(capsys, tmp_path / "a.db")


def test_a_path_is_shown_as_the_chat_that_happened(grown_store: Path, capsys: Captured) -> None:
    tree = trees_of(grown_store)[0]
    last = tree.user_messages()[-1]
    out = shown(capsys, grown_store, tree.key, "--path", last.key)
    places = [out.index(message.content) for message in tree.history(last.key)]
    assert places == sorted(places)
    others = {node.text for node in tree if node.is_message} - {
        message.content for message in tree.history(last.key)
    }
    assert all(text not in out for text in others)


def test_the_digest_of_a_run_is_printed_alone(grown_store: Path, capsys: Captured) -> None:
    assert shown(capsys, grown_store, "--digest") == digest_of(grown_store) + "\n"


def test_the_digest_of_a_tree_is_printed_alone(grown_store: Path, capsys: Captured) -> None:
    tree = trees_of(grown_store)[2]
    assert shown(capsys, grown_store, tree.key, "--digest") == tree_digest(tree) + "\n"


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("zzzz",), "no tree"),
        (("",), "several trees"),
        (("%",), "no tree"),
        (("TREE", "--path", "zzzz"), "no message"),
        (("TREE", "--path", ""), "messages"),
        (("--path", "abc"), "--path needs the tree"),
        (("--run", "nope", "--digest"), "no run 'nope'"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_line(
    grown_store: Path, capsys: Captured, argv: tuple[str, ...], told: str
) -> None:
    key = trees_of(grown_store)[0].key
    assert command(Show, grown_store, *(key if word == "TREE" else word for word in argv)) == 2
    assert told in error_line(capsys.readouterr().err)


def test_the_id_of_a_belief_or_verdict_is_no_message(grown_store: Path, capsys: Captured) -> None:
    tree = trees_of(grown_store)[0]
    judged = next(node for node in tree if node.seat == "judge")
    assert command(Show, grown_store, tree.key, "--path", judged.key) == 2
    assert "no message" in error_line(capsys.readouterr().err)


def hostile_tree() -> Tree:
    """Return a tree in which every text a model or a person writes is hostile."""
    persona = a_persona(f"{HOSTILE} one.", f"{HOSTILE} two.")
    nodes = a_turn(Tree(persona).key, HOSTILE, "ok", says=HOSTILE, verdict=in_reverse)
    nodes = [node.model_copy(update={"spec": HOSTILE}) for node in nodes]
    nodes.append(a_node(nodes[1].key, USER, 2, failure=a_failure(HOSTILE)))
    return Tree(persona, 0, nodes)


def test_hostile_texts_come_out_harmless(tmp_path: Path, capsys: Captured) -> None:
    tree, record = hostile_tree(), RunRecord(name=HOSTILE, judge=HOSTILE)
    store_trees(tmp_path / "a.db", [tree], record).engine.dispose()
    last = next(node for node in tree if node.failure)
    for argv in ((), (tree.key,), (tree.key, "--path", last.key)):
        out = shown(capsys, tmp_path / "a.db", *argv, "--run", HOSTILE)
        assert HARMLESS in out
        assert not {"\x1b", "\x07", "\u202e"} & {*out}


def test_an_error_about_a_hostile_name_comes_out_harmless(
    grown_store: Path, capsys: Captured
) -> None:
    assert command(Show, grown_store, HOSTILE) == 2
    line = error_line(capsys.readouterr().err)
    assert "[red]markup[/red]" in line and "\x1b" not in line and "\u202e" not in line


def test_a_picture_can_be_written(tmp_path: Path, grown_store: Path, capsys: Captured) -> None:
    tree = trees_of(grown_store)[0]
    shown(capsys, grown_store, tree.key, "--svg", tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")


def test_a_picture_that_cannot_be_written_is_said_in_one_line(
    tmp_path: Path, grown_store: Path, capsys: Captured
) -> None:
    (tmp_path / "file").touch()
    assert command(Show, grown_store, "--svg", tmp_path / "file" / "a.svg") in (1, 2)
    assert "a.svg" in error_line(capsys.readouterr().err)


@pytest.mark.parametrize("width", ["30", "80"])
def test_a_narrow_terminal_is_no_reason_to_fail(
    grown_store: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    tree = trees_of(grown_store)[0]
    for argv in ((), (tree.key,)):
        out = shown(capsys, grown_store, *argv)
        assert out and max(map(len, out.splitlines())) <= int(width)


def test_a_reader_that_leaves_early_is_no_traceback(grown_store: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    argv = [sys.executable, "-m", "dialogues.show", str(grown_store)]
    done = subprocess.run(argv, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == ""


def test_every_user_message_below_a_reply_is_drawn(persona: Persona) -> None:
    tree = Tree(persona)
    first = a_node(tree.key, "user", text="Hello.")
    reply = a_node(first.key, "assistant", text="Hi.")
    ways = [a_node(reply.key, "user", place=n, turn=2, text=f"Way {n}.") for n in range(2)]
    for node in (first, reply, *ways):
        tree.add(node)
    with (console := Console(width=100)).capture() as captured:
        console.print(picture(tree, verdict_chooser(None)))
    assert "Way 0." in captured.get()
    assert "Way 1." in captured.get()
