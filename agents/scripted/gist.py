"""Gists: a fact in the fewest words that still say it, for those who come back to it."""

import re

_NEGATED = re.compile(r"\b(?:not|never|no|nobody|nothing|cannot|only|hardly|without)\b|n't\b")
_ADDS = re.compile(
    r",? \b(?:after|and|as|at|because|before|but|by|during|every|for|from|in|into|on|since|so|"
    r"that|though|to|under|until|when|where|which|while|who|with)\b|[,;:]| [–—-] "
)
_WORDS = 4


def gist_of(fact: str) -> str:
    """Return the statement up to where it adds circumstances, at least four words of it.

    What is denied or restricted stays whole, since half of it would say something else.
    """
    bare = fact.rstrip(".!?")
    if _NEGATED.search(bare):
        return bare
    cuts = (found.start() for found in _ADDS.finditer(bare))
    return next((bare[:at] for at in cuts if len(bare[:at].split()) >= _WORDS), bare)
