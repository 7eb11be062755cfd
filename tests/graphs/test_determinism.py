"""Determinism: the same seed grows the same trees, however and wherever they are grown."""

from pathlib import Path

import pytest

from dialogues.node import USER
from graphs.simulate import Simulate
from tests.agents.troupe import PATH
from tests.graphs.stage import company, play
from tests.growing import command, digest_of, grow, trees_of

SHAPE = ("--expand", "uncertain", "--max-branches", "2")
LIMIT, TURNS = 8, 3


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The digest of a small run."""
    store = tmp_path_factory.mktemp("reference") / "a.db"
    return digest_of(grow(store, *SHAPE, limit=LIMIT, turns=TURNS))


def regrown(store: Path, *flags: str) -> str:
    return digest_of(grow(store, *SHAPE, *flags, limit=LIMIT, turns=TURNS))


@pytest.mark.parametrize("concurrency", ["1", "64"])
def test_concurrency_changes_no_tree(tmp_path: Path, reference: str, concurrency: str) -> None:
    assert regrown(tmp_path / "a.db", "--concurrency", concurrency) == reference


@pytest.mark.parametrize("workers", [2, 3])
def test_the_number_of_workers_changes_no_tree(
    tmp_path: Path, reference: str, workers: int
) -> None:
    store = tmp_path / "a.db"
    shape = [*SHAPE, "--limit", LIMIT, "--turns", TURNS]
    assert command(Simulate, "--store", store, *shape, "--workers", workers) == 0
    assert digest_of(store) == reference


def test_the_name_of_the_run_changes_no_tree(tmp_path: Path, reference: str) -> None:
    store = grow(tmp_path / "a.db", *SHAPE, "--run", "second", limit=LIMIT, turns=TURNS)
    assert digest_of(store, "second") == reference


def test_runs_of_one_store_do_not_meet(tmp_path: Path, reference: str) -> None:
    store = grow(tmp_path / "a.db", *SHAPE, "--run", "other", "--seed", "5", limit=LIMIT)
    grow(store, *SHAPE, limit=LIMIT, turns=TURNS)
    assert digest_of(store) == reference


def test_another_seed_grows_other_trees(tmp_path: Path, reference: str) -> None:
    assert regrown(tmp_path / "a.db", "--seed", "1") != reference


def test_growing_in_two_goes_changes_no_tree(tmp_path: Path, reference: str) -> None:
    grow(tmp_path / "a.db", *SHAPE, limit=2, turns=TURNS)
    assert regrown(tmp_path / "a.db") == reference


def test_repeats_of_a_persona_are_other_dialogues(tmp_path: Path) -> None:
    (tmp_path / "profiles.jsonl").write_text('"He keeps bees. He is 40."\n"She mends clocks."')
    (tmp_path / "personalities.jsonl").write_text('"She is shy."')
    flags = ("--pool", str(tmp_path), "--repeats", "2")
    trees = trees_of(grow(tmp_path / "a.db", *flags, limit=4, turns=1))
    assert [tree.repeat for tree in trees] == [0, 0, 1, 1]
    assert len({tree.persona.id for tree in trees}) == 2
    assert len({node.seed for tree in trees for node in tree}) == 4 * 5


def test_different_assistants_meet_the_same_users(tmp_path: Path) -> None:
    own = grow(tmp_path / "a.db", "--assistant", "hinted=scripted")
    other = grow(tmp_path / "b.db", "--assistant", f"{PATH}:NumberAssistant")
    for one, two in zip(trees_of(own), trees_of(other), strict=True):
        assert one.persona == two.persona
        assert one.user_messages()[0].text == two.user_messages()[0].text
        assert [n.seed for n in one if n.seat == USER] == [n.seed for n in two if n.seat == USER]
    assert digest_of(own) != digest_of(other)


def test_an_endpoint_is_no_part_of_the_digest(tmp_path: Path) -> None:
    here = grow(tmp_path / "a.db", "--judge", "scripted@here")
    there = grow(tmp_path / "b.db", "--judge", "scripted@http://there:8000/v1")
    assert digest_of(here) == digest_of(there)


def test_every_call_takes_its_seed_from_the_runs() -> None:
    first, second = (play(company(), seed=seed) for seed in (0, 1))
    assert {node.key for node in first} & {node.key for node in second}
    assert not {node.seed for node in first} & {node.seed for node in second}
