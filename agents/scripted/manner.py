"""Manner: the surface of a message, from personality (after Mairesse and Walker's PERSONAGE)."""

import re

from agents.scripted.draws import Draws
from agents.scripted.temperament import Temperament
from dialogues.prose import BASE_FORM

_EMOJI = ("🙂", "😄", "😅", "🙃", "😊", "👍")
_FRAGMENT = re.compile(r"I ([a-z]+) (?!I\b)")
_BASE_VERBS = frozenset(BASE_FORM.values()) - {"be", "have", "do"}


def exclaimed(sentence: str, rng: Draws) -> str:
    """End a sentence with an exclamation mark, more often than not."""
    return sentence[:-1] + "!" if sentence.endswith(".") and rng.happens(0.6) else sentence


def fragment(sentence: str) -> str:
    """Drop the "I": "Keep bees in Bath."; a sentence that would not stand it stays as it is."""
    found = _FRAGMENT.match(sentence)
    if found is None or found[1] not in _BASE_VERBS:
        return sentence
    return found[1].capitalize() + sentence[len("I ") + len(found[1]) :]


def with_emoji(text: str, rng: Draws) -> str:
    """Add an emoji at the end."""
    return f"{text} {rng.choice(_EMOJI)}"


def with_typo(text: str, rng: Draws) -> str:
    """Swap two letters in the middle of one longer word that is neither a name nor a number."""
    words = list(re.finditer(r"\b[a-z]{5,}\b", text))
    if not words:
        return text
    word = rng.choice(words)
    at = word.start() + rng.randrange(1, len(word[0]) - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def may_exclaim(manner: Temperament) -> bool:
    """Tell who puts exclamation marks: the lively, unless they are formal or terse as well."""
    return "lively" in manner and not {"flat", "formal"} & manner


def may_use_emoji(manner: Temperament) -> bool:
    """Tell who puts emoji: lively or humorous people who write casually."""
    return "casual" in manner and bool({"lively", "humorous", "warm"} & manner)
