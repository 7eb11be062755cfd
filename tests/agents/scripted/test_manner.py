"""Manner: fragments, typing errors, exclamation marks and emoji."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.draws import Draws
from agents.scripted.manner import (
    exclaimed,
    fragment,
    may_exclaim,
    may_use_emoji,
    with_emoji,
    with_typo,
)

seeds = st.integers(0, 2**31)


@pytest.mark.parametrize(
    ("sentence", "short"),
    [
        ("I keep bees in Bath.", "Keep bees in Bath."),
        ("I am 47.", "I am 47."),
        ("I'm 47.", "I'm 47."),
        ("I have two dogs.", "I have two dogs."),
        ("I lost a ring.", "I lost a ring."),
        ("My sister keeps bees.", "My sister keeps bees."),
        ("", ""),
    ],
)
def test_only_a_plain_everyday_fact_becomes_a_fragment(sentence: str, short: str) -> None:
    assert fragment(sentence) == short


@given(st.text(max_size=60), seeds)
def test_a_typing_error_swaps_two_letters_and_loses_none(text: str, seed: int) -> None:
    wrong = with_typo(text, Draws(seed))
    assert Counter(wrong) == Counter(text)
    assert sum(a != b for a, b in zip(wrong, text, strict=True)) in (0, 2)


@given(seeds)
def test_names_and_numbers_keep_their_spelling(seed: int) -> None:
    text = "Marta Wilkinson, 1977, has a cat in Gdynia."
    assert with_typo(text, Draws(seed)) == text


@given(seeds)
def test_a_misspelt_word_keeps_its_first_and_last_letter(seed: int) -> None:
    wrong = with_typo("badger", Draws(seed))
    assert (wrong[0], wrong[-1]) == ("b", "r")


def test_a_statement_is_often_exclaimed_and_a_question_never() -> None:
    tries = [exclaimed("I swim.", Draws(seed)) for seed in range(100)]
    assert 30 < tries.count("I swim!") < 90 and set(tries) == {"I swim!", "I swim."}
    assert {exclaimed("Why?", Draws(seed)) for seed in range(20)} == {"Why?"}


@given(st.text(max_size=20), seeds)
def test_an_emoji_comes_last(text: str, seed: int) -> None:
    smiling = with_emoji(text, Draws(seed))
    assert smiling.startswith(f"{text} ") and not smiling[len(text) + 1 :].isascii()


@pytest.mark.parametrize(
    ("poles", "exclaims", "smiles"),
    [
        ({"lively"}, True, False),
        ({"lively", "formal"}, False, False),
        ({"flat"}, False, False),
        ({"lively", "casual"}, True, True),
        ({"humorous", "casual"}, False, True),
        ({"casual"}, False, False),
        (set(), False, False),
    ],
)
def test_who_exclaims_and_who_smiles(poles: set[str], exclaims: bool, smiles: bool) -> None:
    manner = frozenset(poles)
    assert (may_exclaim(manner), may_use_emoji(manner)) == (exclaims, smiles)
