"""One run: planning, first write wins, reading back, counting."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

from dialogues import Persona, Run, RunRecord, Tree, digest, open_store
from dialogues.errors import StoreError, UsageError
from dialogues.node import ASSISTANT, USER, Usage
from tests.growing import a_failure, a_node, a_turn, all_tied, in_order, store_trees
from tests.strategies import forests
from tests.stress import at_once


@pytest.fixture
def run(new_store: str, persona: Persona) -> Iterator[Run]:
    """A run with one planned tree, numbered 1."""
    with open_store(new_store, create=True) as store:
        run = store.begin(RunRecord())
        run.plan([(persona, 0)])
        yield run


@given(forests())
@settings(max_examples=25)
def test_trees_come_back_as_they_were_stored(trees: list[Tree]) -> None:
    with TemporaryDirectory() as folder:
        run = store_trees(Path(folder) / "a.db", trees)
        stored = {tree.key: tree for tree in run.trees()}
        run.engine.dispose()
    assert stored.keys() == {tree.key for tree in trees}
    for tree in trees:
        again = stored[tree.key]
        assert (again.persona, again.repeat) == (tree.persona, tree.repeat)
        assert list(again) == list(tree)
    assert digest(stored.values()) == digest(trees)


def test_the_first_write_wins_and_is_read_back(run: Run) -> None:
    first, second = (a_node("p", USER, text=text) for text in ("first", "second"))
    assert run.add([(1, first)]) == [first]
    assert run.add([(1, second)]) == [first]
    assert [node.text for node in run.load([1])[0].tree] == ["first"]


def test_a_batch_that_is_partly_late_reads_back_only_what_is_late(run: Run) -> None:
    taken, late, new = (
        a_node("p", USER, text="taken"),
        a_node("p", USER, text="late"),
        a_node("p", USER, place=1, text="new"),
    )
    run.add([(1, taken)])
    assert run.add([(1, new), (1, late)]) == [new, taken]


def test_a_slot_that_comes_twice_in_a_batch_is_stored_once(run: Run) -> None:
    one, other = (a_node("p", USER, text=text) for text in ("one", "other"))
    assert run.add([(1, one), (1, other)]) == [one, one]


def test_the_same_slot_of_two_trees_is_two_slots(run: Run, persona: Persona) -> None:
    run.plan([(persona, 0), (persona, 1)])
    one, other = (a_node("p", USER, text=text) for text in ("one", "other"))
    assert run.add([(1, one), (2, other)]) == [one, other]


def test_threads_that_race_for_the_same_slots_read_the_same_texts(run: Run) -> None:
    def fill(index: int) -> list[str]:
        nodes = [a_node("p", USER, place=place, text=f"by {index}") for place in range(40)]
        return [run.add([(1, node)])[0].text for node in nodes]

    told = at_once(fill, 4)
    assert all(texts == told[0] for texts in told)
    assert len(run.load([1])[0].tree) == 40


def test_batches_that_race_in_opposite_orders_wait_for_nobody_in_a_circle(run: Run) -> None:
    spent = Usage(calls=1)

    def fill(index: int) -> list[str]:
        nodes = [
            a_node("p", USER, place=place, text=f"by {index}", usage=spent) for place in range(200)
        ]
        held = run.add([(1, node) for node in nodes[:: -1 if index % 2 else 1]])
        return sorted(f"{node.place} {node.text}" for node in held)

    told = at_once(fill, 4)
    assert all(texts == told[0] for texts in told)


def test_a_batch_is_stored_whole_or_not_at_all(run: Run) -> None:
    nodes = [a_node("p", USER, place=place) for place in range(3)]
    with pytest.raises(StoreError):
        run.add([*((1, node) for node in nodes), (None, nodes[0])])
    assert len(run.load([1])[0].tree) == 0


def test_planning_again_keeps_what_is_there(run: Run, persona: Persona) -> None:
    run.add([(1, a_node("p", USER))])
    run.plan([(persona, 0), (persona, 1)])
    assert run.progress().trees == 2
    assert len(run.load([1])[0].tree) == 1


def test_planning_nothing_is_fine(run: Run) -> None:
    run.plan([])
    assert run.progress().trees == 1


def test_a_tree_is_found_by_the_start_of_its_key(run: Run, persona: Persona) -> None:
    key = Tree(persona).key
    assert run.tree(key[:6]).key == run.tree(key).key == key


@pytest.mark.parametrize("prefix", ["zz", "%", "_"])
def test_no_tree_matches_what_is_no_start_of_a_key(run: Run, prefix: str) -> None:
    with pytest.raises(UsageError, match="no tree"):
        run.tree(prefix)


def test_a_start_of_several_keys_is_refused(run: Run, persona: Persona) -> None:
    run.plan([(persona, repeat) for repeat in range(3)])
    with pytest.raises(UsageError, match="several trees"):
        run.tree("")


def test_trees_come_in_the_order_they_were_planned(new_store: str, persona: Persona) -> None:
    roots = [Tree(persona, repeat) for repeat in range(60)]
    trees = [Tree(persona, root.repeat, a_turn(root.key, "a", "b")) for root in roots]
    run = store_trees(new_store, trees)
    assert [tree.repeat for tree in run.trees()] == list(range(60))
    assert [summary.repeat for summary in run.summaries()] == list(range(60))


def test_planned_trees_with_nothing_in_them_are_not_read(run: Run) -> None:
    assert list(run.trees()) == []


def test_progress_counts_nodes_pairs_and_failures_of_finished_trees(
    new_store: str, persona: Persona
) -> None:
    good, tied, broken = (Tree(persona, repeat) for repeat in range(3))
    trees = [
        Tree(persona, 0, a_turn(good.key, "a", "b", "c", verdict=in_order)),
        Tree(persona, 1, a_turn(tied.key, "a", "b", verdict=all_tied)),
        Tree(persona, 2, [a_node(broken.key, USER, failure=a_failure())]),
    ]
    run = store_trees(new_store, trees)
    run.plan((persona, repeat) for repeat in range(5))
    told = run.progress()
    assert (told.trees, told.done, told.failed, told.finished) == (5, 2, 1, 3)
    assert (told.nodes, told.pairs, told.failures) == (5 + 4 + 1, 3, 1)
    assert run.progress(1)[:4] == (1, 1, 0, 5)
    assert [summary.status for summary in run.summaries()] == [
        "done",
        "done",
        "failed",
        "open",
        "open",
    ]


def test_progress_of_nothing_is_nothing(new_store: str) -> None:
    with open_store(new_store, create=True) as store:
        assert set(store.begin(RunRecord()).progress()) == {0}


def test_failures_tell_the_seat_and_what_went_wrong(run: Run) -> None:
    run.add([(1, a_node("p", ASSISTANT, failure=a_failure("slow"))), (1, a_node("p", USER))])
    told = [(seat, each.type, each.message) for seat, each in run.failures()]
    assert told == [(ASSISTANT, "TimeoutError", "slow")]


def test_runs_of_one_store_do_not_see_each_other(new_store: str, persona: Persona) -> None:
    with open_store(new_store, create=True) as store:
        first, second = (store.begin(RunRecord(name=name)) for name in ("one", "two"))
        first.plan([(persona, 0)])
        second.plan([(persona, 0)])
        (number,) = first.numbers().values()
        first.add([(number, a_node("p", USER, failure=a_failure()))])
        first.finish(number, first.load([number])[0].tree)
        assert second.progress()[:4] == (1, 0, 0, 0)
        assert list(second.failures()) == list(second.trees()) == []
        assert first.numbers().keys() == second.numbers().keys()
        assert first.numbers() != second.numbers()
