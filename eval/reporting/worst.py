"""The worst turns of a run: failures, lowest scores, better replies passed over."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from dialogues.node import Node
from dialogues.tree import Tree
from eval.reporting.turns import Turn

Kind = Literal["failure", "score", "regret"]

SHOWN = 50
"""How many of each kind are listed of a run."""


class Bad(NamedTuple):
    """A bad turn: where it is, and how bad; the lowest `rank` is the worst.

    Attributes:
        told: what happened, in a word or number.
        scale: what a score could at worst and best have been; none for another kind.
    """

    kind: Kind
    rank: float
    tree: str
    node: Node
    told: str
    scale: tuple[float, float] | None = None


class Worst:
    """Keeps the worst turns of the trees it is shown."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: dict[Kind, list[Bad]] = {"failure": [], "score": [], "regret": []}

    def add(self, tree: Tree, turns: Sequence[Turn]) -> None:
        """Look at a tree; trees that are shown first come first among equals."""
        for node in tree.failures():
            told = node.failure.type if node.failure else ""
            self._found["failure"].append(Bad("failure", 0.0, tree.key, node, told))
        for turn in turns:
            for reply, score, regret in turn.chosen:
                if score is not None and turn.verdict:
                    told, scale = f"{score:.2f}", turn.verdict.scale
                    self._found["score"].append(Bad("score", score, tree.key, reply, told, scale))
                if regret:
                    bad = Bad("regret", -regret, tree.key, reply, f"{regret:.2f}")
                    self._found["regret"].append(bad)
        for kind, bad_ones in self._found.items():
            self._found[kind] = sorted(bad_ones, key=lambda one: one.rank)[:SHOWN]

    @property
    def found(self) -> list[Bad]:
        """The worst turns of each kind, the worst first."""
        return [bad for each in self._found.values() for bad in each]
