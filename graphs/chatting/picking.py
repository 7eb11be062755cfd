"""Picks: what a person types to compare replies, and how often a judge is of the same mind.

2            reply 2 is the best, the others tie behind it
2>1=3        an order with ties
=            all are as good
2 it asks    … with a reason
"""

import re
from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

from dialogues.choice import HUMAN
from dialogues.errors import UsageError
from dialogues.tree import Tree
from dialogues.verdict import Verdict

_PICK = re.compile(r"(=|\d{1,4}(?:\s*[>=]\s*\d{1,4})*)(?:\s+(\S.*))?", re.DOTALL)


def picked(typed: str, keys: Sequence[str]) -> Verdict:
    """Read a pick between candidates.

    Args:
        typed: what the person wrote.
        keys: of the candidates, in the order in which they were shown.

    Raises:
        UsageError: it is no pick, or names a candidate that is not there.
    """
    match = _PICK.fullmatch(typed.strip())
    if match is None:
        raise UsageError(f"type a number up to {len(keys)}, an order such as 2>1, or = for a tie")
    order, reason = match[1], match[2] or ""
    tiers = [[*keys]] if order == "=" else [_named(tier, keys) for tier in order.split(">")]
    ranked = [key for tier in tiers for key in tier]
    if len(set(ranked)) < len(ranked):
        raise UsageError(f"{order}: a reply is named twice")
    behind = [key for key in keys if key not in ranked]
    ranking = tuple(tuple(tier) for tier in [*tiers, behind] if tier)
    return Verdict(
        ranking=ranking,
        margin=float(len(ranking) > 1),
        confidence=1.0,
        orders=(tuple(keys),),
        reasons={ranking[0][0]: reason} if reason else {},
    )


def _named(tier: str, keys: Sequence[str]) -> list[str]:
    numbers = [int(number) for number in tier.split("=")]
    if any(not 1 <= number <= len(keys) for number in numbers):
        raise UsageError(f"{tier.strip()}: the replies are numbered from 1 to {len(keys)}")
    return [keys[number - 1] for number in numbers]


class Agreement(NamedTuple):
    """How often a judge orders two replies as the person does.

    Attributes:
        agreeing: pairs of replies that both order in the same way.
        pairs: pairs that both order; where one of them sees a tie there is nothing to compare.
        turns: turns that both judged.
    """

    agreeing: int = 0
    pairs: int = 0
    turns: int = 0


def agreements(tree: Tree) -> dict[str, Agreement]:
    """Compare a person's picks in a tree with every judge of the same replies, by its spec."""
    found: dict[str, Agreement] = {}
    for user in tree.user_messages():
        verdicts = dict(tree.verdicts(user.key))
        own = verdicts.pop(HUMAN, None)
        for judge, verdict in verdicts.items():
            if own and verdict.of == own.of:
                before = found.get(judge, Agreement())
                orders = [own.order(*pair) * verdict.order(*pair) for pair in _pairs(own)]
                found[judge] = Agreement(
                    before.agreeing + orders.count(1),
                    before.pairs + orders.count(1) + orders.count(-1),
                    before.turns + 1,
                )
    return found


def _pairs(verdict: Verdict) -> list[tuple[str, str]]:
    return list(combinations(sorted(verdict.of), 2))
