"""Temperament: at which poles of ten dimensions a personality stands, read from its words.

What the scripted user says and how depends on it (Mairesse and Walker 2007 map personality to
parameters of language in the same spirit), and so does what the scripted judge likes.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from agents.scripted.lexicon import load_data, matcher
from dialogues.persona import Personality

OPPOSITES = {
    "talkative": "terse",
    "lively": "flat",
    "hesitant": "blunt",
    "formal": "casual",
    "humorous": "serious",
    "curious": "incurious",
    "open": "guarded",
    "warm": "cool",
    "patient": "impatient",
    "trusting": "sceptical",
}
"""The ten dimensions, each by its two poles."""

Temperament = frozenset[str]
"""The poles a person stands at; at most one of a dimension, empty for a neutral manner."""

_NEGATION = re.compile(
    r"\b(?:not|never|seldom|rarely|hardly|no|little|without|less|dislikes?|avoids?|"
    r"lacks?|than|nor|do(?:es)?n't|isn't|aren't)(?: \w+){0,2} $"
)


def temperament_of(personality: Personality) -> Temperament:
    """Read the poles that most trait words of the text point to."""
    return _read(personality.text)


def lean(temperament: Temperament, pole: str) -> int:
    """Return 1 at `pole`, -1 at its opposite, 0 between."""
    opposite = _OPPOSITE[pole]
    return (pole in temperament) - (opposite in temperament)


def by_pole(temperament: Temperament, numbers: Mapping[str, float], otherwise: float) -> float:
    """Return the least of the numbers for the poles a person stands at, else `otherwise`."""
    return min((numbers[pole] for pole in numbers if pole in temperament), default=otherwise)


_OPPOSITE = OPPOSITES | {second: first for first, second in OPPOSITES.items()}


@lru_cache(maxsize=4096)
def _read(text: str) -> Temperament:
    text = " ".join(text.lower().replace("’", "'").split())
    poles = set()
    for first, second in OPPOSITES.items():
        found = sorted([*_evidence(text, first, 1), *_evidence(text, second, -1)])
        score = sum(sign for _, sign in found)
        if found:
            # Where words balance, what is said first is what the person is like.
            poles.add(first if (score or found[0][1]) > 0 else second)
    return frozenset(poles)


def _evidence(text: str, pole: str, sign: int) -> list[tuple[int, int]]:
    """Find the words for a pole: where they stand, and `sign`, turned around by a negation."""
    starts = [match.start() for match in _patterns()[pole].finditer(text)]
    return [(at, -sign if _NEGATION.search(text[:at]) else sign) for at in starts]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {pole: matcher(words) for pole, words in load_data("traits.yaml").items()}
