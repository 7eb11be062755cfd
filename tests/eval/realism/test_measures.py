"""Measures on talks made by hand: figures as constructed, and what must hold for any."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogues.node import ASSISTANT, USER
from dialogues.tree import Tree
from eval.realism import diversity
from eval.realism.cooperation import is_answer
from eval.realism.figures import Statistic, measured, ratio
from eval.realism.reference import compared
from eval.realism.revelation import newly_revealed
from eval.realism.talk import Line, Talk, sampled, talk_of
from tests.growing import a_failure, a_node, a_persona

MESSAGES = st.lists(
    st.sampled_from(
        ["Hi there, you.", "Hi there, me.", "Rain again?", "I am 40.", "👍", "One two"]
    ),
    min_size=1,
    max_size=4,
)


def a_talk(*said: str, key: str = "t", heard: str = "") -> Talk:
    lines = [Line(text, turn, heard * (turn > 1)) for turn, text in enumerate(said, start=1)]
    return Talk(key, tuple(lines))


def value(statistic: Statistic, talks: Sequence[Talk]) -> float:
    return measured(statistic, len(talks), 0).value


def test_first_messages_are_counted_by_their_words() -> None:
    talks = [a_talk(text) for text in ("Hi there, you!", "hi there you", "Hi there, me.", "So?")]
    assert value(diversity.distinct_first(talks), talks) == 3 / 4
    assert value(diversity.same_opening(talks), talks) == 2 / 4
    assert value(diversity.same_opening(talks[1:]), talks[1:]) == 0


def test_similarity_runs_from_nothing_in_common_to_the_same() -> None:
    assert value(diversity.similarity([a_talk("a b"), a_talk("c d")]), [a_talk("")] * 2) == 0
    same = [a_talk("same words"), a_talk("same words"), a_talk("same words")]
    assert value(diversity.similarity(same), same) == pytest.approx(1)
    emoji = [a_talk("👍"), a_talk("👍")]
    assert value(diversity.similarity(emoji), emoji) == 0


def test_distinct_words_and_pairs() -> None:
    talks = [a_talk("a b a", "b a"), a_talk("a b")]
    assert diversity.distinct(talks, 1) == pytest.approx(2 / 7, abs=1e-6)
    assert diversity.distinct(talks, 2) == pytest.approx(2 / 4)
    assert diversity.distinct([a_talk("👍")], 1) is None


def test_distinct_words_of_unequal_corpora_are_compared_at_one_length() -> None:
    few, many = [a_talk("a b c d")] * 2, [a_talk("a b c d")] * 40
    assert diversity.distinct(many, 1) != diversity.distinct(few, 1)
    figures = [value(diversity.distinct_among(each, 1, 8), each) for each in (few, many)]
    assert figures[0] == pytest.approx(figures[1])
    # Each of four words is missed by eight draws with a chance of 0.75 to the eighth.
    assert figures[0] == pytest.approx(4 * (1 - 0.75**8) / 8)


def test_lengths() -> None:
    talks = [a_talk("one", "one two three"), a_talk("one two")]
    assert value(diversity.mean_words(talks), talks) == 2
    assert value(diversity.spread_of_words(talks), talks) == pytest.approx(np.std([1, 3, 2]))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=8))
@settings(max_examples=20, deadline=None)
def test_a_share_lies_in_its_interval_and_both_in_bounds(parts: list[tuple[int, int]]) -> None:
    shares = [(min(pair), max(pair)) for pair in parts]
    found = measured(ratio(shares), len(shares), 1).estimate(0.0, 1.0)
    total = sum(of for _, of in shares)
    if not total:
        assert found == (None, None, None)
        return
    assert found.value == pytest.approx(sum(so for so, _ in shares) / total)
    if found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.value + 1e-9 and found.value - 1e-9 <= found.high <= 1


def test_one_dialogue_has_no_interval_and_more_have_narrower_ones() -> None:
    assert measured(ratio([(1, 2)]), 1, 0).estimate() == (0.5, None, None)
    errors = [measured(ratio([(0, 1), (1, 1)] * half), 2 * half, 0).error for half in (5, 50)]
    assert errors[1] == pytest.approx(errors[0] / 10**0.5, rel=0.1)
    assert errors[1] == pytest.approx(0.05, rel=0.1)


@given(st.lists(MESSAGES, min_size=2, max_size=5))
@settings(max_examples=5, deadline=None)
def test_nobody_differs_from_themselves(said: list[list[str]]) -> None:
    talks = [a_talk(*each, heard="Is it?") for each in said]
    for row in compared(talks, talks, "same", 0).rows:
        assert row.simulated.value == row.human.value
        assert row.difference.value in (0, None)


@pytest.mark.parametrize(
    ("heard", "said", "answers"),
    [
        ("Do you keep bees?", "Yes, in the garden.", True),
        ("Do you keep bees?", "Oh well, not really.", True),
        ("Do you keep bees?", "The bees are my sister's.", True),
        ("Nice. How many hives?", "I think seven.", True),
        ("What does your brother do?", "My uncle is the talker.", True),
        ("Good. What else is on your mind?", "I lost a glove.", True),
        ("Good. What else is on your mind?", "The kettle hums.", False),
        ("Do you keep bees?", "It rained.", False),
        ("Do you keep bees?", "I'd rather not talk about bees.", False),
        ("Do you keep bees?", "Nobody knows.", False),
    ],
)
def test_what_is_an_answer(heard: str, said: str, answers: bool) -> None:
    assert is_answer(heard, said) is answers


def forked(ends: bool = False) -> Tree:
    """Return a tree with two paths of two messages, one of which has a failed third."""
    tree = Tree(a_persona())
    first = a_node(tree.key, USER, text="Hello.", notes={"reveals": "nonsense", "acts": ["greet"]})
    replies = [a_node(first.key, ASSISTANT, place=at, text=f"Reply {at}?") for at in (0, 1)]
    seconds = [
        a_node(reply.key, USER, 2, text=f"To {at}.", ends=ends) for at, reply in enumerate(replies)
    ]
    failed = a_node(seconds[0].key, ASSISTANT, 2, failure=a_failure())
    for node in (first, *replies, *seconds, failed):
        tree.add(node)
    return tree


def test_one_path_of_a_tree_is_drawn() -> None:
    drawn = {talk.lines[1] for seed in range(20) if (talk := talk_of(forked(), 5, seed))}
    assert {(line.heard, line.text) for line in drawn} == {
        ("Reply 0?", "To 0."),
        ("Reply 1?", "To 1."),
    }
    talk = talk_of(forked(), 5, 0)
    assert talk and talk.lines[0].reveals is None and talk.lines[0].acts == ("greet",)
    assert [message.role for message in talk.history()] == ["user", "assistant", "user"]
    assert talk_of(Tree(a_persona()), 5, 0) is None


@pytest.mark.parametrize(
    ("ends", "turns", "left"), [(True, 5, True), (True, 2, False), (False, 5, False)]
)
def test_who_leaves_before_the_end_left_early(ends: bool, turns: int, left: bool) -> None:
    talk = talk_of(forked(ends), turns, 0)
    assert talk and talk.left is left


def test_a_fact_is_revealed_once() -> None:
    persona = a_persona()
    facts = persona.profile.facts
    said = (facts[2].text, f"{facts[2].text} {facts[3].text}", "Nothing.")
    lines = tuple(Line(text, turn) for turn, text in enumerate(said, start=1))
    talk = Talk("t", lines, "user", persona)
    assert newly_revealed(talk) == [{facts[2].id}, {facts[3].id}, set()]


@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 5))
def test_a_sample_keeps_the_order(count: int, wanted: int, seed: int) -> None:
    talks = [a_talk("Hi.", key=str(at)) for at in range(count)]
    keys = [int(talk.key) for talk in sampled(talks, wanted, seed)]
    assert len(keys) == min(count, wanted) and keys == sorted(set(keys))
