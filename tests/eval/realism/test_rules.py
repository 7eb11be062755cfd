"""The offline rules: what they must see, and what they must pass over."""

import asyncio

import pytest

from agents.scripted.facts import sayable_facts
from dialogues.node import Message
from dialogues.persona import Persona, Personality, Profile
from dialogues.pool import load_pool
from eval.realism.rules import Rules
from eval.realism.wording import clauses, in_figures, negated, numbers

PROFILE = (
    "Ada Quill is 52 and mends clocks in Bath. She never married. She lives with two greyhounds "
    "above her shop. She has no children. She does not eat river fish. She won three prizes for "
    "her clocks in 1998."
)


def against_persona(message: str, profile: str = PROFILE) -> str | None:
    persona = Persona(profile=Profile.of(profile), personality=Personality.of("She is dry."))
    return asyncio.run(Rules().against_persona(persona, [Message("user", message)], 0))


def against_earlier(*said: str) -> str | None:
    return asyncio.run(Rules().against_earlier([Message("user", text) for text in said], 0))


@pytest.mark.parametrize(
    "message",
    [
        "I'm 25, and new here.",
        "Well. I am forty-one years old.",
        "I’m a 37-year-old clock mender.",
        "I live with three greyhounds above my shop.",
        "I live with no greyhounds above my shop.",
        "I love to eat river fish.",
        "My husband is a bore.",
        "My youngest daughter called.",
        "I never won prizes for my clocks.",
    ],
)
def test_what_contradicts_is_seen(message: str) -> None:
    found = against_persona(message)
    assert found and found in in_figures(message)


@pytest.mark.parametrize(
    "message",
    [
        "I'm 52, and new here.",
        "I'm 15 minutes late, sorry.",
        "I'm almost 53!",
        "I live with two greyhounds above my shop, and they ate 12 shoes.",
        "I don't eat river fish.",
        "Do you live with three greyhounds, too?",
        "I can't believe I won prizes for my clocks.",
        "My sister's husband is a bore.",
        "A daughter would have been nice.",
        "Lovely weather!",
        "It's nothing I'd not tell everybody, but I live with two greyhounds above my shop.",
        "For 40 years I heard two clocks above my shop each night, and loved that.",
    ],
)
def test_what_does_not_contradict_is_passed_over(message: str) -> None:
    assert against_persona(message) is None


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (("I'm 52.", "I'm 61, you know."), "I'm 61, you know."),
        (("I never married.", "My wife is away."), "My wife is away."),
        (("I own four old clocks.", "I own seven old clocks."), "I own 7 old clocks."),
        (("I like walking dogs in Bath.", "I don't like walking dogs in Bath."), "I don't like"),
        (("I'm 52.", "Oh yes.", "I am 52 indeed."), None),
        (("My daughter is 12.", "I'm 52."), None),
        (("Do you own four old clocks?", "I own seven old clocks."), None),
    ],
)
def test_a_message_is_held_against_those_before(said: tuple[str, ...], found: str | None) -> None:
    got = against_earlier(*said)
    assert got is None if found is None else bool(got and got.startswith(found))


def test_what_the_assistant_said_binds_nobody() -> None:
    history = [Message("assistant", "I'm 30."), Message("user", "I'm 52.")]
    assert asyncio.run(Rules().against_earlier(history, 0)) is None


def test_a_quiz_is_answered_from_words_and_wrong_where_a_number_differs() -> None:
    said = "I, Ada, mend clocks in Bath. I live with seven greyhounds above my shop, no joke."
    profile = Profile.of(PROFILE)
    given = asyncio.run(Rules().quizzed(profile, [Message("user", said)], 0))
    told = dict(zip((fact.text for fact in profile.facts), given, strict=True))
    assert told["Ada Quill mends clocks in Bath."] is True
    assert told["She lives with two greyhounds above her shop."] is False
    assert told["She has no children."] is None


def test_facts_told_word_for_word_never_contradict_their_profile() -> None:
    for profile in load_pool().profiles:
        for fact in sayable_facts(profile):
            assert against_persona(fact.said, profile.text) is None, fact.said


def test_numbers_are_read_in_words_and_figures() -> None:
    said = in_figures("Twenty-one or thirty boats, 1,200 nets, no one else.")
    assert numbers(said) == {"21", "30", "1200"}


def test_a_negation_ends_with_its_clause() -> None:
    found = [negated(each) for each in clauses("I would not, but fishing never pays; no dogs.")]
    assert found == [set(), {"pays"}, {"dogs"}]
