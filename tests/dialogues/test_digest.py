"""The digest: equal for equal trees wherever they were grown, different for all others."""

import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogues import Belief, Failure, Node, Persona, Tree, Usage, digest
from dialogues.digest import tree_digest
from dialogues.export import Export
from dialogues.ingest import Ingest
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from tests.growing import (
    a_node,
    a_persona,
    a_turn,
    all_tied,
    command,
    digest_of,
    grow,
    in_order,
    ranked,
    store_trees,
)
from tests.strategies import forests, trees


def changed(tree: Tree, at: Node, **values: Any) -> Tree:
    """Return `tree` with other values in one of its nodes."""
    other = Node.model_validate({**at.model_dump(), **values})
    return Tree(tree.persona, tree.repeat, [other if node is at else node for node in tree])


def a_tree() -> Tree:
    """Return a tree of one turn with something in every seat."""
    persona = a_persona()
    root = Tree(persona).key
    nodes = a_turn(root, "a", "b", verdict=in_order, belief=Belief(facts=("f",), traits=("t",)))
    failed = a_node(nodes[0].key, ASSISTANT, place=2, failure=Failure(type="Slow", message="m"))
    return Tree(persona, 0, [*nodes, failed])


def node_of(tree: Tree, seat: str) -> Node:
    """Return the first node of a seat."""
    return next(node for node in tree if node.seat == seat)


def failed_node(tree: Tree) -> Node:
    """Return the failed node."""
    return next(node for node in tree if node.failure)


@given(forests())
@settings(max_examples=25)
def test_export_and_ingest_keep_the_digest(written: list[Tree]) -> None:
    with TemporaryDirectory() as folder:
        store, file, other = (Path(folder) / name for name in ("a.db", "t.jsonl", "b.db"))
        run = store_trees(store, written)
        run.engine.dispose()
        assert command(Export, store, "--format", "tree", "--out", file) == 0
        assert command(Ingest, "--from", "tree", file, "--store", other) == 0
        assert digest_of(other) == digest_of(store) == digest(written)


@given(forests(), st.randoms(use_true_random=False))
def test_the_order_of_trees_does_not_matter(written: list[Tree], random: Any) -> None:
    shuffled = random.sample(written, len(written))
    assert digest(shuffled) == digest(written)


@given(trees())
def test_a_node_less_changes_the_digest(tree: Tree) -> None:
    *others, _last = tree
    assert tree_digest(Tree(tree.persona, tree.repeat, others)) != tree_digest(tree)


@pytest.mark.parametrize(
    ("seat", "change"),
    [
        (USER, {"text": "Bye."}),
        (USER, {"text": "Hi. "}),
        (USER, {"ends": True}),
        (USER, {"notes": {"told": 1}}),
        (USER, {"seed": 8}),
        (USER, {"spec": "scripted:terse"}),
        (ASSISTANT, {"reasoning": "hm"}),
        (INDUCER, {"belief": Belief(facts=("f", "t"))}),
        (INDUCER, {"belief": Belief(facts=("ft",))}),
        (INDUCER, {"belief": None}),
        (JUDGE, {"verdict": None}),
        (JUDGE, {"verdict": all_tied(["a", "b"])}),
    ],
    ids=str,
)
def test_what_was_said_changes_the_digest(seat: str, change: dict[str, Any]) -> None:
    tree = a_tree()
    assert tree_digest(changed(tree, node_of(tree, seat), **change)) != tree_digest(tree)


@pytest.mark.parametrize("change", [{"margin": 0.25}, {"confidence": 0.5}], ids=str)
def test_how_sure_a_verdict_is_changes_the_digest(change: dict[str, float]) -> None:
    tree = a_tree()
    judged = node_of(tree, JUDGE)
    assert judged.verdict
    verdict = ranked(*judged.verdict.ranking, **change)
    assert tree_digest(changed(tree, judged, verdict=verdict)) != tree_digest(tree)


def test_the_type_of_an_error_changes_the_digest() -> None:
    tree = a_tree()
    other = changed(tree, failed_node(tree), failure=Failure(type="Fast", message="m"))
    assert tree_digest(other) != tree_digest(tree)


@pytest.mark.parametrize(
    "change",
    [
        {"usage": Usage(prompt_tokens=9)},
        {"seconds": 3.5},
        {"agent": "other.module:Class"},
    ],
    ids=str,
)
def test_what_differs_between_machines_does_not_change_the_digest(change: dict[str, Any]) -> None:
    tree = a_tree()
    assert tree_digest(changed(tree, node_of(tree, USER), **change)) == tree_digest(tree)


def test_the_words_of_an_error_do_not_change_the_digest() -> None:
    tree = a_tree()
    other = changed(tree, failed_node(tree), failure=Failure(type="Slow", message="host 7"))
    assert tree_digest(other) == tree_digest(tree)


def test_persona_and_repeat_change_the_digest() -> None:
    persona, other = a_persona(), a_persona(profile="He bakes.")
    digests = {tree_digest(Tree(persona, repeat)) for repeat in (0, 1)}
    assert len(digests | {tree_digest(Tree(other))}) == 3


def test_endpoints_do_not_change_the_digest(tmp_path: Path, grown_store: Path) -> None:
    at = ("--user", "scripted@lab", "--judge", "scripted@http://h:1/v1")
    assert digest_of(grow(tmp_path / "a.db", *at, limit=6, turns=4)) == digest_of(grown_store)


@pytest.mark.parametrize("concurrency", ["1", "7"])
def test_concurrency_does_not_change_the_digest(
    tmp_path: Path, grown_store: Path, concurrency: str
) -> None:
    store = grow(tmp_path / "a.db", "--concurrency", concurrency, limit=6, turns=4)
    assert digest_of(store) == digest_of(grown_store)


def test_the_seed_of_the_run_changes_the_digest(tmp_path: Path, grown_store: Path) -> None:
    store = grow(tmp_path / "a.db", "--seed", "1", limit=6, turns=4)
    assert digest_of(store) != digest_of(grown_store)


def test_a_digest_is_32_hexadecimal_digits(grown_store: Path) -> None:
    assert re.fullmatch("[0-9a-f]{32}", digest_of(grown_store))


def test_one_tree_twice_is_not_one_tree(persona: Persona) -> None:
    tree = Tree(persona)
    assert len({digest([]), digest([tree]), digest([tree, tree])}) == 3
