"""Place: does a judge prefer the same of two replies, whichever it is shown first?"""

from collections.abc import Sequence
from typing import NamedTuple

from dialogues.persona import Frozen
from eval.auditing.answers import FIRST, SECOND, TIE, Answers
from eval.auditing.asking import BACKWARD, FORWARD
from eval.auditing.figures import Measure, share
from eval.auditing.items import Item


class Place(Frozen):
    """What the order does, over pairs that were judged in both orders.

    Attributes:
        same: share of pairs of which the same reply is preferred in both, or none in both.
        first: share of the answers that prefer one in which it is the first shown; 0.5 is fair.
        ties: share of the answers that prefer none.
    """

    same: Measure
    first: Measure
    ties: Measure


class BothWays(NamedTuple):
    """Which reply of a pair was preferred in either order."""

    item: Item
    forward: int
    backward: int

    @property
    def decided(self) -> list[int]:
        """The replies that were preferred."""
        return [one for one in (self.forward, self.backward) if one != TIE]


def both_ways(items: Sequence[Item], answers: Answers) -> list[BothWays]:
    """Return the pairs that a judge has judged in both orders."""
    found = []
    for item in items:
        forward, backward = answers.get(item, FORWARD), answers.get(item, BACKWARD)
        if forward and backward:
            found.append(BothWays(item, forward.preferred, backward.preferred))
    return found


def place(pairs: Sequence[BothWays], seed: int) -> Place:
    """Compare the answers in both orders."""
    owners = [pair.item.person for pair in pairs]
    decided = [len(pair.decided) for pair in pairs]
    first = [(pair.forward == FIRST) + (pair.backward == SECOND) for pair in pairs]
    same = [pair.forward == pair.backward for pair in pairs]
    return Place(
        same=share(same, [1] * len(pairs), owners, seed),
        first=share(first, decided, owners, seed),
        ties=share([2 - count for count in decided], [2] * len(pairs), owners, seed),
    )
