"""Matching: does a statement say a fact? Read from the words both have, by scikit-learn's rules."""

import re
from functools import lru_cache

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, CountVectorizer

_ALIKE = 0.5
_ENDING = re.compile(r"(?:ing|ed|es|s|e)$")
_tokens = CountVectorizer().build_analyzer()


def holds(statement: str, fact: str) -> bool:
    """Tell whether a statement has at least half of the telling words of a fact."""
    wanted = _words(fact)
    return bool(wanted) and len(wanted & _words(statement)) >= _ALIKE * len(wanted)


@lru_cache(maxsize=8192)
def _words(text: str) -> frozenset[str]:
    # Without their endings "mends" and "mending" are one.
    telling = (word for word in _tokens(text) if word not in ENGLISH_STOP_WORDS)
    return frozenset(_ENDING.sub("", word) for word in telling)
