"""Reading: what kind of message a user's is, from its words alone, as the assistants take it."""

import re
from collections.abc import Iterable, Sequence

from agents.scripted.statements import statements_in
from agents.scripted.topics import PRIVATE, topic_of
from dialogues.node import Message
from dialogues.prose import sentences

_KINDS = {
    "farewell": r"\b(?:good)?bye\b|\bi'm off\b|\bme gone\b|\bi('ll| will) leave it here\b",
    "refusal": r"\brather not\b|\bprivate\b|\bnot (?:to )?(?:discuss|talk about)\b|\bleave that\b|"
    r"\btoo (?:personal|close)\b|\bnone of your\b|\bto myself\b|\bmust decline\b|\bdrop it\b|"
    r"\bnext question\b|\bstay silent\b|\bmaybe not that\b|\btalk about something else\b|"
    r"\bkeep shut\b|\bstays? (?:with me|in the vault)\b|\bwon't (?:get|be) an answer\b",
    "complaint_questions": r"\b(?:questions|interrogation|quiz|interview)\b|\bone at a time\b|"
    r"\bask(?:ing)? (?:too|faster|so) (?:much|many)\b",
    "complaint_ignored": r"\b(?:not|were you|weren't) listening\b|\bdid you read\b|"
    r"\b(?:went straight past|got through|ignored|skipped|missed the point|talking to the wall|talk over me)\b|"
    r"\b(?:take up|went past|nothing to do with) what i\b|\bwhat i (?:just )?(?:said|wrote|told)\b",
    "complaint_flattery": r"\b(?:compliments?|flatter\w*|praise|buttering)\b",
    "confusion": r"\bwhat do you mean\b|\bhow do you mean\b|\blost me\b|\bin other words\b|"
    r"\bno sense to me\b|\bgetting at\b|\bsay it plainly\b|\bsupposed to mean\b|\bcome again\b|"
    r"\bover my head\b|\bon about\b|\bmean two things\b|\bway it sounded\b|\btalking about the same|\bexplain that\b|\bwrong end of it\b|\bhow was that meant\b",
    "complaint_repeat": r"\b(?:repeating|a repeat|said that already|heard that already|in circles|"
    r"echo|saying the same|said before|already made|not again|same again)\b",
}
_ASIDE = re.compile(
    r"^(?:sorry, (?:the|got)\b|hang on|one (?:second|moment)|hold on|excuse me|wait, (?:something|there)|"
    r"oh (?:no|dear), the|oh, now|just now|goodness, what|ow,|ooh|what a wind|listen to that)|"
    r"\bout(?:side| there| in the street)\b|\b(?:kettle|siren|draught|burnt|car alarm|tap's|smell of|"
    r"the sky|tea has gone|lost the thread|the light just|a word just|that word|how loud a clock)\b"
)
_WISHES = {
    "short": r"\bshort(?:er)?\b|\bbrief(?:ly|er)?\b|\bfewer words\b|\btoo long\b|\bless would be\b|"
    r"\bso much\b|\bcut it down\b|\bsentence or two\b|\bjust the main thing\b",
    "long": r"\bsay (?:a bit |a little )?more\b|\bfuller\b|\blonger\b|\bmore (?:lines|words)\b|"
    r"\belaborate\b|\bwrite (?:a bit|a few) more\b|\btoo short\b|\binto it a little more\b",
    "fewer_questions": r"\bfewer questions\b|\bask(?:ing|ed)? (?:a bit |a little )?(?:so much|less)\b|"
    r"\bwithout (?:the|so many) questions\b|\bdon't ask\b|\bquestion me less\b|"
    r"\bnot so many questions\b",
    "more_questions": r"\bask me (?:things|more|something|a bit)\b|\bmore questions\b|\bjust ask\b|"
    r"\bhardly ask\b|\bnever ask\b|\benquire further\b|\bask now and again\b|\bcuriosity\b",
    "serious": r"\bno jokes\b|\bserious\b|\bnot (?:funny|joke)\b|\bjokes\b|\bfunny remarks\b|"
    r"\bhumour is out\b",
    "light": r"\blight(?:er|en)\b|\bsolemn\b|\bjoke now and then\b|\bjest\b|\bso earnest\b|"
    r"\bloosen up\b|\bbe funny\b|\bcheerful\b|\bgrave\b|\bjoke a little\b",
}
_ASKS_BACK = re.compile(
    r"(?:^|[,.] )(?:and |so |but )?(?:what|how|which|who|why|do|does|did|is|are|can|could|would|will|"
    r"have|has|might|may|any|your)\b"
)
_ASKS_FOR = re.compile(
    r"\b(?:please|could|would|might|may|prefer|appreciate|glad|welcome|feel free|keep it|let's|"
    r"don't|need not|you can|you don't|from now on|save|quit|just|be|instead|after all|better|"
    r"changed my mind|too|never|hardly|say more|lighten|fewer|put some|show some)\b"
)


def kind_of(message: str) -> str:
    """Name the kind of a user's message: `refusal`, `question`, a complaint…; empty if none."""
    parts = _beside_facts(message)
    lower = " ".join(parts).lower().replace("’", "'")
    for kind, form in _KINDS.items():
        if re.search(form, lower):
            return kind
    if wish_in(message):
        return "preference"
    if any(_ASIDE.search(part.lower()) for part in parts):
        return "aside"
    return "question" if any(map(_asks_back, parts)) else ""


def is_private(message: str) -> bool:
    """Tell whether the message speaks of something that calls for a quiet answer."""
    return any(topic_of(part).depth == PRIVATE for part in sentences(message))


def latest_wish(history: Sequence[Message]) -> str:
    """Return how the user last asked to be talked to: `short`, `long`, `fewer_questions`…"""
    said = (message.content for message in reversed(history) if message.role == "user")
    return next(filter(None, map(wish_in, said)), "")


def wish_in(message: str) -> str:
    """Return the wish about the replies that a message states; empty if none."""
    return next(filter(None, map(_wish, _latest_first(message))), "")


def _latest_first(message: str) -> Iterable[str]:
    return reversed([part.lower().replace("’", "'") for part in _beside_facts(message)])


def _beside_facts(message: str) -> list[str]:
    """Return the sentences that are not about the user's life; those can use any word."""
    return [part for part in sentences(message) if not list(statements_in(part))]


def _wish(sentence: str) -> str:
    if re.match(r"(?:i|my)\b(?!.*\byou\b)", sentence) and not _ASKS_FOR.search(sentence):
        return ""
    # The wish named last counts: "I asked for more, but now keep it short."
    found = {
        wish: match.start()
        for wish, form in _WISHES.items()
        if (match := _last(re.finditer(form, sentence))) and _ASKS_FOR.search(sentence)
    }
    return max(found, key=lambda wish: found[wish], default="")


def _last(matches: Iterable[re.Match[str]]) -> re.Match[str] | None:
    return next(reversed(list(matches)), None)


def _asks_back(sentence: str) -> bool:
    return sentence.endswith("?") and bool(_ASKS_BACK.search(sentence.lower()))
