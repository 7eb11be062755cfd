"""Topics: which side of life a statement is about, and how deep it lies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.lexicon import load_data
from agents.scripted.topics import (
    PERSONAL,
    PRIVATE,
    SMALL_TALK,
    Topic,
    depth_of,
    topic_of,
    topics_in,
)

LEXICON = load_data("topics.yaml")
NAMES = [*LEXICON, "other", "age"]


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("I am 47.", Topic("age", SMALL_TALK)),
        ("I'm 47 years old.", Topic("age", SMALL_TALK)),
        ("I'm forty-seven.", Topic("age", SMALL_TALK)),
        ("I have two dogs.", Topic("animal", SMALL_TALK)),
        ("I play the piano.", Topic("music", SMALL_TALK)),
        ("I have two sisters.", Topic("family", PERSONAL)),
        ("I lost my wife in 2017.", Topic("loss", PRIVATE)),
        ("I gamble.", Topic("secret", PRIVATE)),
        ("I have diabetes.", Topic("health", PRIVATE)),
        ("Xyzzy.", Topic("other", SMALL_TALK)),
        ("", Topic("other", SMALL_TALK)),
    ],
)
def test_a_statement_has_a_topic_and_a_depth(text: str, topic: Topic) -> None:
    assert topic_of(text) == topic


def test_a_private_word_makes_any_statement_private() -> None:
    assert topic_of("I play the piano and the cello in a band, and I steal.").depth == PRIVATE


@pytest.mark.parametrize("name", NAMES)
def test_every_topic_lies_at_one_of_three_depths(name: str) -> None:
    assert depth_of(name) in (SMALL_TALK, PERSONAL, PRIVATE)


@pytest.mark.parametrize("name", NAMES)
def test_every_topic_can_be_spoken_about(name: str) -> None:
    user, assistant = load_data("user.yaml"), load_data("assistant.yaml")
    banks = [user["elaborate"], assistant["remark"], assistant["question"]]
    assert all(len(bank[name]) >= 3 for bank in banks)


def test_no_bank_speaks_of_a_topic_nobody_knows() -> None:
    user, assistant = load_data("user.yaml"), load_data("assistant.yaml")
    for bank in (user["elaborate"], assistant["remark"], assistant["question"]):
        assert set(bank) == set(NAMES)


WORDS = st.sampled_from([word.strip("*") for entry in LEXICON.values() for word in entry["words"]])


@given(st.lists(WORDS, max_size=4).map(" and ".join) | st.text(max_size=40))
def test_the_topic_is_one_of_those_in_the_text(text: str) -> None:
    topic = topic_of(text)
    assert topic.name in topics_in(text) | {"age", "other"}
    assert depth_of(topic.name) <= topic.depth <= PRIVATE
    assert topic_of(text.upper()).name == topic.name or text.upper().lower() != text.lower()
