"""Which verdict counts where candidates have several: one judge's, the majority's, a person's."""

from collections.abc import Callable
from itertools import combinations
from statistics import fmean

from dialogues.node import JUDGE
from dialogues.tree import Tree
from dialogues.verdict import Verdict

HUMAN, MAJORITY, MEAN, CORRECTED = "human", "majority", "mean", "corrected"

Chooser = Callable[[Tree, str], Verdict | None]


def verdict_chooser(name: str | None, own: str | None = None) -> Chooser:
    """Return the function that picks the verdict on the replies to a user message.

    Args:
        name: a judge's spec, `human`, `majority` or `mean` over a panel, to which no person
            belongs, or `corrected`: a person's where there is one, else the run's own; None stands
            for the run's own.
        own: the run's own judge; None takes the first.
    """
    name = name or own
    if name == CORRECTED:
        persons, others = verdict_chooser(HUMAN), verdict_chooser(own)
        return lambda tree, user_key: persons(tree, user_key) or others(tree, user_key)
    if name in PANELS:
        combine = PANELS[name]
        return lambda tree, user_key: combine(_complete(tree, user_key))
    judge = name and name.partition("@")[0]
    return lambda tree, user_key: tree.verdict(user_key, judge)


def _complete(tree: Tree, user_key: str) -> list[Verdict]:
    """Return the judges' verdicts, or none where one of them failed."""
    judged = tree.children(user_key, JUDGE)
    return [] if any(node.failure for node in judged) else panel(tree, user_key)


def panel(tree: Tree, user_key: str) -> list[Verdict]:
    """Return the verdicts of all judges but a person."""
    return [verdict for judge, verdict in tree.verdicts(user_key) if judge != HUMAN]


def majority(verdicts: list[Verdict]) -> Verdict | None:
    """Combine verdicts on the same candidates: order them by net wins over all pairs and judges.

    The margin is the net share of votes between the first two tiers, the confidence the mean
    share of judges that agree with the combined order. None without verdicts, or where they are
    not all of the same candidates.
    """
    ranked = {verdict.of for verdict in verdicts}
    if len(ranked) != 1:
        return None
    keys = sorted(*ranked)
    wins = {key: sum(_net(key, other, verdicts) for other in keys if other != key) for key in keys}
    levels = sorted(set(wins.values()), reverse=True)
    ranking = tuple(tuple(key for key in keys if wins[key] == level) for level in levels)
    if len(ranking) == 1:
        return Verdict(ranking=ranking, margin=0.0, confidence=_agreement(ranking, verdicts))
    lead = abs(_net(ranking[0][0], ranking[1][0], verdicts)) / len(verdicts)
    return Verdict(ranking=ranking, margin=lead, confidence=_agreement(ranking, verdicts))


def mean(verdicts: list[Verdict]) -> Verdict | None:
    """Combine verdicts on the same candidates by the mean of their scores on each criterion.

    The confidence is the mean share of judges that agree with the combined order. None where
    there is no verdict, one has no scores, or they differ in candidates, criteria or scale.
    """
    shapes = {
        (verdict.scale, *((key, *sorted(each)) for key, each in sorted(verdict.scores.items())))
        for verdict in verdicts
    }
    if len(shapes) != 1 or not verdicts[0].scores:
        return None
    scores = {
        key: {name: fmean(v.scores[key][name] for v in verdicts) for name in each}
        for key, each in verdicts[0].scores.items()
    }
    combined = Verdict.from_scores(scores, scale=verdicts[0].scale)
    return combined.model_copy(update={"confidence": _agreement(combined.ranking, verdicts)})


def _net(key: str, other: str, verdicts: list[Verdict]) -> int:
    return sum(verdict.order(key, other) for verdict in verdicts)


def _agreement(ranking: tuple[tuple[str, ...], ...], verdicts: list[Verdict]) -> float:
    combined = Verdict(ranking=ranking, margin=0.0, confidence=0.0)
    pairs = list(combinations([key for tier in ranking for key in tier], 2))
    agreeing = sum(
        verdict.order(*pair) == combined.order(*pair) for verdict in verdicts for pair in pairs
    )
    return agreeing / (len(verdicts) * len(pairs)) if pairs else 1.0


PANELS = {MAJORITY: majority, MEAN: mean}
COMBINED = (*PANELS, CORRECTED)
"""Names of verdicts that are made of others'."""
