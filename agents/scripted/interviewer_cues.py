"""Cues: the few words of a fact by which it can be asked about without being told again."""

import re
from collections.abc import Iterator
from functools import lru_cache

from dialogues.prose import BASE_FORM

_TOKEN = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[^\w\s]")
_OPENS = re.compile(r"^(?:a|an|the|my|our)$", re.IGNORECASE)
_ENDS = frozenset(
    {
        "a", "about", "above", "after", "along", "an", "and", "around", "as", "at", "because",
        "been", "before", "behind", "below", "beside", "between", "beyond", "but", "by",
        "called", "down", "during", "each", "every", "for", "from", "had", "has", "have", "her",
        "his", "if", "in", "inside", "into", "is", "it", "its", "like", "my", "named", "near",
        "of", "off", "on", "or", "our", "out", "outside", "over", "past", "per", "since", "so",
        "than", "that", "the", "their", "then", "through", "to", "twice", "toward", "towards",
        "under", "until", "up", "was", "were", "when", "where", "which", "while", "who",
        "whose", "why", "with", "within", "without"
    }
)  # fmt: skip
_VAGUE = frozenset(
    {
        "age", "back", "bit", "bottom", "day", "days", "end", "evening", "evenings", "few",
        "first", "half", "hour", "hours", "last", "least", "lot", "middle", "month", "months",
        "morning", "mornings", "night", "nights", "number", "one", "other", "own", "part",
        "place", "rest", "same", "second", "side", "sort", "third", "thing", "things", "time",
        "times", "top", "two", "way", "week", "weeks", "whole", "year", "years"
    }
)  # fmt: skip
_BENDS = re.compile(r"^[a-z].*(?:ed|ing)$")
_MOST_WORDS, _LETTERS = 3, 4


@lru_cache(maxsize=4096)
def cue_of(said: str) -> str:
    """Return what to ask about in a first-person fact, such as `my brother` or `the kayak`.

    The answer is empty where nothing in it can be named without telling all of it.
    """
    named = (*_phrases(said), *_names(said))
    return next((cue for cue in named if telling_words(said) - telling_words(cue)), "")


@lru_cache(maxsize=4096)
def telling_words(text: str) -> frozenset[str]:
    """Return the longer words of a text, cut to what their forms share."""
    words = re.findall(r"[^\W_]+", text.lower())
    return frozenset(
        word if word.isdigit() else word[:6]
        for word in words
        if word.isdigit() or (len(word) >= _LETTERS and word not in _ENDS)
    )


def is_taken_up(said: str, reply: str, besides: str = "") -> bool:
    """Tell whether a reply has words of what was said, other than those of `besides`."""
    return bool((telling_words(said) - telling_words(besides)) & telling_words(reply))


def _phrases(said: str) -> Iterator[str]:
    """Find noun phrases: an article or a possessive, and the words up to a clear end."""
    tokens = _TOKEN.findall(said)
    for at, token in enumerate(tokens):
        if not _OPENS.match(token):
            continue
        inside = list(_up_to_the_end(tokens[at + 1 :]))
        follows = tokens[at + 1 + len(inside) :]
        cut_short = follows[:1] == ["."] and len(follows) > 1
        tells = any(word.isalpha() and word.lower() not in _VAGUE for word in inside)
        if tells and len(inside) <= _MOST_WORDS and not cut_short:
            yield " ".join([_definite(token), *inside])


def _up_to_the_end(tokens: list[str]) -> Iterator[str]:
    for place, token in enumerate(tokens):
        lower = token.lower()
        is_verb = place > 0 and (token in BASE_FORM or bool(_BENDS.match(token)))
        if not token[0].isalnum() or lower in _ENDS or is_verb:
            return
        yield token


def _definite(opening: str) -> str:
    lower = opening.lower()
    return lower if lower in ("my", "our") else "the"


def _names(said: str) -> Iterator[str]:
    """Find names of places, people and things: capital letters within the sentence."""
    for found in re.finditer(r"(?<=[a-z,] )[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*", said):
        if len(found[0]) >= _LETTERS and not found[0].startswith("I'"):
            yield found[0]
