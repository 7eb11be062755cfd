"""Temperament: the poles of a personality, read from its words."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.lexicon import load_data
from agents.scripted.temperament import OPPOSITES, by_pole, lean
from tests.agents.scripted.talking import POOL, manner

BOTH_WAYS = OPPOSITES | {second: first for first, second in OPPOSITES.items()}
KEY = [
    json.loads(line)
    for line in (Path(__file__).parent / "personality_key.jsonl").read_text().splitlines()
]
WORDS = [word.strip("*") for words in load_data("traits.yaml").values() for word in words]


def test_the_key_has_a_record_for_each_shipped_personality() -> None:
    assert len(KEY) == len(POOL.personalities)
    assert {pole for record in KEY for pole in record.values()} <= BOTH_WAYS.keys()


def test_most_poles_of_the_key_are_read_and_hardly_any_as_its_opposite() -> None:
    read = right = wrong = 0
    for personality, record in zip(POOL.personalities, KEY, strict=True):
        poles = manner(personality.text)
        read += len(record)
        right += len(poles & set(record.values()))
        wrong += len(poles & {BOTH_WAYS[pole] for pole in record.values()})
    assert right >= 0.85 * read
    assert wrong <= 0.05 * read


@pytest.mark.parametrize(
    ("text", "poles"),
    [
        ("He is terse.", {"terse"}),
        ("She is VERY Talkative.", {"talkative"}),
        ("They are not formal.", {"casual"}),
        ("She doesn’t trust people.", {"sceptical"}),
        ("He is blunt and not hesitant.", {"blunt"}),
        ("He is terse. He is talkative.", {"terse"}),
        ("He is odd.", set()),
    ],
)
def test_poles_are_read_from_words(text: str, poles: set[str]) -> None:
    assert manner(text) == poles


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=12))
def test_nobody_stands_at_both_poles_of_a_dimension(words: list[str]) -> None:
    poles = manner(f"They are {', '.join(words)}.")
    assert poles <= BOTH_WAYS.keys()
    assert not poles & {BOTH_WAYS[pole] for pole in poles}


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
def test_line_breaks_and_capitals_change_nothing(words: list[str]) -> None:
    text = f"They are {', '.join(words)}."
    assert manner(text) == manner(text.replace(" ", "\n ").title())


def test_the_lexicon_has_words_for_every_pole() -> None:
    assert load_data("traits.yaml").keys() == BOTH_WAYS.keys()


def test_the_least_of_the_numbers_for_ones_poles_counts() -> None:
    numbers = {"terse": 0.2, "warm": 0.5}
    assert by_pole(frozenset({"terse", "warm", "open"}), numbers, 0.9) == 0.2
    assert by_pole(frozenset({"open"}), numbers, 0.9) == 0.9


@pytest.mark.parametrize(("pole", "leaning"), [("warm", 1), ("cool", -1), ("open", 0)])
def test_leaning_counts_from_the_pole_asked_for(pole: str, leaning: int) -> None:
    assert lean(frozenset({"warm"}), pole) == leaning
