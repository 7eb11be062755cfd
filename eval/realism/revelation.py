"""Revelation: how fast users give away who they are, by gold label or by their words."""

from collections.abc import Sequence

import numpy as np

from eval.matching import speaks_of
from eval.realism.figures import measured, ratio
from eval.realism.record import Revelation, Share
from eval.realism.talk import Talk
from eval.result import Figure, rounded

_EARLY = 2


def revelation_of(talks: Sequence[Talk], seed: int) -> Revelation | None:
    """Measure how the facts of profiles come out; None where no profile is known."""
    known = [talk for talk in talks if talk.facts]
    if not known:
        return None
    revealed = [newly_revealed(talk) for talk in known]
    counts = [[len(facts) for facts in each] for each in revealed]
    lines, count = sum(map(len, counts)), len(known)
    dumped = [
        (float(sum(each[:_EARLY]) > len(talk.facts) / 2), 1.0)
        for talk, each in zip(known, counts, strict=True)
    ]
    per_turn = ratio([(sum(each), len(each)) for each in counts])
    silent = ratio([(each.count(0), len(each)) for each in counts])
    gold = {_has_gold(talk) for talk in known}
    return Revelation(
        source="mixed" if len(gold) > 1 else "gold" if gold.pop() else "words",
        curve=_curve(known, counts),
        per_turn=Figure.of(measured(per_turn, count, seed).estimate(0.0)),
        silent=Share.measure(silent, count, lines, seed),
        dumps=Share.measure(ratio(dumped), count, count, seed),
    )


def newly_revealed(talk: Talk) -> list[set[str]]:
    """Return the ids of the facts that each message reveals for the first time."""
    told: set[str] = set()
    found = []
    for line in talk.lines:
        if _has_gold(talk):
            now = {fact.id for fact in talk.facts} & set(line.reveals or ())
        else:
            now = {fact.id for fact in talk.facts if speaks_of(line.text, fact.text)}
        found.append(now - told)
        told |= now
    return found


def _has_gold(talk: Talk) -> bool:
    return any(line.reveals is not None for line in talk.lines)


def _curve(talks: Sequence[Talk], counts: Sequence[Sequence[int]]) -> list[float]:
    turns = max(map(len, counts))
    shares = [
        np.cumsum([*each, *[0] * (turns - len(each))]) / len(talk.facts)
        for talk, each in zip(talks, counts, strict=True)
    ]
    return [rounded(float(share)) or 0.0 for share in np.mean(shares, axis=0)]
