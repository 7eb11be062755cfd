"""Scoring one reply at a time: three criteria, one number for all, or aligned or not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict

from agents.models.form import Form, ask_all
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.prompted.question import judgement, put
from agents.seats import JudgeBrief, Judgement
from dialogues.verdict import Verdict


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        # To Python, true is 1.
        raise ValueError("a truth value is no number of points")
    return value


Points = Annotated[Literal[1, 2, 3, 4, 5], BeforeValidator(_no_truth)]


class Scores(BaseModel):
    """The points of one reply on each criterion, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    style: Points
    content: Points
    engagement: Points


class Overall(BaseModel):
    """The points of one reply on all criteria of ALOE (arXiv 2410.03642) together, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    overall: Points


class Alignment(BaseModel):
    """Whether one reply passes each question of RLPA (arXiv 2505.15456), and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    naturalness: bool
    relevance: bool
    logic: bool
    engagement: bool
    informativeness: bool


@dataclass(frozen=True)
class Scoring:
    """One way of scoring a reply.

    Attributes:
        form: the form of the answer.
        scores: makes the score on each criterion of it.
        reason: makes the reason of it.
        scale: lowest and highest possible score.
    """

    form: Form[Any]
    scores: Callable[[Any], dict[str, float]]
    reason: Callable[[Any], str]
    scale: tuple[float, float] = (1.0, 5.0)


def _points(answer: BaseModel) -> dict[str, float]:
    return {name: float(value) for name, value in answer if name != "reason"}


def _reason(answer: Scores | Overall) -> str:
    return answer.reason


def _aligned(answer: Alignment) -> dict[str, float]:
    return {"aligned": float(all(_points(answer).values()))}


def _answers(answer: Alignment) -> str:
    told = [f"{name} {'yes' if points else 'no'}" for name, points in _points(answer).items()]
    return f"{', '.join(told)}: {answer.reason}"


_WHY = "Warm, but asks what was told."
SCORINGS: Mapping[str, Scoring] = {
    "pointwise": Scoring(
        Form(Scores(reason=_WHY, style=4, content=2, engagement=3)), _points, _reason
    ),
    "overall": Scoring(Form(Overall(reason=_WHY, overall=3)), _points, _reason),
    "binary": Scoring(
        Form(
            Alignment(
                reason=_WHY,
                naturalness=True,
                relevance=False,
                logic=True,
                engagement=True,
                informativeness=True,
            )
        ),
        _aligned,
        _answers,
        (0.0, 1.0),
    ),
}
"""By the role of the judge."""


async def scored(backing: Backing, prompt: Prompt, brief: JudgeBrief, way: Scoring) -> Judgement:
    """Score each reply in a call of its own; one that is there twice is asked of once.

    Confidence is the share of criteria that agree with the order; 1 where there is one text only.

    Raises:
        Unparsable: the model never answered in the form asked for.
        AgentError: it gave no answer.
    """
    texts = list(dict.fromkeys(candidate.text for candidate in brief.candidates))
    asked = await ask_all(put(backing, prompt, brief, way.form, reply=text) for text in texts)
    answers = {text: answer for text, (answer, _) in zip(texts, asked, strict=True)}
    given = {candidate.key: answers[candidate.text] for candidate in brief.candidates}
    verdict = Verdict.from_scores(
        {key: way.scores(answer) for key, answer in given.items()},
        scale=way.scale,
        prompt_hash=prompt.hash,
        orders=[[key] for key in given],
        reasons={key: way.reason(answer) for key, answer in given.items()},
    )
    sure = verdict.agreement if len(texts) > 1 else 1.0
    told = verdict.model_copy(update={"confidence": sure})
    return judgement(told, [answer for _, answer in asked])
