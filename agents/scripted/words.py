"""Content words: what a text is about, without the words every text has."""

import re
from pathlib import Path

_COMMON = frozenset(
    (Path(__file__).parent / "common_words.txt").read_text(encoding="utf-8").split()
)


def content_words(text: str) -> frozenset[str]:
    """Return the stems of a text's telling words, in lower case."""
    words = re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", text.lower().replace("’", "'"))
    return frozenset(_stem(word) for word in words if word not in _COMMON and len(word) > 1)


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word
