"""Listwise judging: all replies of a turn at once, in two orders."""

from collections.abc import Sequence
from functools import partial
from string import ascii_uppercase

from pydantic import BaseModel, ConfigDict

from agents.models.form import Form, ask_all
from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt, Tagged, tagged
from agents.prompted.question import judgement, put
from agents.seats import Candidate, JudgeBrief, Judgement
from dialogues.choice import majority
from dialogues.verdict import Verdict


class Ranking(BaseModel):
    """All replies by label, the best first, and why."""

    model_config = ConfigDict(extra="forbid")

    reason: str
    ranking: list[str]


async def ranked(backing: Backing, prompt: Prompt, brief: JudgeBrief) -> Judgement:
    """Ask twice, the second time with the replies in reverse; each order is one vote.

    Raises:
        Unparsable: the model never answered in the form asked for.
        AgentError: it gave no answer.
    """
    orders = [list(brief.candidates), list(brief.candidates)[::-1]]
    asked = await ask_all(_ask(backing, prompt, brief, order) for order in orders)
    votes = [_vote(order, ranking) for order, (ranking, _) in zip(orders, asked, strict=True)]
    combined = majority(votes)
    assert combined is not None
    extra = {
        "prompt_hash": prompt.hash,
        "orders": tuple(tuple(one.key for one in order) for order in orders),
        "reasons": {key: text for vote in votes[::-1] for key, text in vote.reasons.items()},
    }
    return judgement(combined.model_copy(update=extra), [answer for _, answer in asked])


async def _ask(
    backing: Backing, prompt: Prompt, brief: JudgeBrief, order: Sequence[Candidate]
) -> tuple[Ranking, Answer]:
    labels = _labels(len(order))
    replies = "\n".join(
        tagged("reply", candidate.text, label=label)
        for label, candidate in zip(labels, order, strict=True)
    )
    example = Ranking(reason="It is dry and short, as she is.", ranking=labels[::-1])
    form = Form(example, partial(_check_labels, labels))
    return await put(backing, prompt, brief, form, replies=Tagged(replies))


def _vote(order: Sequence[Candidate], ranking: Ranking) -> Verdict:
    keys = dict(zip(_labels(len(order)), (one.key for one in order), strict=True))
    tiers = tuple((keys[label],) for label in ranking.ranking)
    return Verdict(ranking=tiers, margin=1.0, confidence=1.0, reasons={tiers[0][0]: ranking.reason})


def _labels(count: int) -> list[str]:
    letters = list(ascii_uppercase[:count])
    return letters if len(letters) == count else [f"R{number}" for number in range(1, count + 1)]


def _check_labels(labels: list[str], ranking: Ranking) -> None:
    if sorted(ranking.ranking) != sorted(labels):
        raise ValueError("the ranking does not name every reply once")
