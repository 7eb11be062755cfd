"""Preference pairs and preferred replies: what a verdict makes of sibling candidates."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from dialogues.choice import Chooser, verdict_chooser
from dialogues.node import Node
from dialogues.tree import Tree
from dialogues.verdict import Verdict


class Pair(NamedTuple):
    """Two sibling candidates that a verdict orders strictly."""

    user: Node
    chosen: Node
    rejected: Node
    verdict: Verdict

    @property
    def margin(self) -> float:
        """How far apart the verdict puts these two, in [0, 1]."""
        return self.verdict.margin_between(self.chosen.key, self.rejected.key)


class Judged(NamedTuple):
    """The candidates of one turn, best first, under the verdict that counts."""

    user: Node
    candidates: list[Node]
    verdict: Verdict

    @property
    def preferred(self) -> list[Node]:
        """The candidates of the best tier; none where all tie."""
        return [node for node in self.candidates if node.key in self.verdict.preferred]


def judged_sets(tree: Tree, choose: Chooser) -> Iterator[Judged]:
    """Walk the sibling sets that have a verdict, turn by turn; failed candidates are left out."""
    for user in tree.user_messages():
        verdict = choose(tree, user.key)
        if verdict is None:
            continue
        replies = [node for node in tree.candidates(user.key) if node.key in verdict.of]
        yield Judged(user, sorted(replies, key=lambda node: verdict.tier(node.key)), verdict)


def preference_pairs(
    tree: Tree, choose: Chooser | None = None, *, best_worst: bool = False
) -> Iterator[Pair]:
    """Walk the pairs of strictly ordered siblings; tied or identical replies make none.

    Args:
        tree: where to look.
        choose: picks the verdict that counts; by default the first one.
        best_worst: give one pair per set, a best against a worst candidate.
    """
    for user, candidates, verdict in judged_sets(tree, choose or verdict_chooser(None)):
        ordered = [
            Pair(user, better, worse, verdict)
            for better, worse in combinations(candidates, 2)
            if verdict.tier(better.key) < verdict.tier(worse.key) and better.text != worse.text
        ]
        yield from ordered if not best_worst else _widest(ordered)


def _widest(pairs: list[Pair]) -> list[Pair]:
    def distance(pair: Pair) -> int:
        return pair.verdict.tier(pair.rejected.key) - pair.verdict.tier(pair.chosen.key)

    return [max(pairs, key=distance)] if pairs else []
