"""Hints: beliefs of any inducer, in the words of the user."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.hints import as_spoken


@pytest.mark.parametrize(
    ("facts", "spoken"),
    [
        (["I keep bees.", "My sister welds."], ["I keep bees.", "My sister welds."]),
        (["Ann Berg is 40.", "She keeps bees.", "Ann lives in Rome."],
         ["I am 40.", "I keep bees.", "I live in Rome."]),
        (["The user keeps bees.", "This person is shy."], ["I keep bees.", "I am shy."]),
        (["They keep bees."], ["I keep bees."]),
    ],
)  # fmt: skip
def test_facts_of_any_person_are_said_in_the_first(facts: list[str], spoken: list[str]) -> None:
    assert as_spoken(facts) == spoken


@pytest.mark.parametrize(
    "fact",
    ["Bees sting.", "Her mother says she is lazy.", 'She wrote "no".', "", " ", "?", "Likes tea"],
)
def test_what_cannot_surely_be_turned_is_left_out(fact: str) -> None:
    assert as_spoken([fact, "I weld."]) == ["I weld."]


@given(st.lists(st.text(max_size=60), max_size=5))
def test_any_texts_give_statements_of_the_speaker(facts: list[str]) -> None:
    assert all(said.startswith(("I", "My", "We", "Our")) for said in as_spoken(facts))
