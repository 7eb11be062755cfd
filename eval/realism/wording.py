"""The words of messages: what they state, which words tell, which numbers they name."""

import re
from functools import lru_cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from dialogues.prose import sentences

_UNITS = (
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# "One" is too often no number: "no one", "that one".
_NUMBERS = {name: at for at, name in enumerate(_UNITS, start=2)}
_NUMBERS |= {name: 10 * at for at, name in enumerate(_TENS, start=2)}
_NUMBERS |= {
    f"{tens}-{name}": 10 * at + unit
    for at, tens in enumerate(_TENS, start=2)
    for unit, name in enumerate(["one", *_UNITS[:8]], start=1)
}
_NAMED = re.compile(rf"\b(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?![\w])")
_NEGATIONS = frozenset({"not", "never", "no", "without", "neither", "nor", "cannot"})
_CLAUSE = re.compile(r"[,.;:!?()–—]+|\bbut\b")
_STEM = 4


def words(text: str) -> list[str]:
    """Return the words of a text in order, in lower case."""
    return _WORD.findall(text.lower().replace("’", "'"))


@lru_cache(maxsize=8192)
def statements(message: str) -> tuple[str, ...]:
    """Return the sentences of a message that state something, numbers in figures."""
    stated = (part for part in sentences(message) if not part.rstrip("\"'”’) ").endswith("?"))
    return tuple(map(in_figures, stated))


def in_figures(text: str) -> str:
    """Write the numbers of a text, up to 99, in figures."""
    plain = text.replace("’", "'")
    return _NAMED.sub(lambda found: str(_NUMBERS[found[0].lower()]), plain)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers that stand in figures."""
    return frozenset(found.replace(",", "") for found in _NUMBER.findall(text))


@lru_cache(maxsize=8192)
def telling(text: str) -> frozenset[str]:
    """Return the stems of the words that tell something; numbers are none."""
    return frozenset(_stem(word) for word in words(text) if _tells(word))


@lru_cache(maxsize=8192)
def clauses(text: str) -> tuple[str, ...]:
    """Split a text wherever it pauses."""
    return tuple(clause for clause in _CLAUSE.split(text) if clause.strip())


@lru_cache(maxsize=8192)
def negated(clause: str) -> frozenset[str]:
    """Return the stems of the words that stand right behind a negation in a clause."""
    said = words(clause)
    return frozenset(filter(None, (_behind(said[at + 1 :]) for at in _negations(said))))


def _negations(said: list[str]) -> list[int]:
    return [at for at, word in enumerate(said) if word in _NEGATIONS or word.endswith("n't")]


def _behind(rest: list[str]) -> str:
    return next((_stem(word) for word in rest if _tells(word)), "")


def _tells(word: str) -> bool:
    return word not in ENGLISH_STOP_WORDS and "'" not in word and not word.isdigit()


def _stem(word: str) -> str:
    # Cut short, so that "mends" and "mending" are one.
    return word[:_STEM]
