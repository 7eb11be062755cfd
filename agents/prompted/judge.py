"""Judges on a model: listwise in two orders, or pointwise on ALOE's three criteria."""

import json
from collections.abc import Sequence
from functools import partial
from string import ascii_uppercase
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from agents.models.form import Form, ask_all, ask_for
from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt, Tagged, tagged
from agents.prompted.transcript import transcript
from agents.seats import Candidate, JudgeBrief, Judgement
from dialogues.choice import majority
from dialogues.node import Message, Usage
from dialogues.verdict import Verdict

Points = Literal[1, 2, 3, 4, 5]
LISTWISE, POINTWISE = "listwise", "pointwise"


class Ranking(BaseModel):
    """All replies by label, the best first, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    ranking: list[str]


class Scores(BaseModel):
    """The points of one reply, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    style: Points
    content: Points
    engagement: Points


_SCORES = Scores(reason="Warm, but asks what was told.", style=4, content=2, engagement=3)


class PromptedJudge:
    """Ranks the candidates as the persona would; in role `pointwise`, scores each by itself."""

    def __init__(self, backing: Backing) -> None:
        """Judge with the model and the prompts `listwise` and `pointwise`."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt:
        """Return the prompt it is asked with in a role."""
        return self.backing.prompts[POINTWISE if role == POINTWISE else LISTWISE]

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Rank the candidates of one turn; identical ones tie without a question.

        Raises:
            Unparsable: the model never answered in the form asked for.
            AgentError: it gave no answer.
        """
        if len({candidate.text for candidate in brief.candidates}) == 1:
            keys = tuple(candidate.key for candidate in brief.candidates)
            return Judgement(verdict=Verdict(ranking=(keys,), margin=0.0, confidence=1.0))
        return await (self._score(brief) if brief.role == POINTWISE else self._rank(brief))

    async def _rank(self, brief: JudgeBrief) -> Judgement:
        """Ask twice, the second time with the replies in reverse; each order is one vote."""
        orders = [list(brief.candidates), list(brief.candidates)[::-1]]
        asked = await ask_all(self._ask_to_rank(brief, order) for order in orders)
        votes = [_vote(order, ranking) for order, (ranking, _) in zip(orders, asked, strict=True)]
        combined = majority(votes)
        assert combined is not None
        extra = {
            "prompt_hash": self.prompt(LISTWISE).hash,
            "orders": tuple(tuple(one.key for one in order) for order in orders),
            "reasons": {key: text for vote in votes[::-1] for key, text in vote.reasons.items()},
        }
        return _judgement(combined.model_copy(update=extra), [answer for _, answer in asked])

    async def _ask_to_rank(
        self, brief: JudgeBrief, order: Sequence[Candidate]
    ) -> tuple[Ranking, Answer]:
        labels = _labels(len(order))
        replies = "\n".join(
            tagged("reply", candidate.text, label=label)
            for label, candidate in zip(labels, order, strict=True)
        )
        example = Ranking(reason="It is dry and short, as she is.", ranking=labels[::-1])
        form = Form(example, partial(_check_labels, labels))
        return await self._ask(brief, LISTWISE, form, replies=Tagged(replies))

    async def _score(self, brief: JudgeBrief) -> Judgement:
        asked = await ask_all(self._ask_to_score(brief, one) for one in brief.candidates)
        keys = [candidate.key for candidate in brief.candidates]
        given = {key: scores for key, (scores, _) in zip(keys, asked, strict=True)}
        verdict = Verdict.from_scores(
            {key: _points(scores) for key, scores in given.items()},
            prompt_hash=self.prompt(POINTWISE).hash,
            orders=[[key] for key in keys],
            reasons={key: scores.reason for key, scores in given.items()},
        )
        sure = verdict.model_copy(update={"confidence": verdict.agreement})
        return _judgement(sure, [answer for _, answer in asked])

    async def _ask_to_score(self, brief: JudgeBrief, candidate: Candidate) -> tuple[Scores, Answer]:
        return await self._ask(brief, POINTWISE, Form(_SCORES), reply=candidate.text)

    async def _ask(
        self, brief: JudgeBrief, role: str, form: Form[Any], **shown: str
    ) -> tuple[Any, Answer]:
        prompt, persona = self.prompt(role), brief.persona
        system = prompt.fill("system", example=form.example.model_dump_json())

        async def ask(history: Sequence[Message]) -> tuple[Any, Answer]:
            question = prompt.fill(
                "ask",
                profile=persona.profile.text,
                personality=persona.personality.text,
                chat=transcript(history),
                **shown,
            )
            messages = [Message("system", system), Message("user", question)]
            return await ask_for(self.backing.model, messages, brief.seed, form)

        (value, answer), dropped = await self.backing.with_history(brief.history, ask)
        return value, Answer(answer.text, answer.reasoning, answer.usage + dropped)


def _vote(order: Sequence[Candidate], ranking: Ranking) -> Verdict:
    keys = dict(zip(_labels(len(order)), (one.key for one in order), strict=True))
    ranked = tuple((keys[label],) for label in ranking.ranking)
    return Verdict(
        ranking=ranked, margin=1.0, confidence=1.0, reasons={ranked[0][0]: ranking.reason}
    )


def _labels(count: int) -> list[str]:
    letters = list(ascii_uppercase[:count])
    return letters if len(letters) == count else [f"R{number}" for number in range(1, count + 1)]


def _check_labels(labels: list[str], ranking: Ranking) -> None:
    if sorted(ranking.ranking) != sorted(labels):
        raise ValueError("the ranking does not name every reply once")


def _points(scores: Scores) -> dict[str, float]:
    return {name: float(value) for name, value in scores if name != "reason"}


def _judgement(verdict: Verdict, answers: Sequence[Answer]) -> Judgement:
    return Judgement(
        json.dumps([answer.text for answer in answers], ensure_ascii=False),
        reasoning="\n\n".join(answer.reasoning for answer in answers if answer.reasoning),
        usage=sum((answer.usage for answer in answers), Usage()),
        verdict=verdict,
    )
