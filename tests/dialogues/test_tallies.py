"""Tallies: what calls took is counted with the nodes, in their transaction, to the last token."""

from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dialogues import Node, Persona, RunRecord, Tree, Usage, open_store
from dialogues.errors import StoreError
from dialogues.export import Export
from dialogues.ingest import Ingest
from dialogues.node import ASSISTANT, JUDGE, USER
from dialogues.run import Run
from dialogues.schema import tallies
from dialogues.tallies import Tally
from tests.growing import a_failure, a_node, a_persona, command, store_trees
from tests.stress import at_once, full_disk, pages_of

numbers = count()
counts = st.integers(0, 10**6)
usages = st.builds(
    Usage,
    calls=st.integers(0, 9),
    prompt_tokens=counts,
    cached_tokens=counts,
    completion_tokens=counts,
    estimated=st.integers(0, 9),
    faults=st.lists(st.sampled_from(("cut", "empty", "role_flip", "fault:x", "")), max_size=3).map(
        tuple
    ),
)
fields = st.fixed_dictionaries(
    {
        "seat": st.sampled_from((USER, ASSISTANT, JUDGE)),
        "spec": st.sampled_from(("openai:a", "hinted=openai:a", "[b]:'x'\"", "scripted")),
        "usage": st.none() | usages,
        "failure": st.none() | st.just(a_failure()),
    }
)


def nodes_of(told: Sequence[dict[str, object]], persona: Persona) -> list[Node]:
    """Return nodes of different slots with these fields."""
    key = Tree(persona).key
    return [
        a_node(key, **{"place": place, "turn": 1, **values})  # type: ignore[arg-type]
        for place, values in enumerate(told)
    ]


def begun(path: Path | str, name: str = "main") -> tuple[Run, int]:
    """Begin a run with one tree; return it and the tree's number."""
    run = open_store(path, create=True).begin(RunRecord(name=name))
    run.plan([(a_persona(), 0)])
    return run, run.numbers()[Tree(a_persona()).key]


def summed(nodes: Sequence[Node]) -> dict[tuple[str, str], Tally]:
    """Add up by hand what nodes took; those that took nothing at all are left out."""
    found: dict[tuple[str, str], Tally] = {}
    for node in nodes:
        if node.usage is None:
            continue
        usage, faults, failures = found.get((node.seat, node.spec), Tally(Usage(), Counter()))
        bare = node.usage.model_copy(update={"faults": ()})
        found[node.seat, node.spec] = Tally(
            usage + bare, faults + Counter(node.usage.faults), failures + bool(node.failure)
        )
    return {key: tally for key, tally in found.items() if tally != Tally(Usage(), Counter())}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "a.db"


@settings(max_examples=30)
@given(st.lists(fields, max_size=12), st.integers(1, 5))
def test_what_was_spent_is_the_sum_over_all_nodes(
    shared: Path, told: list[dict[str, object]], step: int
) -> None:
    run, tree_id = begun(shared, f"run {next(numbers)}")
    nodes = nodes_of(told, a_persona())
    for start in range(0, len(nodes), step):
        run.add([(tree_id, node) for node in nodes[start : start + step]])
    assert run.spending() == summed(nodes)
    run.engine.dispose()


@pytest.fixture
def run(new_store: str) -> tuple[Run, int]:
    return begun(new_store)


def spends(place: int, parent: str = "", **values: object) -> Node:
    """Return a user's node that took some calls."""
    usage = Usage(calls=1, prompt_tokens=10 + place, faults=("empty",))
    told = {"usage": usage, "spec": "openai:a", "place": place, **values}
    return a_node(parent or Tree(a_persona()).key, USER, **told)  # type: ignore[arg-type]


def test_a_new_run_has_spent_nothing(run: tuple[Run, int]) -> None:
    assert run[0].spending() == {}


def test_agents_that_call_no_model_are_not_counted(run: tuple[Run, int]) -> None:
    run[0].add([(run[1], a_node(Tree(a_persona()).key, USER, text="Hi."))])
    assert run[0].spending() == {}


def test_runs_of_one_store_are_counted_apart(tmp_path: Path) -> None:
    one, tree_id = begun(tmp_path / "a.db")
    other, other_id = begun(tmp_path / "a.db", "other")
    one.add([(tree_id, spends(0))])
    other.add([(other_id, spends(0)), (other_id, spends(1))])
    assert [r.spending()[USER, "openai:a"].usage.calls for r in (one, other)] == [1, 2]


