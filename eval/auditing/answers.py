"""What a judge answers in an audit: kept with it, so that every figure can be made again."""

from collections import Counter
from collections.abc import Iterable

from pydantic import Field

from dialogues.node import Node
from dialogues.persona import Frozen
from eval.auditing.items import Item

FIRST, SECOND, TIE = 0, 1, 2
"""Which of two replies is preferred, by its place in the item."""

Order = tuple[int, ...]
"""Places, in an item's replies, of those a judge is shown, the first shown first."""

_STEPS = 40


class Answered(Frozen):
    """What a judge said of the replies it was shown, which are named by their places in the item.

    Attributes:
        item: key of the item.
        order: the replies in the order shown.
        number: how many times this very question had been asked before.
        tiers: the best ones first; those of one tier tie. Empty where the judge failed.
        scores: mean score over the criteria, by place; empty for a judge that only ranks.
        scale: lowest and highest possible score.
        failure: type of the error if the judge failed, else empty.
        message: of that error.
    """

    item: str
    order: Order
    number: int = 0
    tiers: tuple[tuple[int, ...], ...] = ()
    scores: dict[int, float] = Field(default_factory=dict)
    scale: tuple[float, float] = (1.0, 5.0)
    failure: str = ""
    message: str = ""

    @classmethod
    def of(cls, item: Item, order: Order, number: int, node: Node) -> "Answered":
        """Take over what a judge left in a node."""
        if node.verdict is None:
            assert node.failure
            told = {"failure": node.failure.type, "message": node.failure.message}
            return cls(item=item.key, order=order, number=number, **told)
        places = {reply.key: at for at, reply in enumerate(item.replies)}
        verdict = node.verdict
        return cls(
            item=item.key,
            order=order,
            number=number,
            tiers=tuple(tuple(sorted(places[key] for key in tier)) for tier in verdict.ranking),
            scores={places[key]: verdict.mean_score(key) for key in verdict.scores},
            scale=verdict.scale,
        )

    @property
    def preferred(self) -> int:
        """Which of the item's first two replies it prefers: `FIRST`, `SECOND` or `TIE`."""
        tier = {place: at for at, places in enumerate(self.tiers) for place in places}
        if tier[FIRST] == tier[SECOND]:
            return TIE
        return FIRST if tier[FIRST] < tier[SECOND] else SECOND

    @property
    def steps(self) -> dict[int, int]:
        """Scores in fortieths of the scale: on one of 1 to 5, in tenths of a point."""
        low, high = self.scale
        return {
            place: round((score - low) / (high - low) * _STEPS)
            for place, score in self.scores.items()
        }


class Answers:
    """All that one judge answered."""

    def __init__(self, judge: str, given: Iterable[Answered]) -> None:
        """Hold the answers of the judge of that name."""
        self.judge = judge
        self.given = list(given)
        self._found = {
            (each.item, each.order, each.number): each for each in self.given if not each.failure
        }

    def get(self, item: Item, order: Order, number: int = 0) -> Answered | None:
        """Return an answer; None where the judge failed or was not asked."""
        return self._found.get((item.key, order, number))

    @property
    def failures(self) -> dict[str, int]:
        """How often the judge failed, by type, the most frequent first."""
        return dict(Counter(each.failure for each in self.given if each.failure).most_common())
