"""Corrections: the verdicts of persons beside a judge's, and how many of them are against it."""

from dataclasses import dataclass
from itertools import combinations

from dialogues.choice import HUMAN
from dialogues.tree import Tree
from dialogues.verdict import Verdict


@dataclass
class Corrections:
    """Counts the verdicts of persons.

    Attributes:
        own: the run's own judge, whom they are held against; where that is a person or nobody, any.
        verdicts: of persons.
        against: those that order two replies the other way round than the judge.
    """

    own: str | None = None
    verdicts: int = 0
    against: int = 0

    def see(self, tree: Tree) -> None:
        """Count a tree's."""
        for user in tree.user_messages():
            verdicts = dict(tree.verdicts(user.key))
            if person := verdicts.pop(HUMAN, None):
                judged = [v for judge, v in verdicts.items() if self.own in (None, HUMAN, judge)]
                self.verdicts += 1
                self.against += bool(judged) and _disagree(person, judged[0])

    def __str__(self) -> str:
        """Say it in a line; nothing where no person said anything."""
        if not self.verdicts:
            return ""
        return f"a person's verdicts: {self.verdicts}, of which against the judge: {self.against}"


def _disagree(one: Verdict, other: Verdict) -> bool:
    pairs = combinations(sorted(one.of & other.of), 2)
    return any(one.order(*pair) * other.order(*pair) < 0 for pair in pairs)
