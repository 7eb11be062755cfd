"""Retrieval over a history: what is nearest, ties, and what is always kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.prompted.retrieval import recalled, related
from tests.agents.prompted.asking import chat

words = st.sampled_from(["bees", "a clock", "the sea", "!", "Ω", "蜜蜂", "\u200b"])
texts = st.lists(words, min_size=1, max_size=4).map(" ".join)


def test_what_shares_rare_words_with_the_message_is_nearest() -> None:
    known = ["I keep bees.", "I mend clocks.", "I swim in the sea.", "My bee hives are full."]
    assert related(known, "Tell me of the bees!", 2) == [0, 3]
    assert related(known, "Which clock?", 1) == [1]


def test_languages_without_spaces_between_words_are_searched_too() -> None:
    assert related(["我修理旧钟表", "我养蜜蜂很多年", "我喜欢游泳"], "蜜蜂怎么样", 1) == [1]


@pytest.mark.parametrize("query", ["xyz", "bees"])
def test_of_equally_near_texts_the_first_are_taken(query: str) -> None:
    assert related(["bees"] * 5, query, 2) == [0, 1]


@given(st.lists(texts, max_size=8), texts, st.integers(0, 5))
def test_so_many_places_as_asked_for_in_order_whatever_was_said(
    known: list[str], query: str, count: int
) -> None:
    places = related(known, query, count)
    assert len(places) == min(count, len(known))
    assert places == sorted(set(places)) and set(places) <= set(range(len(known)))


@given(st.lists(texts, min_size=1, max_size=15).filter(lambda said: len(said) % 2 == 1))
def test_the_last_exchange_stays_and_of_the_rest_whole_exchanges(said: list[str]) -> None:
    history = chat(*(f"{text} {place}" for place, text in enumerate(said)))
    kept = recalled(history)
    assert kept[-3:] == history[-3:] and len(kept) == min(len(history), 11)
    places = [history.index(message) for message in kept[:-3]]
    assert places == sorted(places)
    assert [place + 1 for place in places[::2]] == places[1::2]
    assert all(place % 2 == 0 for place in places[::2])
