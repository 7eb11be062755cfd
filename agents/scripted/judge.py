"""The scripted judge: a rubric of the ALOE paper's three criteria, each an inspectable rule."""

from collections.abc import Sequence

from agents.scripted.style import Style, style_of
from agents.scripted.words import content_words
from agents.seats import JudgeBrief, Judgement
from dialogues.node import Message
from dialogues.persona import Persona
from dialogues.verdict import Verdict

_COMFORTABLE_WORDS: dict[Style, tuple[int, int]] = {
    "brief": (4, 22),
    "even": (8, 40),
    "lively": (12, 60),
}


class ScriptedJudge:
    """Scores every candidate 1-5 on style, content and engagement, and ranks by the mean."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Rank the candidates; confidence is the share of criteria that agree with the order."""
        scores = {
            candidate.key: rubric(candidate.text, brief.persona, brief.history)
            for candidate in brief.candidates
        }
        verdict = Verdict.from_scores(scores)
        return Judgement(verdict=verdict.model_copy(update={"confidence": _agreement(verdict)}))


def rubric(reply: str, persona: Persona, history: Sequence[Message]) -> dict[str, float]:
    """Score one reply, each criterion in 1-5, given the dialogue up to the user's message."""
    style = style_of(persona.personality)
    return {
        "style": _style(reply, style),
        "content": _content(reply, persona, history[-1].content),
        "engagement": _engagement(reply, history),
    }


def _style(reply: str, style: Style) -> float:
    shortest, longest = _COMFORTABLE_WORDS[style]
    words = len(reply.split())
    off = max(0, shortest - words, words - longest)
    shouting = reply.count("!") > (2 if style == "lively" else 0)
    return max(1.0, 5.0 - off / 6 - shouting)


def _content(reply: str, persona: Persona, message: str) -> float:
    words = content_words(reply)
    shared = len(words & content_words(message)) + len(words & content_words(persona.profile.text))
    return min(5.0, 1.0 + shared / 2)


def _engagement(reply: str, history: Sequence[Message]) -> float:
    if any(reply == message.content for message in history):
        return 1.0
    asks = 1.0 if "?" in reply else 0.0
    addresses = 1.0 if {"you", "your"} & set(reply.lower().split()) else 0.0
    return 2.5 + asks + addresses


def _agreement(verdict: Verdict) -> float:
    if not verdict.preferred:
        return 0.0
    best, other = verdict.preferred[0], verdict.ranking[1][0]
    agreeing = [
        verdict.scores[best][criterion] >= verdict.scores[other][criterion]
        for criterion in verdict.scores[best]
    ]
    return sum(agreeing) / len(agreeing)
