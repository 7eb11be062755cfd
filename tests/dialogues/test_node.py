"""Slots, nodes, and the seeds that hang on them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialogues import Belief, Node, Slot, Usage
from dialogues.hashing import derived_seed
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, root_key
from tests.growing import a_failure, a_node, all_tied, digest_of, grow, ranked, trees_of
from tests.strategies import hostile_texts

SLOT = Slot("p", USER, 0, 0)


@pytest.mark.parametrize(
    "other",
    [Slot("q", USER), Slot("p", ASSISTANT), Slot("p", USER, 1), Slot("p", USER, 0, 1)],
    ids=["parent", "seat", "place", "attempt"],
)
def test_a_key_depends_on_every_part_of_the_slot(other: Slot) -> None:
    assert other.key != SLOT.key


def test_place_and_attempt_are_not_mixed_up() -> None:
    assert Slot("p", USER, 1, 0).key != Slot("p", USER, 0, 1).key
    assert Slot("p", USER, 11, 0).key != Slot("p", USER, 1, 10).key


def test_a_key_is_the_same_on_every_machine() -> None:
    assert Slot("p", USER).key == "b42bfc0e1e29f8bf"


def test_what_a_node_says_does_not_change_its_key() -> None:
    assert a_node("p", USER, text="a").key == a_node("p", USER, text="b", turn=3).key == SLOT.key


def test_a_root_depends_on_persona_and_repeat() -> None:
    assert len({root_key("a", 0), root_key("b", 0), root_key("a", 1)}) == 3


def test_a_seed_depends_on_run_seed_slot_and_purpose() -> None:
    seeds = {
        derived_seed(0, SLOT.key),
        derived_seed(1, SLOT.key),
        derived_seed(0, Slot("p", USER, 1).key),
        derived_seed(0, SLOT.key, "expand"),
        derived_seed(0, Slot(root_key("a", 0), USER).key),
        derived_seed(0, Slot(root_key("a", 1), USER).key),
        derived_seed(0, Slot(root_key("b", 0), USER).key),
    }
    assert len(seeds) == 7
    assert all(0 <= seed < 2**31 for seed in seeds)


def seeds_of(path: Any, run: str = "main") -> dict[tuple[str, str], int]:
    """Return the seed of each node of a stored run."""
    return {(t.key, node.key): node.seed for t in trees_of(path, run) for node in t}


def test_seeds_of_a_real_run_do_not_depend_on_its_name(tmp_path: Any) -> None:
    store = grow(tmp_path / "a.db", limit=2, turns=2)
    grow(store, "--run", "other", limit=2, turns=2)
    assert seeds_of(store) == seeds_of(store, "other")
    assert digest_of(store) == digest_of(store, "other")


def test_seeds_of_a_real_run_depend_on_its_seed(tmp_path: Any) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    grow(store, "--run", "other", "--seed", "1", limit=1, turns=1)
    ours, theirs = seeds_of(store), seeds_of(store, "other")
    assert not {*ours.values()} & {*theirs.values()}


def test_users_draw_the_same_seeds_whoever_assists(tmp_path: Any) -> None:
    store = grow(tmp_path / "a.db", limit=2, turns=2)
    grow(store, "--run", "other", "--assistant", "plain=scripted", limit=2, turns=2)
    assert seeds_of(store) == seeds_of(store, "other")


@given(hostile_texts, hostile_texts)
def test_any_text_becomes_one_that_a_database_takes(text: str, reasoning: str) -> None:
    node = a_node("p", USER, text=text, reasoning=reasoning)
    for kept in (node.text, node.reasoning):
        assert "\0" not in kept
        kept.encode("utf-8")
    assert node.content_hash


@given(hostile_texts)
def test_ordinary_text_is_kept_as_it_is(text: str) -> None:
    ordinary = text.encode("utf-8", "ignore").decode().replace("\0", "")
    assert a_node("p", USER, text=ordinary).text == ordinary


@given(hostile_texts)
def test_any_belief_can_be_hashed_and_written(text: str) -> None:
    node = a_node("p", INDUCER, belief=Belief(facts=(text,), traits=(text,)))
    assert node.content_hash
    assert Node.model_validate_json(node.model_dump_json()).content_hash == node.content_hash


BASE: dict[str, Any] = {
    "text": "a",
    "reasoning": "r",
    "belief": Belief(facts=("f",)),
    "verdict": ranked(["a"], ["b"]),
    "notes": {"n": 1},
}


@pytest.mark.parametrize(
    "change",
    [
        {"text": "b"},
        {"reasoning": "s"},
        {"belief": Belief(traits=("f",))},
        {"belief": None},
        {"verdict": all_tied(["a", "b"])},
        {"verdict": ranked(["a"], ["b"], margin=0.25)},
        {"notes": {"n": 2}},
        {"ends": True},
    ],
    ids=str,
)
def test_the_content_hash_covers_all_that_was_said(change: dict[str, Any]) -> None:
    before = a_node("p", JUDGE, **BASE)
    assert a_node("p", JUDGE, **{**BASE, **change}).content_hash != before.content_hash


@pytest.mark.parametrize(
    "change",
    [
        {"usage": Usage(prompt_tokens=3)},
        {"seconds": 2.0},
        {"notes": {"b": 1, "a": 2}},
    ],
    ids=["usage", "seconds", "order of notes"],
)
def test_the_content_hash_covers_nothing_else(change: dict[str, Any]) -> None:
    before = a_node("p", USER, **{"notes": {"a": 2, "b": 1}})
    after = a_node("p", USER, **{"notes": {"a": 2, "b": 1}, **change})
    assert after.content_hash == before.content_hash


def test_text_that_holds_the_hash_separator_is_not_taken_for_another() -> None:
    one = a_node("p", USER, text="a\x1fb", reasoning="")
    other = a_node("p", USER, text="a", reasoning="b\x1f")
    assert one.content_hash != other.content_hash


@pytest.mark.parametrize(
    "value", [object(), float("nan"), float("inf"), {1, 2}], ids=["object", "nan", "inf", "set"]
)
def test_notes_that_are_no_json_are_refused_before_they_are_stored(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        assert a_node("p", USER, notes={"a": value}).content_hash


@pytest.mark.parametrize("field", ["place", "attempt"])
def test_places_and_attempts_count_from_0(field: str) -> None:
    with pytest.raises(ValidationError, match=field):
        a_node("p", USER, **{field: -1})


def test_turns_count_from_1() -> None:
    with pytest.raises(ValidationError, match="turn"):
        a_node("p", USER, 0)


def test_only_user_and_assistant_leave_messages() -> None:
    seats = [seat for seat in (USER, INDUCER, ASSISTANT, JUDGE) if a_node("p", seat).is_message]
    assert seats == [USER, ASSISTANT]


def test_a_failure_is_no_message() -> None:
    assert not a_node("p", USER, failure=a_failure()).is_message


def test_the_role_comes_from_the_spec() -> None:
    assert a_node("p", INDUCER).role == "infer"
    assert a_node("p", USER).role == ""


counts = st.integers(0, 10**6)
usages = st.builds(
    Usage, calls=counts, prompt_tokens=counts, faults=st.lists(st.text(max_size=3)).map(tuple)
)


@given(usages, usages, usages)
def test_usages_add_up_in_any_grouping_and_nothing_adds_nothing(
    one: Usage, two: Usage, three: Usage
) -> None:
    assert (one + two) + three == one + (two + three)
    assert one + Usage() == Usage() + one == one


def test_usages_add_up_every_count_and_join_their_faults() -> None:
    one = Usage(calls=1, prompt_tokens=2, cached_tokens=3, completion_tokens=4, estimated=5)
    two = Usage(calls=10, prompt_tokens=20, faults=("cut",))
    assert one + two == Usage(
        calls=11,
        prompt_tokens=22,
        cached_tokens=3,
        completion_tokens=4,
        estimated=5,
        faults=("cut",),
    )
    assert (two + two).faults == ("cut", "cut")


def test_a_usage_as_schema_1_stored_it_is_still_read() -> None:
    old = '{"prompt_tokens": 3, "completion_tokens": 4}'
    assert Usage.model_validate_json(old) == Usage(prompt_tokens=3, completion_tokens=4)


def test_the_calls_a_node_took_do_not_change_its_content_hash() -> None:
    usage = Usage(calls=3, faults=("empty",))
    assert a_node("p", USER, usage=usage).content_hash == a_node("p", USER).content_hash


def test_a_changed_copy_has_a_key_and_a_hash_of_its_own() -> None:
    node = a_node("p", JUDGE, verdict=all_tied(["a", "b"]))
    before = (node.key, node.content_hash)
    moved = node.changed(place=3, notes={"nth": 1})
    assert (moved.place, moved.key) == (3, moved.slot.key)
    assert moved.content_hash != before[1]
    assert (node.key, node.content_hash) == before
    assert moved.changed(place=0, notes={}) == node
