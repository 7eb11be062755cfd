"""Content words and the language of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.lexicon import load_words
from agents.scripted.words import content_words, coverage, is_english
from tests.agents.scripted.talking import POOL


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I like bees.", "a BEE"),
        ("She has hobbies.", "a hobby"),
        ("I baked it.", "baking"),
        ("I don’t weld.", "welding, don't you?"),
    ],
)
def test_inflected_words_are_the_same(one: str, other: str) -> None:
    assert content_words(one) == content_words(other) != frozenset()


def test_common_words_tell_nothing() -> None:
    assert content_words("It is what it is, and that is that.") == frozenset()


@given(st.text(max_size=60))
def test_content_words_are_lower_case_and_not_common(text: str) -> None:
    words = content_words(text)
    assert all(word == word.lower() and len(word) > 1 for word in words)
    assert content_words("") == frozenset()


def test_the_shipped_pool_is_english() -> None:
    halves = (*POOL.profiles, *POOL.personalities)
    assert [half.text for half in halves if not is_english(half.text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Er ist 47 und wohnt mit seiner Frau in einem kleinen Haus am Rand von Bremen.",
        "Elle a trente ans et travaille dans une boulangerie près de la gare de Lyon.",
        "Tiene dos perros y toca la guitarra en una banda de Sevilla los domingos.",
        "Ma 47 lat i mieszka z mężem w małym mieszkaniu nad morzem.",
        "他今年四十七岁 住在杭州 养了两只猫。",
    ],
)
def test_other_languages_are_told_apart(text: str) -> None:
    assert not is_english(text)


def test_the_list_of_common_words_holds_words() -> None:
    assert {"the", "and", "i"} <= load_words("common_words.txt")


def test_coverage_is_the_share_of_telling_words_heard() -> None:
    heard = content_words("I keep bees and weld.")
    assert coverage("Bees sting.", heard) == 0.5
    assert coverage("It is so.", heard) == 0.0