def test_failures_are_counted_with_what_they_took(run: tuple[Run, int]) -> None:
    run[0].add([(run[1], spends(0, failure=a_failure())), (run[1], spends(1))])
    tally = run[0].spending()[USER, "openai:a"]
    assert (tally.usage.calls, tally.failures, tally.faults) == (2, 1, {"empty": 2})


def test_a_batch_that_cannot_be_stored_is_not_counted(run: tuple[Run, int]) -> None:
    run[0].add([(run[1], spends(0))])
    before, nowhere = run[0].spending(), None
    with pytest.raises(StoreError):
        run[0].add([(run[1], spends(1)), (nowhere, spends(2))])  # type: ignore[list-item]
    assert run[0].spending() == before


def test_a_full_disk_loses_nodes_and_their_counts_together(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    first, tree_id = begun(store)
    first.add([(tree_id, spends(0))])
    first.engine.dispose()
    with full_disk(pages_of(store) + 4):
        run, stored = begun(store)[0], 1
        with pytest.raises(StoreError, match="full"):
            while stored < 500:
                run.add([(tree_id, spends(stored, text="x" * 2000))])
                stored += 1
        run.engine.dispose()
    with open_store(store) as opened:
        nodes = [node for tree in opened.run().trees() for node in tree]
        assert len(nodes) == stored
        assert opened.run().spending() == summed(nodes)


def test_several_writers_at_once_lose_no_count(new_store: str) -> None:
    _, tree_id = begun(new_store)

    def write(writer: int) -> None:
        with open_store(new_store) as store:
            for number in range(10):
                store.run().add([(tree_id, spends(10 * writer + number))])

    at_once(write, 4)
    with open_store(new_store) as store:
        nodes = [node for tree in store.run().trees() for node in tree]
        assert len(nodes) == 40 and store.run().spending() == summed(nodes)


def test_two_that_bought_the_same_slot_have_both_spent(run: tuple[Run, int]) -> None:
    run[0].add([(run[1], spends(0, text="first"))])
    (held,) = run[0].add([(run[1], spends(0, text="second"))])
    assert held.text == "first"
    assert run[0].spending()[USER, "openai:a"].usage.calls == 2


def test_every_attempt_counts(run: tuple[Run, int]) -> None:
    failed, again = spends(0, failure=a_failure()), spends(0, attempt=1)
    run[0].add([(run[1], failed), (run[1], again)])
    assert run[0].spending()[USER, "openai:a"].usage.calls == 2


def test_answers_count_the_nodes_that_did_not_fail(run: tuple[Run, int]) -> None:
    run[0].add([(run[1], spends(0, failure=a_failure())), (run[1], spends(1))])
    assert run[0].answers() == {(USER, "openai:a"): 1}


def exported(folder: Path) -> Path:
    """Export a store whose tree took calls; return the tree file."""
    tree = Tree(a_persona(), 0, [spends(0, text="Hi.")])
    store_trees(folder / "a.db", [tree]).engine.dispose()
    out = folder / "trees.jsonl"
    assert command(Export, folder / "a.db", "--format", "tree", "--out", out) == 0
    return out


def test_trees_that_are_ingested_bring_their_counts(tmp_path: Path) -> None:
    out = exported(tmp_path)
    assert command(Ingest, "--from", "tree", out, "--store", tmp_path / "b.db") == 0
    with open_store(tmp_path / "a.db") as one, open_store(tmp_path / "b.db") as other:
        assert one.run().spending() == other.run().spending() != {}


def test_trees_that_are_ingested_twice_are_counted_once(tmp_path: Path) -> None:
    out = exported(tmp_path)
    for _ in range(2):
        assert command(Ingest, "--from", "tree", out, "--store", tmp_path / "b.db") == 0
    with open_store(tmp_path / "b.db") as store:
        nodes = [node for tree in store.run().trees() for node in tree]
        assert store.run().spending() == summed(nodes)


def test_tallies_hold_counts_and_no_money(run: tuple[Run, int]) -> None:
    run[0].add([(run[1], spends(0))])
    with run[0].engine.connect() as connection:
        rows = connection.execute(select(tallies.c.what, tallies.c["count"])).all()
    assert sorted(map(tuple, rows)) == [("calls", 1), ("fault:empty", 1), ("prompt_tokens", 10)]
