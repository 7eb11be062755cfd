"""Listening: what the assistant's last message did, as the user takes it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.listening import Heard, hear, question_kind
from tests.agents.scripted.talking import history

BEES = "I keep bees on the roof of a bakery."


def heard(reply: str, *before: str) -> Heard:
    """Return how `reply` is taken, after earlier messages if there were any."""
    found = hear(history(*(before or (BEES,)), reply))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What else?", "invite"),
        ("Would you like to tell me more?", "invite"),
        ("How did you come to that?", "begin"),
        ("What made you leave?", "begin"),
        ("Why do you do that?", "why"),
        ("Who taught you?", "who"),
        ("How long have you done that?", "when"),
        ("When do you sleep?", "when"),
        ("How do you feel about it?", "feel"),
        ("What is it like for you?", "feel"),
        ("How do you do that?", "how"),
        ("Do you like it?", "yesno"),
        ("And do you like it?", "yesno"),
        ("On a Sunday, do you rest?", "yesno"),
        ("Is it hot or cold?", "general"),
        ("Which one is it?", "general"),
    ],
)
def test_a_question_has_a_kind(question: str, kind: str) -> None:
    assert question_kind(question) == kind


def test_nothing_is_heard_before_the_assistant_spoke() -> None:
    assert hear([]) is None
    assert hear(history(BEES)) is None


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("Bees on a bakery roof, so be it.", {"takes_up": True}),
        ("I see what you mean.", {"acknowledges": True, "takes_up": False}),
        ("My own garden is small.", {"reciprocates": True}),
        ("Amazing. You are a genius.", {"flatters": True}),
        ("Wonderful.", {"flatters": False}),
        ("Do you swim? Do you ski?", {"interrogates": True}),
        ("Do you swim?", {"interrogates": False, "ignores": True}),
        ("There is a lot to say for it. Do you swim? Do you ski?", {"interrogates": False}),
        ("Trains run every hour.", {"ignores": True, "question": ""}),
        ("I see what you mean. Why?", {"question": "why", "ignores": False}),
        ("I see. What do your dogs eat?", {"topics": frozenset({"animal", "food"})}),
    ],
)
def test_a_reply_shows_how_it_listened(reply: str, shown: dict[str, Any]) -> None:
    taken = heard(reply)
    assert {name: getattr(taken, name) for name in shown} == shown


def test_it_is_noticed_that_something_earlier_is_recalled() -> None:
    taken = heard("Do the bees like the bakery?", BEES, "I see.", "I swim.")
    assert taken.recalls and not taken.takes_up


def test_what_was_said_only_now_is_not_recalled() -> None:
    assert not heard("Do the bees like the bakery?").recalls


def test_a_repeated_sentence_is_noticed_in_any_writing() -> None:
    assert heard("So that is THAT. Why?", BEES, "So that is that!", "I swim.").repeats
    assert not heard("So be it.", BEES, "So that is that!", "I swim.").repeats


def test_three_replies_of_bare_questions_are_an_interrogation() -> None:
    asked = (BEES, "Why?", "So.", "When?", "So.")
    assert heard("Who?", *asked).interrogates
    assert not heard("Quite a thing to hear about today. Who?", *asked).interrogates
    told_once = (BEES, "Quite a thing to hear about today.", "So.", "Why?", "So.")
    assert not heard("Who?", *told_once).interrogates


def test_who_interrogates_is_not_charged_with_ignoring_as_well() -> None:
    taken = heard("Do you swim? Do you ski?")
    assert taken.interrogates and not taken.ignores


@given(st.lists(st.text(max_size=40), min_size=2, max_size=7))
def test_any_dialogue_can_be_heard(texts: list[str]) -> None:
    taken = hear(history(*texts))
    assert isinstance(taken, Heard)
    assert not (taken.ignores and (taken.takes_up or taken.recalls or taken.acknowledges))


@given(st.text(max_size=40))
def test_every_question_has_a_kind(text: str) -> None:
    assert question_kind(text + "?")
