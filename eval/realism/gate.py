"""The fault gate as it was met: what a user said that no user may say, and what failed for good."""

from collections import Counter
from dataclasses import dataclass, field

from agents.models.model import CUT
from agents.prompted.backing import DROPPED
from dialogues.node import USER
from dialogues.tree import Tree
from eval.realism.record import Gate

_SAID_ALL_THE_SAME = (CUT, DROPPED)
"""Faults after which the message was taken as it was."""


@dataclass
class Counts:
    """Counts what one user's messages met, tree by tree."""

    messages: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, tree: Tree, user: str) -> None:
        """Count all messages of a user, on all branches, those that failed at first included."""
        for node in tree:
            if node.seat == USER and node.spec == user:
                self.messages += node.is_message
                self.faults.update(node.usage.faults if node.usage else ())
                self.failures.update([node.failure.type] if node.failure else ())

    def gate(self) -> Gate:
        """Return the counts as a record."""
        again = sum(n for fault, n in self.faults.items() if fault not in _SAID_ALL_THE_SAME)
        return Gate(
            texts=self.messages + again,
            faults=dict(sorted(self.faults.items())),
            failures=dict(sorted(self.failures.items())),
        )
