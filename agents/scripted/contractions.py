"""Contractions: "I'm" for "I am" in casual speech, and the full forms in formal speech."""

import re
from collections.abc import Callable
from functools import lru_cache

_TAG = re.compile(
    r"\b(is|are|was|were|do|does|did|has|have|had|would|could|should|wo|ca)n't "
    r"(I|you|it|that|they|we|he|she|there)\b",
    re.IGNORECASE,
)
_FULL = [
    (re.compile(pattern, re.IGNORECASE), full)
    for pattern, full in (
        (r"\bwon't\b", "will not"),
        (r"\bcan't\b", "cannot"),
        (r"\b([a-z]+)n't\b", r"\1 not"),
        (r"\blet's\b", "let us"),
        (
            r"\b(it|that|there|what|who|where|how|he|she|here)'s "
            r"(been|got|had|taken|gone|come|[a-z]+ed)\b",
            r"\1 has \2",
        ),
        (
            r"\b(it|that|there|what|who|where|how|he|she|here|everything|nobody|somebody|something)"
            r"'s\b",
            r"\1 is",
        ),
        (r"\bI'm\b", "I am"),
        (r"'re\b", " are"),
        (r"'ve\b", " have"),
        (r"'ll\b", " will"),
        (r"'d (better|been|just|already|gone|got|[a-z]+ed)\b", r" had \1"),
        (r"'d\b", " would"),
    )
]
_SHORT = [
    (re.compile(pattern), short)
    for pattern, short in (
        (r"\bI am not\b", "I'm not"),
        (r"(^|[.!?,:;] |\b(?:and|but|that|because|if|when|so|how) )I am(?= \w)", r"\1I'm"),
        (r"\b(do|does|did|is|are|was|were|has|have|had|would|could|should) not\b", r"\1n't"),
        (r"\bcannot\b", "can't"),
    )
]


@lru_cache(maxsize=8192)
def in_full(text: str) -> str:
    """Write contractions out: "don't you" gives "do you not"."""
    text = _TAG.sub(_like_before(_untagged), text)
    for pattern, full in _FULL:
        text = pattern.sub(_like_before(full), text)
    return text


@lru_cache(maxsize=8192)
def contracted(text: str) -> str:
    """Contract what a speaker would: "I am 47." gives "I'm 47."."""
    for pattern, short in _SHORT:
        text = pattern.sub(short, text)
    return text


def _like_before(full: str | Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
    """Keep the capital a replaced word began with."""

    def replaced(match: re.Match[str]) -> str:
        text = full(match) if callable(full) else match.expand(full)
        return text[:1].upper() + text[1:] if match[0][:1].isupper() else text

    return replaced


def _untagged(match: re.Match[str]) -> str:
    verb = {"wo": "will", "ca": "can"}.get(match[1].lower(), match[1].lower())
    return f"{verb} {match[2]} not"
