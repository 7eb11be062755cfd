"""Cooperation: do users answer, ask, refuse and leave as people do? Models play them too willing.

Whether a message answers a question is told by a rule: it has a telling word of the question or
speaks of its side of life (`agents.scripted.topics`); or it has the form of an answer (yes, no,
never, because …; a number where one was asked for); or the question only invites one to tell, and
it tells of oneself. And it does not decline. Answers in wholly other words are missed, so the share
is too low; it is there to be compared.
"""

import re
from collections.abc import Sequence

from agents.scripted.listening import question_kind
from agents.scripted.topics import topics_in
from agents.scripted.words import content_words
from dialogues.prose import sentences
from eval.realism.figures import Statistic, ratio
from eval.realism.record import Cooperation, Share
from eval.realism.talk import Line, Talk
from eval.realism.wording import in_figures, numbers, statements

UNWILLING = ("refuse", "deflect", "complain", "leave")
"""The gold acts that are counted."""

_DIRECT = re.compile(
    r"(?:(?:oh|well|um+|hm+|ha+|so|ah)\b[, ]*)*"
    r"(?:yes|yeah|yep|yup|no|nope|nah|sure|of course|certainly|absolutely|definitely|indeed|never|"
    r"always|often|sometimes|rarely|seldom|mostly|usually|maybe|perhaps|probably|because|"
    r"not (?:really|yet|at all|often|much|quite)|"
    r"i (?:do|don't|am|have|haven't|did|didn't|can|can't|would|wouldn't)(?=[.,!;]|$)|"
    r"it (?:is|isn't|was|wasn't|does|doesn't)(?=[.,!;]|$))\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\bhow (?:many|much|old|long|often|far|big)\b|\bwhen\b|\bwhat (?:time|year)\b"
)
_OF_ONESELF = re.compile(r"\b(?:I|my|we|our)\b", re.IGNORECASE)
_DECLINES = re.compile(
    r"\b(?:rather not|prefer not|must decline|no comment|none of your business|next question|"
    r"too (?:private|personal)|that(?:'s| is) private|to myself|talk about something else|"
    r"(?:don't|do not|not going to) (?:want to )?"
    r"(?:talk about|discuss|say|answer|go into) (?:that|it))\b",
    re.IGNORECASE,
)


def cooperation_of(talks: Sequence[Talk], seed: int) -> Cooperation:
    """Measure how willing the users of talks are."""
    count, lines = len(talks), sum(len(talk.lines) for talk in talks)
    asked = sum(_is_asked(line) for talk in talks for line in talk.lines)
    left = ratio([(talk.left, 1) for talk in talks])
    return Cooperation(
        answered=Share.measure(answered(talks), count, asked, seed),
        asks=Share.measure(asks(talks), count, lines, seed),
        acts=_acts(talks, seed),
        left=Share.measure(left, count, count, seed),
    )


def answered(talks: Sequence[Talk]) -> Statistic:
    """Return the share of the assistant's messages with a question that the next one answers."""
    parts = []
    for talk in talks:
        asked = [line for line in talk.lines if _is_asked(line)]
        parts.append((sum(is_answer(line.heard, line.text) for line in asked), len(asked)))
    return ratio(parts)


def asks(talks: Sequence[Talk]) -> Statistic:
    """Return the share of the user's messages that ask something."""
    return ratio(
        [(sum("?" in line.text for line in talk.lines), len(talk.lines)) for talk in talks]
    )


def is_answer(heard: str, said: str) -> bool:
    """Tell by the rule above whether a message answers the questions in the one before it."""
    question = " ".join(part for part in sentences(heard) if "?" in part)
    plain = said.replace("’", "'").strip()
    if _DECLINES.search(plain):
        return False
    return bool(
        content_words(question) & content_words(said)
        or topics_in(question) & topics_in(said)
        or _DIRECT.match(plain)
        or (_AMOUNT.search(question.lower()) and numbers(in_figures(said)))
        or (question_kind(question) == "invite" and any(map(_OF_ONESELF.search, statements(said))))
    )


def _is_asked(line: Line) -> bool:
    return "?" in line.heard


def _acts(talks: Sequence[Talk], seed: int) -> dict[str, Share]:
    labelled = [[line.acts for line in talk.lines if line.acts is not None] for talk in talks]
    of = sum(map(len, labelled))
    if not of:
        return {}
    return {
        name: Share.measure(
            ratio([(sum(name in acts for acts in each), len(each)) for each in labelled]),
            len(talks),
            of,
            seed,
        )
        for name in UNWILLING
    }
