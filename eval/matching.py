"""Matching: does a statement say a fact? A rule over the words both have, no understanding.

A statement says a fact if it has at least half of its telling words with the same sign: denied in
both, or in neither. Telling is what is no stop word (scikit-learn's), no name of the person and no
number; of a fact that is nothing but a number, as an age, that is what tells. A clause denies its
words if it has an odd number of words such as "not", "never" or "hates". A statement says no fact
if it names another number than the fact or the opposite of one of its words, or if it goes on about
a dozen other things, since a whole page has half the words of anything.
"""

import re
from collections.abc import Set
from functools import lru_cache
from typing import NamedTuple

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from dialogues.prose import BASE_FORM
from eval.realism.wording import in_figures, numbers

_ALIKE = 0.5
_OTHER_THINGS = 12
_ENDING = re.compile(r"(?:ing|ed|es|s|e)$")
_WORD = re.compile(r"[^\W\d_]{2,}")
_DENIAL = (
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|hardly|rarely|seldom|"
    r"(?:hat|dislik|loath|detest|despis|avoid|refus|lack|quitt?|stopp?)(?:e|es|s|ed|ing)?|"
    r"(?:can|[a-z]+n)'t)(?![\w'])"
)
_DENIES = re.compile(_DENIAL)
_PREDICATE = (
    rf"(?:[a-z]+ly )?(?:{'|'.join([*BASE_FORM, *BASE_FORM.values()])}|am|are|was|were|had)\b"
)
_CLAUSE = re.compile(
    r"[.;:!?()–—]+|\b(?:but|because|since|though|although|while|whereas|who|which|so)\b"
    # "No dogs, cats and birds" is one clause.
    rf"|(?:,|\band\b) (?={_PREDICATE}|(?:i|he|she|they|we|my|his|her|their)\b|{_DENIAL})"
)
_UNTELLING = frozenset({"ag", "did", "do", "enjoy", "lik", "liv", "lov", "old", "work", "year"})
"""What profiles are full of: sharing it shares nothing."""

_OPPOSITES = (
    ("early", "late"), ("morning", "evening"), ("day", "night"), ("young", "old"),
    ("younger", "older"), ("big", "small"), ("single", "married"), ("indoors", "outdoors"),
    ("loud", "quiet"), ("city", "country"), ("north", "south"), ("east", "west"),
    ("left", "right"), ("best", "worst"), ("cheap", "expensive"),
)  # fmt: skip


class Said(NamedTuple):
    """What a text says: its telling words, whether each is denied, and its numbers."""

    words: dict[str, bool]
    numbers: frozenset[str]


def holds(statement: str, fact: str, names: frozenset[str] = frozenset()) -> bool:
    """Tell whether a statement of one sentence says a fact; `names` as `names_in` gives them."""
    return likeness(statement, fact, names) > 0


def likeness(statement: str, fact: str, names: frozenset[str] = frozenset()) -> float:
    """Return the share of a fact's telling words that a statement says; 0 if it does not say it."""
    said, wanted = _said(statement), _said(fact)
    told = wanted.words.keys() - names
    beside = said.words.keys() - told - names
    same_number = bool(said.numbers & wanted.numbers)
    if said.numbers and wanted.numbers and not same_number:
        return 0.0
    if len(beside) > _OTHER_THINGS or _opposed(told, beside):
        return 0.0
    if not told:
        return float(same_number)
    share = sum(said.words.get(word) == wanted.words[word] for word in told) / len(told)
    return share if share >= _ALIKE else 0.0


def speaks_of(text: str, fact: str) -> bool:
    """Tell whether a text of any length has half the telling words of a fact, denied or not."""
    wanted = _said(fact).words.keys()
    return bool(wanted) and len(wanted & _said(text).words.keys()) >= _ALIKE * len(wanted)


def names_in(*names: str) -> frozenset[str]:
    """Return the words of names as `holds` compares them."""
    return frozenset(_stem(word) for name in names for word in _WORD.findall(name.lower()))


@lru_cache(maxsize=8192)
def _said(text: str) -> Said:
    plain = in_figures(text)
    words: dict[str, bool] = {}
    for clause in _CLAUSE.split(plain.lower()):
        denied = len(_DENIES.findall(clause)) % 2 == 1
        for word in _WORD.findall(_DENIES.sub(" ", clause)):
            if word not in ENGLISH_STOP_WORDS and _stem(word) not in _UNTELLING:
                words.setdefault(_stem(word), denied)
    return Said(words, numbers(plain))


def _opposed(told: Set[str], beside: Set[str]) -> bool:
    pairs = [(_stem(one), _stem(other)) for one, other in _OPPOSITES]
    return any(
        (one in told and other in beside) or (other in told and one in beside)
        for one, other in pairs
    )


def _stem(word: str) -> str:
    # Without their endings "mends" and "mending" are one.
    return _ENDING.sub("", word)
