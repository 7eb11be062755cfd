"""Picks: everything that can be typed is a verdict on all replies, or one line on why not."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.choice import HUMAN
from dialogues.errors import UsageError
from dialogues.node import JUDGE
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from graphs.chatting.picking import Agreement, agreements, picked
from tests.growing import a_node, a_persona, a_turn, in_order, ranked

KEYS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("typed", "ranking"),
    [
        ("2", (("b",), ("a", "c"))),
        ("=", (("a", "b", "c"),)),
        ("3>1>2", (("c",), ("a",), ("b",))),
        ("3=1>2", (("c", "a"), ("b",))),
        (" 2 > 1 = 3 ", (("b",), ("a", "c"))),
        ("1=2", (("a", "b"), ("c",))),
        ("1=2=3", (("a", "b", "c"),)),
    ],
)
def test_an_order(typed: str, ranking: tuple[tuple[str, ...], ...]) -> None:
    assert picked(typed, KEYS).ranking == ranking
    assert picked(f"{typed.strip()} for a reason\nof two lines", KEYS).ranking == ranking


def test_a_reason_and_the_order_shown_are_kept() -> None:
    verdict = picked("2>1 it asks", KEYS)
    assert (verdict.reasons, verdict.orders) == ({"b": "it asks"}, (("a", "b", "c"),))


@given(st.text(max_size=30) | st.from_regex(r"[0-9=> ]{0,12}( .*)?", fullmatch=True))
def test_anything_is_a_pick_of_all_replies_or_a_usage_error(typed: str) -> None:
    try:
        verdict = picked(typed, KEYS)
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert verdict.of == {*KEYS}
        assert Verdict.model_validate(verdict.model_dump(mode="json")) == verdict
        assert verdict.margin == (0 if len(verdict.ranking) == 1 else 1)


@given(st.permutations(range(1, 6)), st.lists(st.sampled_from("=>"), min_size=4, max_size=4))
def test_every_order_can_be_typed(numbers: list[int], signs: list[str]) -> None:
    keys = list("abcde")
    typed = str(numbers[0])
    for sign, number in zip(signs, numbers[1:], strict=True):
        typed += f"{sign}{number}"
    verdict = picked(typed, keys)
    for (one, other), sign in zip(pairwise(numbers), signs, strict=True):
        assert verdict.order(keys[one - 1], keys[other - 1]) == (sign == ">")


def judged(person: Verdict | None) -> Tree:
    """Return a tree of a turn with three replies, ranked as they stand by the judge."""
    tree = Tree(a_persona())
    nodes = a_turn(tree.key, "x", "y", "z", verdict=in_order)
    if person:
        nodes.append(a_node(nodes[0].key, JUDGE, place=1, spec=HUMAN, verdict=person))
    for node in nodes:
        tree.add(node)
    return tree


def test_pairs_that_both_order_are_compared() -> None:
    tree = judged(None)
    one, two, three = [node.key for node in tree.candidates(tree.user_messages()[0].key)]
    for person, agreement in (
        (ranked([one], [two], [three]), Agreement(3, 3, 1)),
        (ranked([one], [three], [two]), Agreement(2, 3, 1)),
        (ranked([three], [one, two]), Agreement(0, 2, 1)),
        (ranked([one, two, three]), Agreement(0, 0, 1)),
    ):
        assert agreements(judged(person)) == {"scripted": agreement}
    assert agreements(judged(ranked([one], [two]))) == {}
    assert agreements(tree) == {}
