"""Content words: what a text is about, without the words every text has."""

import re
from functools import lru_cache

from agents.scripted.lexicon import load_words

_ENGLISH_SHARE = 0.2


@lru_cache(maxsize=16384)
def content_words(text: str) -> frozenset[str]:
    """Return the stems of a text's telling words, in lower case."""
    common = load_words("common_words.txt")
    return frozenset(_stem(word) for word in _words(text) if word not in common and len(word) > 1)


def coverage(statement: str, heard: frozenset[str]) -> float:
    """Return the share of a statement's telling words that were heard; 0 if it has none."""
    words = content_words(statement)
    return len(words & heard) / len(words) if words else 0.0


def bare_words(text: str) -> list[str]:
    """Return the words of a text in order, in lower case, without punctuation."""
    return re.findall(r"[a-z0-9']+", text.lower())


def is_english(text: str) -> bool:
    """Tell English prose by its share of common words; other languages have next to none."""
    words = _words(text)
    common = load_words("common_words.txt")
    return sum(word in common for word in words) >= _ENGLISH_SHARE * len(words)


@lru_cache(maxsize=4096)
def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+(?:-[^\W_]+)*", text.lower().replace("’", "'"))


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
