"""The scripted judge: a rubric of the ALOE paper's three criteria, each an inspectable rule.

Scores are whole or half points from 1 to 5, so that replies no rule tells apart tie.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from agents.scripted.temperament import Temperament, temperament_of
from agents.scripted.topics import topics_in
from agents.scripted.words import bare_words, content_words
from agents.seats import JudgeBrief, Judgement
from dialogues.node import Message
from dialogues.persona import Persona, Profile
from dialogues.prose import sentences
from dialogues.verdict import Verdict

_COMFORTABLE_WORDS = {"terse": (4, 26), "talkative": (14, 70)}
_OTHERWISE_COMFORTABLE = (8, 48)
_PRAISE = re.compile(
    r"\b(?:amazing|awesome|brilliant|fantastic|fabulous|incredible|extraordinary|genius|perfect|"
    r"impressive|wonderful|marvell?ous|gorgeous|remarkable|inspiring|so special|lovely|"
    r"you're the best|great|excellent)\b"
)
_OFFICE_TALK = re.compile(
    r"\bas an (?:ai|assistant|language model)\b|\bhow (?:can|may) i (?:help|assist)\b|"
    r"\bfeel free to\b|\bhere to help\b|\bi'd be happy to\b|\bgreat question\b|\bcertainly!|"
    r"\bin conclusion\b|\bhere are some\b"
)
_LISTED = re.compile(r"^\s*(?:[-*•#]|\d+[.)])\s", re.MULTILINE)
_HEARING = re.compile(
    r"\b(?:i see|i hear|i understand|that makes sense|thank you|thanks|sorry|fair enough|"
    r"you're right|of course|understood|that's fine|point taken)\b"
)
_SHORT_FORMS = re.compile(r"\w'(?:m|re|ve|d|ll|t)\b")
_LONG_WORDS, _NAMED, _RUN = 110, 0.6, 5


class ScriptedJudge:
    """Scores every candidate 1-5 on style, content and engagement, and ranks by the mean."""

    roles = ()

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Rank the candidates; confidence is the share of criteria that agree with the order."""
        scores = {
            candidate.key: rubric(candidate.text, brief.persona, brief.history)
            for candidate in brief.candidates
        }
        verdict = Verdict.from_scores(scores)
        return Judgement(verdict=verdict.model_copy(update={"confidence": verdict.agreement}))


def rubric(reply: str, persona: Persona, history: Sequence[Message]) -> dict[str, float]:
    """Score one reply, each criterion in 1-5, given the dialogue up to the user's message.

    `style` asks whether this personality would like to be talked to so, `content` whether the
    reply speaks to what this person has revealed, `engagement` whether it is good company.
    """
    if not content_words(reply) and "?" not in reply:
        return {"style": 1.0, "content": 1.0, "engagement": 1.0}
    style = _points(_style(reply, temperament_of(persona.personality)))
    if _says_nothing_new(reply, history):
        return {"style": style, "content": 1.0, "engagement": 1.0}
    return {
        "style": style,
        "content": _points(_content(reply, persona.profile, history)),
        "engagement": _points(_engagement(reply, history)),
    }


def _points(score: float) -> float:
    return max(1.0, min(5.0, round(score * 2) / 2))


def _style(reply: str, manner: Temperament) -> float:
    """Start at 5; take off for length, loudness, praise and form that this person dislikes."""
    length = len(reply.split())
    pole = next((pole for pole in _COMFORTABLE_WORDS if pole in manner), "")
    shortest, longest = _COMFORTABLE_WORDS.get(pole, _OTHERWISE_COMFORTABLE)
    off = max(0, shortest - length, length - longest)
    loud = reply.count("!") if "lively" not in manner else max(0, reply.count("!") - 3)
    praise = len(_PRAISE.findall(reply.lower()))
    dislikes_praise = bool({"sceptical", "cool"} & manner)
    informal = "formal" in manner and bool(_SHORT_FORMS.search(reply))
    crowded = max(0, reply.count("?") - 1)
    return 5.0 - off / 10 - 0.7 * loud - (0.5 + dislikes_praise) * praise - 0.5 * informal - crowded


def _content(reply: str, profile: Profile, history: Sequence[Message]) -> float:
    """Start at 1; add for what fits this person and was revealed, and what answers the message."""
    words, of_person = content_words(reply), content_words(profile.text)
    latest = content_words(history[-1].content)
    said = content_words(" ".join(turn.content for turn in history if turn.role == "user"))
    fits = words & of_person
    touches = bool(topics_in(reply) & topics_in(history[-1].content))
    hears = bool(_HEARING.search(reply.lower()))
    score = 1.0 + 0.7 * min(4, len(fits & latest)) + 0.4 * min(3, len(fits & (said - latest)))
    score += 0.3 * min(2, len((words & latest) - of_person)) + 0.5 * touches + 0.5 * hears
    knows_too_much = len(fits - said)
    return score - 0.4 * max(0, knows_too_much - 2) - _recitation(reply, profile) - _excess(reply)


def _recitation(reply: str, profile: Profile) -> float:
    """Take off for telling people their own life: facts named beyond the third."""
    words = content_words(reply)
    named = sum(len(words & fact) >= _NAMED * len(fact) for fact in _fact_words(profile) if fact)
    return 1.0 * max(0, named - 3)


@lru_cache(maxsize=4096)
def _fact_words(profile: Profile) -> tuple[frozenset[str], ...]:
    return tuple(content_words(fact.text) for fact in profile.facts)


def _excess(reply: str) -> float:
    return max(0, len(reply.split()) - _LONG_WORDS) / 30


def _engagement(reply: str, history: Sequence[Message]) -> float:
    """Start at 2.5; add for speaking to the user and asking well, take off for all that bores."""
    lower = reply.lower()
    before = {
        part for turn in history if turn.role == "assistant" for part in sentences(turn.content)
    }
    parts = sentences(reply)
    told = [part for part in parts if not part.endswith("?")]
    addresses = bool(re.search(r"\byou(?:r|rs|rself)?\b", lower))
    asked = [part for part in parts if part.endswith("?")]
    to_the_point = bool(topics_in(" ".join(asked)) & topics_in(history[-1].content))
    score = 2.5 + 0.5 * addresses + 1.0 * (len(asked) == 1) + 0.5 * (bool(told) and addresses)
    score += 0.5 * to_the_point
    score -= 1.0 * (not told) + 1.5 * bool(before & set(parts)) + 1.5 * bool(_LISTED.search(reply))
    score -= 2.5 * bool(_OFFICE_TALK.search(lower))
    return score - 1.0 * _rambles(reply) - _excess(reply)


def _says_nothing_new(reply: str, history: Sequence[Message]) -> bool:
    """Tell whether most of the reply stands word for word in the message or earlier replies."""
    words = bare_words(reply)
    earlier = [turn.content for turn in history if turn.role == "assistant"]
    heard = " | ".join(" ".join(bare_words(text)) for text in [*earlier, history[-1].content])
    runs = [" ".join(words[at : at + _RUN]) for at in range(max(1, len(words) - _RUN + 1))]
    return sum(run in heard for run in runs) > len(runs) / 2


def _rambles(reply: str) -> bool:
    words = bare_words(reply)
    return len(words) > 30 and len(set(words)) < 0.55 * len(words)
