"""Judges whose audit is known beforehand, named by dotted path."""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from agents.seats import Candidate, JudgeBrief, Judgement
from dialogues.verdict import Verdict
from eval.labels import SHIPPED, read_labels

PATH = "tests.eval.auditing.judges"


def ranking(*tiers: Sequence[Candidate]) -> Judgement:
    named = tuple(tuple(each.key for each in tier) for tier in tiers if tier)
    margin = 0.0 if len(named) == 1 else 1.0
    return Judgement(verdict=Verdict(ranking=named, margin=margin, confidence=1.0))


def scoring(points: Mapping[str, float], scale: tuple[float, float] = (1.0, 5.0)) -> Judgement:
    scores = {key: {"points": each} for key, each in points.items()}
    return Judgement(verdict=Verdict.from_scores(scores, scale=scale))


class FirstShown:
    """Prefers what it is shown first."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        return ranking(*([each] for each in brief.candidates))


class Longest:
    """Prefers the reply of more words."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        lengths = {each: len(each.text.split()) for each in brief.candidates}
        levels = sorted(set(lengths.values()), reverse=True)
        return ranking(*([each for each in lengths if lengths[each] == at] for at in levels))


class Shortest(Longest):
    """Prefers the reply of fewer words."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        verdict = (await super().judge(brief)).verdict
        reverse = verdict.model_copy(update={"ranking": verdict.ranking[::-1]})
        return Judgement(verdict=reverse)


class CoinFlip:
    """Prefers whichever a coin says."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        tossed = list(brief.candidates)
        Random(brief.seed).shuffle(tossed)
        return ranking(*([each] for each in tossed))


class Moody:
    """Gives each reply 2 or 4 points, as a coin says."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        rng = Random(brief.seed)
        return scoring({each.key: rng.choice([2.0, 4.0]) for each in brief.candidates})


class Passing:
    """Scores 0 or 1, and lets every reply pass."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        return scoring({each.key: 1.0 for each in brief.candidates}, (0.0, 1.0))


class LengthScore:
    """Scores each reply by its words, from 1 to 5."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        return scoring(
            {each.key: min(5.0, 1 + len(each.text.split()) / 10) for each in brief.candidates}
        )


class LastMessageOnly:
    """Scores 5 where it sees one message, 1 where it sees more."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        points = 5.0 if len(brief.history) == 1 else 1.0
        return scoring({each.key: points for each in brief.candidates})


class Failing:
    """Never answers."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        raise TimeoutError("no answer in 60 s")


class RarelyFailing(FirstShown):
    """Fails on one set of words, and else prefers what it is shown first."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        if brief.seed % 20 == 0:
            raise ConnectionError("gone")
        return await super().judge(brief)


class Perfect:
    """Says what the shipped labels say; where there is none, a tie."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        first, second = brief.candidates
        message = brief.history[-1].content
        preferred = labelled().get((brief.persona.id, message, first.text, second.text))
        if preferred is None:
            return ranking(brief.candidates)
        return ranking([brief.candidates[preferred]], [brief.candidates[1 - preferred]])


@cache
def labelled() -> dict[tuple[str, str, str, str], int | None]:
    return {
        (each.persona.id, each.history[-1].content, *each.replies): each.preferred
        for each in read_labels(SHIPPED)
    }
