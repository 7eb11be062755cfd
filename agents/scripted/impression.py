"""Impression: traits a reader gets from how messages are written, after some of them."""

import re
from collections.abc import Callable, Sequence

_ENOUGH_MESSAGES = 3
_BRIEF_WORDS, _LONG_WORDS = 18, 34
_HEDGES = re.compile(
    r"\b(?:maybe|perhaps|sorry|um|probably|sort of|i suppose|i think|i guess|i hope|a bit|"
    r"if that)\b"
)
_SHORT_FORMS = re.compile(r"\w'(?:m|s|re|ve|d|ll|t)\b")
_FULL_FORMS = re.compile(
    r"\b(?:i am|it is|that is|do not|does not|is not|are not|i would|i have|you have|you are|"
    r"cannot|will not|there is)\b"
)
_EMOJI = re.compile(r"[\U0001F300-\U0001FAFF]")
_OFTEN, _SOMETIMES = 0.5, 0.3


def impression(said: Sequence[str]) -> tuple[str, ...]:
    """Name the traits that the messages show plainly, conservatively; none before the third."""
    if len(said) < _ENOUGH_MESSAGES:
        return ()
    texts = [message.lower().replace("’", "'") for message in said]
    words = sum(len(text.split()) for text in texts) / len(texts)
    short_forms = sum(len(_SHORT_FORMS.findall(text)) for text in texts)
    full_forms = sum(len(_FULL_FORMS.findall(text)) for text in texts)
    shown = {
        "terse": words <= _BRIEF_WORDS,
        "talkative": words >= _LONG_WORDS,
        "lively": _share(texts, lambda text: "!" in text) >= _OFTEN,
        "hesitant": _share(texts, lambda text: bool(_HEDGES.search(text))) >= _OFTEN,
        "formal": full_forms >= _ENOUGH_MESSAGES and not short_forms,
        "casual": _share(texts, lambda text: bool(_EMOJI.search(text))) > 0,
        "curious": _share(texts, lambda text: text.rstrip().endswith("?")) >= _SOMETIMES,
    }
    return tuple(trait for trait, is_shown in shown.items() if is_shown)


def _share(texts: Sequence[str], shows: Callable[[str], bool]) -> float:
    return sum(map(shows, texts)) / len(texts)
