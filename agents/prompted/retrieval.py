"""Retrieval over a history: the earlier exchanges most related to the latest message."""

import re
from collections.abc import Sequence

from dialogues.node import Message

LATEST = 3
"""Messages that are always kept: the last exchange, and the user's latest message."""
_EXCHANGE, _RECALLED = 2, 4
_DIGITS = 9
_WORD = re.compile(r"\w+")


def recalled(history: Sequence[Message], count: int = _RECALLED) -> list[Message]:
    """Return a history with all but the related ones left out of its earlier exchanges.

    Args:
        history: the dialogue so far; it ends with the user's latest message.
        count: how many of the earlier exchanges are kept at most.

    Returns:
        The exchanges kept, in order of time, and after them the last `LATEST` messages.
    """
    earlier, latest = history[:-LATEST], history[-LATEST:]
    exchanges = [earlier[at : at + _EXCHANGE] for at in range(0, len(earlier), _EXCHANGE)]
    texts = ["\n".join(said.content for said in exchange) for exchange in exchanges]
    places = related(texts, latest[-1].content, count) if latest else []
    return [said for place in places for said in exchanges[place]] + list(latest)


def related(texts: Sequence[str], query: str, count: int) -> list[int]:
    """Return the places of the `count` texts nearest to `query`, in rising order.

    Near is what shares rare runs of two to four letters (tf-idf, cosine), the commonest English
    words left out. So it finds `bees` for `bee`, and works in languages that put no spaces between
    words. Of equally near texts the first are taken.
    """
    if len(texts) <= count:
        return list(range(len(texts)))
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS, TfidfVectorizer

    def telling(text: str) -> str:
        words = _WORD.findall(text.lower())
        # Where that leaves nothing, the text itself is still something to compare.
        return " ".join(word for word in words if word not in ENGLISH_STOP_WORDS) or text

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), preprocessor=telling)
    known = vectorizer.fit_transform(texts)
    nearness = (known @ vectorizer.transform([query]).T).toarray()[:, 0].round(_DIGITS)
    # The sort is stable, and so in order of time among equals.
    return sorted(sorted(range(len(texts)), key=lambda place: -nearness[place])[:count])
