"""Reading: what kind of message a user's is, from its words alone, as the assistants take it."""

import re
from collections.abc import Sequence
from functools import cache

from agents.scripted.contractions import in_full
from agents.scripted.lexicon import load_data, matcher
from agents.scripted.statements import statements, statements_in
from agents.scripted.topics import PRIVATE, topic_of
from dialogues.node import Message
from dialogues.prose import sentences

_ASKS_BACK = re.compile(
    r"(?:^|[,.] )(?:and |so |but )?(?:what|how|which|who|why|do|does|did|is|are|can|could|would|"
    r"will|have|has|might|may|any|your)\b"
)
_ASKS_FOR = re.compile(
    r"\b(?:please|could|would|might|may|prefer|appreciate|glad|welcome|feel free|keep it|let us|"
    r"do not|need not|you can|from now on|save|quit|just|be|instead|after all|better|"
    r"changed my mind|too|never|hardly|say more|lighten|fewer|put some|show some|nobody reads|"
    r"is plenty|sound like)\b"
)
_REMINDS = re.compile(r"\b(?:that|how) (?:i|my)\b")
# An emoji or a last word may stand after the question.
_AT_THE_END = 2


def kind_of(message: str) -> str:
    """Name the kind of a user's message: `refusal`, `question`, a complaint…; empty if none."""
    whole = " ".join(_beside_facts(message))
    if wish_in(message):
        return "preference"
    kinds = (kind for kind, cues in _cues("kinds").items() if cues.search(whole))
    return next(kinds, "question" if _asks_back(message) else "")


def is_private(message: str) -> bool:
    """Tell whether the message speaks of something that calls for a quiet answer."""
    parts = statements(message) or sentences(message)
    return any(topic_of(part).depth == PRIVATE for part in parts)


def latest_wish(history: Sequence[Message]) -> str:
    """Return how the user last asked to be talked to, such as `short` or `fewer_questions`."""
    said = (message.content for message in reversed(history) if message.role == "user")
    return next(filter(None, map(wish_in, said)), "")


def wish_in(message: str) -> str:
    """Return the wish about the replies that a message states; empty if none."""
    return next(filter(None, map(_wish, reversed(_beside_facts(message)))), "")


def _wish(sentence: str) -> str:
    if not _ASKS_FOR.search(sentence):
        return ""
    # The wish named last counts: "I asked for more, but now keep it short."
    named = {
        wish: max((match.start() for match in cues.finditer(sentence)), default=-1)
        for wish, cues in _cues("wishes").items()
    }
    last = max(named, key=lambda wish: named[wish])
    return last if named[last] >= 0 else ""


def _beside_facts(message: str) -> list[str]:
    """Return the sentences that are not about the user's life, written out, in lower case."""
    beside = (part for part in sentences(message) if not statements_in(part))
    return [in_full(part.replace("’", "'")).lower() for part in beside]


def _asks_back(message: str) -> bool:
    """Tell whether the message closes with a question to the listener."""
    questions = [part.lower() for part in sentences(message)[-_AT_THE_END:] if part[-1] == "?"]
    return any(_ASKS_BACK.search(part) and not _REMINDS.search(part) for part in questions)


@cache
def _cues(group: str) -> dict[str, re.Pattern[str]]:
    return {
        name: matcher([in_full(phrase).lower() for phrase in phrases])
        for name, phrases in load_data("cues.yaml")[group].items()
    }
