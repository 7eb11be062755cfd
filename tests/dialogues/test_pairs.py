"""Preference pairs: only of siblings a verdict orders strictly."""

from hypothesis import given
from hypothesis import strategies as st

from dialogues import Node, Persona, Tree, Verdict
from dialogues.choice import Chooser, verdict_chooser
from dialogues.node import ASSISTANT, JUDGE
from dialogues.pairs import Pair, judged_sets, preference_pairs
from tests.growing import a_failure, a_node, a_turn, all_tied, in_order, in_reverse, ranked
from tests.strategies import trees

choosers = st.sampled_from((None, "majority", "scripted", "panel", "human")).map(verdict_chooser)


def texts(tree: Tree, *, best_worst: bool = False) -> list[tuple[str, str]]:
    """Return the pairs of a tree as texts."""
    pairs = preference_pairs(tree, best_worst=best_worst)
    return [(pair.chosen.text, pair.rejected.text) for pair in pairs]


@given(trees(), choosers)
def test_pairs_are_just_the_good_siblings_a_verdict_orders_strictly(
    tree: Tree, choose: Chooser
) -> None:
    expected = set()
    for user in tree.user_messages():
        verdict = choose(tree, user.key)
        good = [n for n in tree.children(user.key, ASSISTANT) if n.failure is None]
        tiers = dict(enumerate(verdict.ranking)) if verdict else {}
        rank = {key: tier for tier, keys in tiers.items() for key in keys}
        expected |= {
            (better.key, worse.key)
            for better in good
            for worse in good
            if better.key in rank and worse.key in rank
            if rank[better.key] < rank[worse.key] and better.text != worse.text
        }
    found = [(pair.chosen.key, pair.rejected.key) for pair in preference_pairs(tree, choose)]
    assert len(found) == len(set(found))
    assert set(found) == expected


@given(trees(), choosers)
def test_margins_and_confidences_are_shares(tree: Tree, choose: Chooser) -> None:
    for pair in preference_pairs(tree, choose):
        assert 0 <= pair.margin <= 1
        assert 0 <= pair.verdict.confidence <= 1


@given(trees(), choosers)
def test_best_worst_gives_one_of_the_pairs_per_set_and_no_other_is_wider(
    tree: Tree, choose: Chooser
) -> None:
    everything = list(preference_pairs(tree, choose))
    widest = {pair.user.key: pair for pair in preference_pairs(tree, choose, best_worst=True)}
    assert widest.keys() == {pair.user.key for pair in everything}

    def distance(pair: Pair) -> int:
        return pair.verdict.tier(pair.rejected.key) - pair.verdict.tier(pair.chosen.key)

    for pair in everything:
        assert distance(pair) <= distance(widest[pair.user.key])


@given(trees(), choosers)
def test_the_candidates_of_a_set_come_best_first(tree: Tree, choose: Chooser) -> None:
    for judged in judged_sets(tree, choose):
        tiers = [judged.verdict.tier(node.key) for node in judged.candidates]
        assert tiers == sorted(tiers)
        assert all(node.failure is None for node in judged.candidates)
        assert {node.key for node in judged.preferred} <= set(judged.verdict.preferred)


def test_three_ordered_siblings_make_three_pairs(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b", "c", verdict=in_order))
    assert texts(tree) == [("a", "b"), ("a", "c"), ("b", "c")]
    assert texts(tree, best_worst=True) == [("a", "c")]


def test_tied_siblings_make_no_pair(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b", verdict=all_tied))
    assert texts(tree) == []


def test_identical_siblings_make_no_pair(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "a", verdict=in_order))
    assert texts(tree) == []


def test_where_the_widest_pair_is_identical_best_worst_takes_the_next(persona: Persona) -> None:
    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b", "a", verdict=in_order))
    assert texts(tree, best_worst=True) in ([("a", "b")], [("b", "a")])


def test_unjudged_siblings_make_no_pair(persona: Persona) -> None:
    assert texts(Tree(persona, 0, a_turn(Tree(persona).key, "a", "b"))) == []


def test_a_reply_that_failed_later_is_in_no_pair(persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "a", "b", "c", verdict=in_reverse)
    failed = a_node(nodes[0].key, ASSISTANT, place=2, attempt=1, failure=a_failure())
    assert texts(Tree(persona, 0, [*nodes, failed])) == [("b", "a")]


def test_a_verdict_on_some_of_the_siblings_pairs_only_those(persona: Persona) -> None:
    def of_two(keys: list[str]) -> Verdict:
        return ranked([keys[2]], [keys[0]])

    tree = Tree(persona, 0, a_turn(Tree(persona).key, "a", "b", "c", verdict=of_two))
    assert texts(tree) == [("c", "a")]


def test_both_branches_of_a_fork_make_pairs(persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    forks: list[Node] = []
    for reply in nodes[1:3]:
        forks += a_turn(reply.key, f"{reply.text}1", f"{reply.text}2", turn=2, verdict=in_order)
    tree = Tree(persona, 0, [*nodes, *forks])
    assert sorted(texts(tree)) == [("a", "b"), ("a1", "a2"), ("b1", "b2")]


def test_the_chooser_says_which_verdict_orders_the_pair(persona: Persona) -> None:
    nodes = a_turn(Tree(persona).key, "a", "b", verdict=in_order)
    verdict = in_reverse([node.key for node in nodes[1:3]])
    nodes.append(a_node(nodes[0].key, JUDGE, place=1, spec="human", verdict=verdict))
    tree = Tree(persona, 0, nodes)
    (pair,) = preference_pairs(tree, verdict_chooser("human"))
    assert (pair.chosen.text, pair.rejected.text) == ("b", "a")
