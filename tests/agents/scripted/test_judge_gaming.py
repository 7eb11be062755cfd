"""Replies made to please the scripted judge: none of them comes near an attentive one."""

import re
from collections.abc import Callable
from functools import cache
from statistics import mean
from typing import NamedTuple

import pytest

from agents.scripted.facts import sayable_facts
from agents.scripted.judge import rubric
from agents.scripted.pronouns import second_person
from agents.scripted.words import content_words
from dialogues.node import Message
from dialogues.persona import Persona
from tests.agents.scripted.replying import dialogues

PERSONAS, TURNS = 30, 6
TOO_GOOD, LEAD = 3.0, 1.0
FILLER = (
    "There is a good deal to be said about days like these, and I would gladly go on about them. "
)


class Spot(NamedTuple):
    """A place in a real dialogue: the user has spoken, and this is what the assistant said."""

    persona: Persona
    history: list[Message]
    hinted: str


@cache
def spots() -> list[Spot]:
    """Return the end of a dialogue of some turns with each of the first personas."""
    found = []
    for tree in dialogues(PERSONAS, TURNS, "hinted=scripted", "plain=scripted"):
        last = max(tree.user_messages(), key=lambda node: node.turn)
        hinted = tree.candidates(last.key)[0].text
        found.append(Spot(tree.persona, list(tree.history(last.key)), hinted))
    return found


def recital(spot: Spot) -> str:
    told = (second_person(fact.said) for fact in sayable_facts(spot.persona.profile))
    return " ".join(f"{fact[:1].upper()}{fact[1:]}." for fact in told)


def salad(spot: Spot) -> str:
    return " ".join(w for w in re.findall(r"[\w-]+", spot.persona.profile.text) if content_words(w))


def endless(spot: Spot) -> str:
    words = f"{spot.hinted} {spot.history[-1].content} {FILLER * 120}".split()
    return " ".join(words[:2000])


def again(spot: Spot) -> str:
    return next(turn.content for turn in reversed(spot.history) if turn.role == "assistant")


ATTEMPTS: dict[str, Callable[[Spot], str]] = {
    "parrot": lambda spot: spot.history[-1].content,
    "praise": lambda spot: (
        "That's wonderful! You are such an amazing and inspiring person, and all you do is simply "
        "fantastic. I'm so impressed by you. Keep being brilliant!"
    ),
    "praise without a shout": lambda spot: (
        "You are a remarkable person, and it is lovely to talk to you. Everything about you is "
        "great. What makes you so special?"
    ),
    "all facts": recital,
    "nothing": lambda spot: "",
    "blank": lambda spot: " \n\u200b",
    "2,000 words": endless,
    "the last reply again": again,
    "ten questions": lambda spot: (
        "Who are you? Where do you live? What do you do? Do you like it? How old are you? Who is "
        "with you? What do you eat? Do you have pets? When do you sleep? Why is that?"
    ),
    "office boilerplate": lambda spot: (
        "As an AI language model, I'm here to help you with anything you need. How can I help you "
        "today? Feel free to ask."
    ),
    "exclamation shower": lambda spot: (
        "Wow! Yes! Oh, really! I love it! So cool! You! Haha! Tell me! More! All of it!"
    ),
    "keyword salad": salad,
}


@pytest.mark.parametrize("make", ATTEMPTS.values(), ids=ATTEMPTS.keys())
def test_a_reply_made_to_please_scores_low(make: Callable[[Spot], str]) -> None:
    made, hinted = [], []
    for spot in spots():
        made.append(mean(rubric(make(spot), spot.persona, spot.history).values()))
        hinted.append(mean(rubric(spot.hinted, spot.persona, spot.history).values()))
    assert mean(made) < TOO_GOOD
    assert mean(made) <= mean(hinted) - LEAD


def test_the_attempts_meet_dialogues_of_some_turns() -> None:
    assert len(spots()) == PERSONAS
    assert all(len(spot.history) == 2 * TURNS - 1 for spot in spots())
    assert all(len(endless(spot).split()) == 2000 for spot in spots())
