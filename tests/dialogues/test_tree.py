"""Trees: what their walks give, whatever the order their nodes came in."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Belief, Message, Node, Persona, Slot, Tree
from dialogues.node import AGAINST, ASSISTANT, INDUCER, JUDGE, USER
from dialogues.pairs import preference_pairs
from tests.growing import a_failure, a_node, a_turn, in_order, in_reverse
from tests.strategies import trees


def two_turns(persona: Persona) -> Tree:
    """Return a tree of two turns that goes on from the rejected reply."""
    tree = Tree(persona)
    first = a_turn(tree.key, "good", "bad", says="Hi.", verdict=in_order, belief=Belief())
    second = a_turn(first[2].key, "fine", "poor", turn=2, says="Well.", verdict=in_reverse)
    return Tree(persona, 0, [*first, *second])


@given(trees(), st.randoms(use_true_random=False))
def test_a_tree_does_not_depend_on_the_order_of_its_nodes(tree: Tree, random: Random) -> None:
    nodes = list(tree)
    random.shuffle(nodes)
    again, grown = Tree(tree.persona, tree.repeat, nodes), Tree(tree.persona, tree.repeat)
    for node in nodes:
        grown.add(node)
    for other in (again, grown):
        assert list(other) == list(tree)
        for user in tree.user_messages():
            assert other.candidates(user.key) == tree.candidates(user.key)
            assert other.verdicts(user.key) == tree.verdicts(user.key)
            assert other.belief(user.key) == tree.belief(user.key)
            assert other.history(user.key) == tree.history(user.key)


@given(trees())
def test_every_path_leads_from_the_root_along_parents(tree: Tree) -> None:
    for node in tree:
        path = tree.path(node.key)
        parents = [tree.key, *(each.key for each in path[:-1])]
        assert [each.parent for each in path] == parents
        assert path[-1] is tree[node.key]


@given(trees())
def test_history_alternates_between_user_and_assistant(tree: Tree) -> None:
    for user in tree.user_messages():
        roles = [message.role for message in tree.history(user.key)]
        assert roles == (["user", "assistant"] * len(roles))[: len(roles)]
        assert len(roles) == 2 * user.turn - 1


@given(trees())
def test_candidates_are_good_replies_in_order_of_place(tree: Tree) -> None:
    for user in tree.user_messages():
        found = tree.candidates(user.key)
        assert all(node.seat == ASSISTANT and node.failure is None for node in found)
        assert [node.place for node in found] == sorted({node.place for node in found})


@given(trees())
def test_failures_are_those_no_later_attempt_replaced(tree: Tree) -> None:
    latest: dict[tuple[str, str, int], Node] = {}
    for node in sorted(tree, key=lambda node: node.attempt):
        latest[node.parent, node.seat, node.place] = node
    lasting = {node.key for node in latest.values() if node.failure}
    assert {node.key for node in tree.failures()} == lasting


def test_history_is_the_dialogue_that_happened(persona: Persona) -> None:
    tree = two_turns(persona)
    last = tree.user_messages()[-1]
    assert tree.history(last.key) == [
        Message("user", "Hi."),
        Message("assistant", "bad"),
        Message("user", "Well."),
    ]
    assert tree.history(tree.key) == []


def test_only_the_reply_the_dialogue_went_on_from_is_continued(persona: Persona) -> None:
    tree = two_turns(persona)
    good, bad = tree.candidates(tree.user_messages()[0].key)
    assert (tree.continued(good.key), tree.continued(bad.key)) == (False, True)


def test_a_later_attempt_replaces_a_failed_one(persona: Persona) -> None:
    tree = Tree(persona)
    failed = a_node(tree.key, USER, failure=a_failure())
    retried = a_node(tree.key, USER, attempt=1, text="Hi.")
    for node in (retried, failed):
        tree.add(node)
    assert tree.children(tree.key, USER) == [retried]
    assert tree.attempts(failed.slot) == [failed, retried]
    assert tree.failures() == []


def test_a_later_failure_replaces_a_good_attempt(persona: Persona) -> None:
    tree = Tree(persona)
    user = a_node(tree.key, USER, text="Hi.")
    good = a_node(user.key, ASSISTANT, text="Hello.")
    failed = a_node(user.key, ASSISTANT, attempt=1, failure=a_failure())
    for node in (user, good, failed):
        tree.add(node)
    assert tree.candidates(user.key) == []
    assert tree.failures() == [failed]


def test_a_taken_slot_keeps_its_first_node(persona: Persona) -> None:
    tree = Tree(persona)
    first, second = (a_node(tree.key, USER, text=text) for text in ("first", "second"))
    tree.add(first)
    tree.add(second)
    assert tree.get(Slot(tree.key, USER)) is first
    assert tree.children(tree.key, USER) == [first]
    assert len(tree) == 1


def test_an_empty_slot_gives_none(persona: Persona) -> None:
    tree = Tree(persona)
    slot = Slot(tree.key, USER)
    assert tree.get(slot) is None
    assert slot.key not in tree


def test_seats_below_one_message_are_kept_apart(persona: Persona) -> None:
    tree = two_turns(persona)
    user = tree.user_messages()[0]
    assert [len(tree.children(user.key, seat)) for seat in (INDUCER, ASSISTANT, JUDGE)] == [1, 2, 1]


def test_no_belief_and_no_verdict_give_none(persona: Persona) -> None:
    tree = two_turns(persona)
    last = tree.candidates(tree.user_messages()[-1].key)[0]
    assert tree.belief(last.key) is None
    assert tree.verdict(last.key) is None
    assert tree.verdicts(last.key) == []


def test_a_failed_judge_gives_no_verdict(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b"))
    user = tree.user_messages()[0]
    tree.add(a_node(user.key, JUDGE, failure=a_failure()))
    assert tree.verdict(user.key) is None


@pytest.mark.parametrize("place", [0, 1])
def test_a_verdict_for_somebody_else_is_none_of_the_tree(persona: Persona, place: int) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b"))
    user = tree.user_messages()[0]
    keys = [node.key for node in tree.candidates(user.key)]
    notes = {AGAINST: "somebody", "protocol": "aloe"}
    tree.add(a_node(user.key, JUDGE, place=place, verdict=in_reverse(keys), notes=notes))
    assert tree.verdict(user.key) is tree.verdict(user.key, "scripted") is None
    assert tree.verdicts(user.key) == [] and list(preference_pairs(tree)) == []
    tree.add(a_node(user.key, JUDGE, place=1 - place, verdict=in_order(keys)))
    assert tree.verdicts(user.key) == [("scripted", in_order(keys))]
    assert [pair.chosen.text for pair in preference_pairs(tree)] == ["a"]


def test_nodes_are_found_by_the_start_of_their_key(persona: Persona) -> None:
    tree = two_turns(persona)
    for node in tree:
        assert tree.find(node.key) == [node]
    assert tree.find("") == list(tree)
    assert tree.find("zz") == []


def test_the_path_to_a_stranger_is_a_key_error(persona: Persona) -> None:
    with pytest.raises(KeyError, match="stranger"):
        two_turns(persona).path("stranger")


def test_repeats_of_a_persona_are_different_trees(persona: Persona) -> None:
    assert Tree(persona, 0).key != Tree(persona, 1).key


@given(trees())
def test_the_latest_attempt_is_the_last_of_all_attempts(tree: Tree) -> None:
    for node in tree:
        attempts = tree.attempts(node.slot)
        assert tree.latest(node.slot) is attempts[-1]
        assert tree.latest(node.slot._replace(attempt=0)) is attempts[-1]
        assert [each.attempt for each in attempts] == sorted({each.attempt for each in attempts})


def test_an_empty_place_has_no_latest_attempt(persona: Persona) -> None:
    assert Tree(persona).latest(Slot(Tree(persona).key, USER)) is None


def test_attempts_at_other_places_are_not_taken_for_this_ones(persona: Persona) -> None:
    tree = two_turns(persona)
    user = tree.user_messages()[0]
    tree.add(a_node(user.key, JUDGE, place=1, failure=a_failure()))
    latest = tree.latest(Slot(user.key, JUDGE, 0))
    assert latest and latest.verdict
