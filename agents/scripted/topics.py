"""Topics: which side of life a statement is about, and how deep it lies."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from agents.scripted.lexicon import load_data, matcher

SMALL_TALK, PERSONAL, PRIVATE = 1, 2, 3
"""Depths of disclosure, after Altman and Taylor's social penetration theory."""

_FIRST, _OF_ROUTINE = 0.6, 0.4
_AGE = re.compile(r"(?:i am|i'm|is|am) (?:\d+|[a-z]+-[a-z]+)(?: years old)?\.?$")


class Topic(NamedTuple):
    """A side of life, and the depth at which it is told of."""

    name: str
    depth: int


@lru_cache(maxsize=8192)
def topic_of(text: str) -> Topic:
    """Return the topic most of the telling words point to; a private word makes it private."""
    text = text.lower()
    if _AGE.search(text):
        return Topic("age", SMALL_TALK)
    weights = _weights(text)
    if not weights:
        return Topic("other", SMALL_TALK)
    name = max(weights, key=lambda each: weights[each])
    depths = {each: depth_of(each) for each in weights}
    depth = max(deep for each, deep in depths.items() if each == name or deep == PRIVATE)
    return Topic(name, depth)


@lru_cache(maxsize=8192)
def topics_in(text: str) -> frozenset[str]:
    """Return the names of all topics that `text` touches."""
    return frozenset(_weights(text.lower()))


def depth_of(name: str) -> int:
    """Return the depth at which a topic lies."""
    return _lexicon()[name][0] if name in _lexicon() else SMALL_TALK


def _weights(text: str) -> dict[str, float]:
    """Weigh the topics by their words; the first word tells most, one of routine least."""
    found = {
        name: [match.start() for match in pattern.finditer(text)]
        for name, (_, pattern) in _lexicon().items()
    }
    first = min((starts[0] for starts in found.values() if starts), default=0)
    return {
        name: len(starts) * (_OF_ROUTINE if name == "habit" else 1) + (starts[0] == first) * _FIRST
        for name, starts in found.items()
        if starts
    }


@cache
def _lexicon() -> dict[str, tuple[int, re.Pattern[str]]]:
    data = load_data("topics.yaml")
    return {name: (entry["depth"], matcher(entry["words"])) for name, entry in data.items()}
