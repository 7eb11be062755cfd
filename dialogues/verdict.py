"""A verdict: what one judge said of sibling candidates."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from pydantic import Field, model_validator

from dialogues.persona import Frozen
from dialogues.storable import StorableText


class Verdict(Frozen):
    """A ranking with ties over sibling candidates, named by their keys.

    Attributes:
        ranking: tiers of candidate keys, the best tier first; a tier of two or more is a tie.
        scores: for each candidate, its score on each criterion; empty for a judge that only ranks.
        scale: lowest and highest possible score.
        margin: lead of the best tier over the next, in [0, 1]; 0 for a full tie.
        confidence: how sure the judge is of the order, in [0, 1].
        prompt_hash: hash of the judge's prompt; empty where there is none.
        orders: the orders in which the candidates were shown.
        reasons: what the judge said for or of a candidate, by its key.
    """

    ranking: tuple[tuple[str, ...], ...]
    scores: dict[str, dict[str, float]] = Field(default_factory=dict)
    scale: tuple[float, float] = (1.0, 5.0)
    margin: float = Field(ge=0, le=1)
    confidence: float = Field(ge=0, le=1)
    prompt_hash: str = ""
    orders: tuple[tuple[str, ...], ...] = ()
    reasons: dict[str, StorableText] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_sound(self) -> "Verdict":
        ranked = [key for tier in self.ranking for key in tier]
        if len(set(ranked)) != len(ranked) or not all(self.ranking):
            raise ValueError("a ranking names each candidate once, in tiers that are not empty")
        if not self.scores:
            return self
        if set(self.scores) != set(ranked):
            raise ValueError("scores and ranking are of different candidates")
        lowest, highest = self.scale
        given = [score for each in self.scores.values() for score in each.values()]
        if not all(lowest <= score <= highest for score in given):
            raise ValueError(f"a score lies outside the scale of {lowest:g} to {highest:g}")
        tiers = [{self.mean_score(key) for key in tier} for tier in self.ranking]
        means = [mean for tier in tiers for mean in tier]
        if len(means) > len(tiers) or means != sorted(means, reverse=True):
            raise ValueError("the ranking contradicts the scores")
        return self

    @classmethod
    def from_scores(
        cls,
        scores: Mapping[str, Mapping[str, float]],
        *,
        confidence: float = 1.0,
        scale: tuple[float, float] = (1.0, 5.0),
        prompt_hash: str = "",
        orders: Sequence[Sequence[str]] = (),
        reasons: Mapping[str, str] | None = None,
    ) -> "Verdict":
        """Rank candidates by their mean score over the criteria; equal means tie."""
        means = {key: _mean(each) for key, each in scores.items()}
        levels = sorted(set(means.values()), reverse=True)
        ranking = tuple(tuple(k for k, mean in means.items() if mean == level) for level in levels)
        lead = levels[0] - levels[1] if len(levels) > 1 else 0.0
        return cls(
            ranking=ranking,
            scores={key: dict(each) for key, each in scores.items()},
            scale=scale,
            margin=lead / (scale[1] - scale[0]),
            confidence=confidence,
            prompt_hash=prompt_hash,
            orders=tuple(tuple(order) for order in orders),
            reasons=dict(reasons or {}),
        )

    def tier(self, key: str) -> int:
        """Return the tier of a candidate, 0 for the best.

        Raises:
            KeyError: this verdict says nothing of `key`.
        """
        for index, tier in enumerate(self.ranking):
            if key in tier:
                return index
        raise KeyError(key)

    @property
    def of(self) -> frozenset[str]:
        """The candidates it ranks."""
        return frozenset(key for tier in self.ranking for key in tier)

    def order(self, one: str, other: str) -> int:
        """Return 1 where the first of two candidates is preferred, -1 the second, 0 in a tie.

        Raises:
            KeyError: one was not ranked.
        """
        lead = self.tier(other) - self.tier(one)
        return (lead > 0) - (lead < 0)

    def mean_score(self, key: str) -> float:
        """Return the mean over criteria.

        Raises:
            KeyError: there is no score of `key`; a judge may only rank.
        """
        return _mean(self.scores[key])

    def margin_between(self, better: str, worse: str) -> float:
        """Return the margin of one pair in [0, 1]: the score difference over the scale's range.

        A judge that only ranked has one margin for the whole set.
        """
        if not self.scores:
            return self.margin
        lead = self.mean_score(better) - self.mean_score(worse)
        return lead / (self.scale[1] - self.scale[0])

    @property
    def agreement(self) -> float:
        """The share of criteria on which the best candidate is not behind the next; 0 for a tie."""
        if not (self.preferred and self.scores):
            return 0.0
        best, other = (self.scores[tier[0]] for tier in self.ranking[:2])
        return sum(best[name] >= other[name] for name in best) / len(best)

    @property
    def preferred(self) -> tuple[str, ...]:
        """The best tier, or nothing where all candidates tie."""
        return self.ranking[0] if len(self.ranking) > 1 else ()


def _mean(scores: Mapping[str, float]) -> float:
    # Rounded, so that the order of the criteria cannot break a tie.
    return round(fmean(scores.values()), 9)
