"""Listening: what the assistant's last message did, as the scripted user takes it."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from agents.scripted.topics import topics_in
from agents.scripted.words import bare_words, content_words
from dialogues.node import Message
from dialogues.prose import sentences

_QUESTION_KINDS = {
    "invite": r".*(?:\b(?:say|tell me|hear|know|add) (?:a (?:little|bit) |anything |something )?"
    r"(?:more|to that|i don't know)\b|\b(?:what|anything) else\b|\btalk about (?:next|something)\b|"
    r"\bon your mind\b|\bgo on\b|\byou enjoy doing\b|\bkeeping you busy\b|\bbeen up to\b|"
    r"\bimportant to you\b|\bdescribe yourself\b|\bcan you tell me\b)",
    "begin": r"how (?:did|come)\b|what (?:got|made|led|brought) you\b",
    "why": r"why\b|what for\b|what (?:is|was) the reason\b",
    "who": r"who(?:m|se)?\b|with wh",
    "when": r"how (?:long|often|old|many times)\b|when\b|since when\b|what time\b",
    "feel": r"(?:what|how)\b.*(?:\bfeel|\b(?:is|was|'s) (?:it|that) like\b|"
    r"\bare you with\b)",
    "how": r"how\b",
    "general": r"(?:is|are|do|does|did|was|were|would|will) .*\bor (?!not\b)",
    "yesno": r"(?:do|does|did|is|are|was|were|have|has|can|could|would|will|may|might|should)\b",
}
_LEADS_UP = re.compile(
    r"^(?:and |so |but |then )|^[^,]*, (?!(?:do you think|would you say)\?$)"
    r"(?=(?:wh|how|do|does|did|is|are|would)\w*\b)"
)
_PRAISE = re.compile(
    r"\b(?:amazing|awesome|brilliant|fantastic|fabulous|incredible|extraordinary|genius|perfect|"
    r"impressive|wonderful|marvell?ous|gorgeous|remarkable|inspiring|so special|you.re the best)\b"
)
_HEARING = re.compile(
    r"^(?:okay|right|yes|well|ah|oh|sure|mm|hm|all right|hello|hi|hey|welcome|good|aha|of course)"
    r"\b|"
    r"\b(?:sounds?|see|hear|heard|understand|thank|thanks|sorry|glad|sense|imagine|believe|"
    r"true|fair|right|tell|told|telling|said|say so|sharing|follow|with you|clear|clearly|got that|"
    r"makes sense|get the idea|worth knowing|how it is|understood|respect|weigh)\b"
)
_OF_ITSELF = re.compile(r"\b(?:i|me|my)\b")
_FEW_WORDS, _PRAISES, _SHARED = 6, 2, 2
_QUESTIONS_AT_ONCE, _QUESTIONS_IN_A_ROW = 2, 3


class Heard(NamedTuple):
    """What the latest message of the assistant did.

    Attributes:
        question: kind of its last question (`invite`, `begin`, `why`, `who`, `when`, `feel`, `how`,
            `yesno`, `general`); empty if it asked nothing.
        topics: the topics its questions touch.
        takes_up: it speaks about what the user said last, in words of its own.
        recalls: it speaks about something the user said earlier.
        acknowledges: it shows at least in general terms that it listened.
        reciprocates: it says something of itself.
        flatters: it praises without measure.
        interrogates: it asks and asks, and gives nothing.
        repeats: it has said so before.
    """

    question: str = ""
    topics: frozenset[str] = frozenset()
    takes_up: bool = False
    recalls: bool = False
    acknowledges: bool = False
    reciprocates: bool = False
    flatters: bool = False
    interrogates: bool = False
    repeats: bool = False

    @property
    def ignores(self) -> bool:
        """Whether it passed over all the user said."""
        return not (self.takes_up or self.recalls or self.acknowledges or self.interrogates)


def hear(history: Sequence[Message]) -> Heard | None:
    """Interpret the end of a dialogue; None where the assistant has said nothing yet."""
    replies = [message.content for message in history if message.role == "assistant"]
    if not replies:
        return None
    said = [message.content for message in history if message.role == "user"]
    reply, lower = replies[-1], replies[-1].lower()
    parts = sentences(reply)
    questions = [part for part in parts if part.endswith("?")]
    words, topics = content_words(reply), topics_in(reply)
    return Heard(
        question=question_kind(questions[-1]) if questions else "",
        topics=topics_in(" ".join(questions)),
        takes_up=len(words & content_words(said[-1])) >= _SHARED,
        recalls=len(words & content_words(" ".join(said[:-1]))) >= _SHARED,
        acknowledges=bool(_HEARING.search(lower)) or bool(topics & topics_in(said[-1])),
        reciprocates=any(_OF_ITSELF.search(part.lower()) for part in parts if part[-1] != "?"),
        flatters=len(_PRAISE.findall(lower)) >= _PRAISES,
        interrogates=_interrogates(replies),
        repeats=_repeats(parts, replies[:-1]),
    )


def question_kind(question: str) -> str:
    """Name what a question wants to know, by its question word."""
    asked = _LEADS_UP.sub("", question.lower())
    kinds = (kind for kind, form in _QUESTION_KINDS.items() if re.match(form, asked))
    return next(kinds, "general")


def _repeats(parts: Sequence[str], earlier: Sequence[str]) -> bool:
    said = [bare_words(part) for reply in earlier for part in sentences(reply)]
    return any(bare_words(part) in said for part in parts)


def _interrogates(replies: Sequence[str]) -> bool:
    only_asks = [not _told_beside_questions(reply) for reply in replies[-_QUESTIONS_IN_A_ROW:]]
    asked = [reply.count("?") for reply in replies[-_QUESTIONS_IN_A_ROW:]]
    if only_asks[-1] and asked[-1] >= _QUESTIONS_AT_ONCE:
        return True
    return len(asked) == _QUESTIONS_IN_A_ROW and all(only_asks) and all(asked)


def _told_beside_questions(reply: str) -> bool:
    told = [part for part in sentences(reply) if not part.endswith("?")]
    return sum(len(part.split()) for part in told) >= _FEW_WORDS
