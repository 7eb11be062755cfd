"""The lexical embedder: texts are alike where they share words. No model, no download.

Words without endings (their first four letters), common words left out, each counted once and
hashed to one of 1,024 places. It finds who is told again in other sentences, and not who is told
again in wholly other words: that takes a sentence embedder.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from dialogues.persona import Kind

THRESHOLDS: Mapping[Kind, float] = {"profile": 0.49, "personality": 0.33}
"""Found by `python -m graphs.personas calibrate --retold moderate`."""

_STEM, _PLACES = 4, 1024


def lexical(texts: Sequence[str]) -> Any:
    """Return one vector per text, shape (texts, 1,024)."""
    return _vectorizer().transform(texts).toarray()


@cache
def _vectorizer() -> Any:
    from sklearn.feature_extraction.text import HashingVectorizer

    words_of = HashingVectorizer(stop_words="english").build_analyzer()

    def stems_of(text: str) -> list[str]:
        return [word[:_STEM] for word in words_of(text)]

    return HashingVectorizer(analyzer=stems_of, binary=True, n_features=_PLACES)
