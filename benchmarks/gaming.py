"""Replies made to please the scripted judge, and what they score beside an attentive one."""

import re
from collections.abc import Callable, Sequence
from statistics import mean
from typing import NamedTuple

from agents.scripted.facts import sayable_facts
from agents.scripted.judge import rubric
from agents.scripted.pronouns import second_person
from agents.scripted.words import content_words
from dialogues import Persona, Tree
from dialogues.node import Message

FILLER = (
    "There is a good deal to be said about days like these, and I would gladly go on about them. "
)


class Spot(NamedTuple):
    """A place in a real dialogue: the user has spoken, and this is what the assistant said."""

    persona: Persona
    history: list[Message]
    hinted: str


def spots(trees: Sequence[Tree]) -> list[Spot]:
    """Return the end of each dialogue; its first candidate must be the hinted one."""
    last = [(tree, max(tree.user_messages(), key=lambda node: node.turn)) for tree in trees]
    return [
        Spot(tree.persona, tree.history(user.key), tree.candidates(user.key)[0].text)
        for tree, user in last
    ]


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


def mean_scores(found: Sequence[Spot], make: Callable[[Spot], str]) -> list[float]:
    """Return, for every spot, the mean over the criteria of what `make` says there."""
    return [mean(rubric(make(spot), spot.persona, spot.history).values()) for spot in found]


def gaming_figures(trees: Sequence[Tree]) -> None:
    """Print what each attempt scores, beside the hinted reply at the same spots."""
    found = spots(trees)
    print(
        f"judge: hinted replies at {len(found)} spots score {mean(mean_scores(found, _hinted)):.2f}"
    )
    for name, make in ATTEMPTS.items():
        print(f"judge: {name} scores {mean(mean_scores(found, make)):.2f}")


def _hinted(spot: Spot) -> str:
    return spot.hinted
