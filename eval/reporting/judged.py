"""Judged candidates: what judges said of all replies of a run that is no benchmark.

These figures are over every candidate that was judged, whether the dialogue went on from it or not,
and assistants do not meet the same histories: they describe a run, and are not the benchmark's AL.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dialogues.choice import Chooser, verdict_chooser
from dialogues.node import Node
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from eval.columns import NONE, Grid, figure
from eval.plotting import Chart, Curve
from eval.realism.figures import measured, ratio
from eval.reporting.turns import Turn, turns_of
from eval.result import Figure

_CLOSE = 0.1
ABOUT = (
    "Every candidate that was judged counts here, also those the dialogue did not go on from, and "
    "the assistants answer in dialogues that both have shaped: this describes the run and is not "
    "the benchmark's AL(k), which python -m eval.aloe measures.",
    "preferred: share of the sets with other candidates of which the judge puts this assistant's "
    "into the best tier, ties left out; margin: lead of the best over the next, in shares of the "
    "scale; ±: 95 % intervals by bootstrap over dialogues; [ ] where they end at the scale's end",
)

Key = tuple[str, ...]


class _Sums(NamedTuple):
    """Sums over one dialogue: by what is measured, how much and of how many."""

    parts: dict[Key, list[float]]

    def add(self, key: Key, amount: float, of: float = 1.0) -> None:
        held = self.parts.setdefault(key, [0.0, 0.0])
        held[0] += amount
        held[1] += of


class Judged:
    """Collects what one judge, or a panel, said of the candidates of a run."""

    def __init__(self, name: str, seed: int) -> None:
        """Begin with no tree.

        Args:
            name: a judge's spec, or how verdicts are combined.
            seed: of the resampling.
        """
        self.name = name
        self._seed = seed
        self._choose: Chooser = verdict_chooser(name)
        self._dialogues: list[_Sums] = []
        self._assistants: dict[str, None] = {}
        self._scales: set[tuple[float, float]] = set()
        self._turns = 0
        self.sets = 0

    def add(self, tree: Tree) -> None:
        """Look at a tree."""
        sums = _Sums({})
        for turn in turns_of(tree, self._choose):
            if turn.verdict and turn.candidates:
                self._enter(sums, turn, turn.verdict)
        if sums.parts:
            self._dialogues.append(sums)

    def _enter(self, sums: _Sums, turn: Turn, verdict: Verdict) -> None:
        ranked = {key for tier in verdict.ranking for key in tier}
        replies = [reply for reply in turn.candidates if reply.key in ranked]
        several = len(replies) > 1
        if several:
            self.sets += 1
            sums.add(("margin",), verdict.margin)
            sums.add(("confidence",), verdict.confidence)
            sums.add(("tie",), not verdict.preferred)
            sums.add(("close",), verdict.margin < _CLOSE)
        self._turns = max(self._turns, turn.user.turn)
        for reply in replies:
            self._assistants[reply.spec] = None
            self._enter_reply(sums, reply, verdict, several)

    def _enter_reply(self, sums: _Sums, reply: Node, verdict: Verdict, several: bool) -> None:
        sums.add(("words", reply.spec), len(reply.text.split()))
        if several and verdict.preferred:
            sums.add(("won", reply.spec), reply.key in verdict.preferred)
        if verdict.scores:
            self._scales.add(verdict.scale)
            score = verdict.mean_score(reply.key)
            sums.add(("score", reply.spec), score)
            sums.add(("score", reply.spec, str(reply.turn)), score)

    def blocks(self) -> list[Grid | Chart]:
        """Return curves and tables; nothing where the judge said nothing."""
        if not self._dialogues:
            return []
        chart = [self._chart()] if self._scored else []
        return [*chart, self._by_assistant()]

    @property
    def _scored(self) -> bool:
        return len(self._scales) == 1

    @property
    def _scale(self) -> str:
        low, high = next(iter(self._scales))
        return f"{low:g} to {high:g}"

    def _chart(self) -> Chart:
        curves = [
            Curve(
                name,
                [self._score("score", name, str(turn)) for turn in range(1, self._turns + 1)],
            )
            for name in sorted(self._assistants)
        ]
        return Chart(f"mean score of judge {self.name}", f"mean score, {self._scale}", curves)

    def _by_assistant(self) -> Grid:
        rows = [
            [
                name,
                f"{self._count('words', name):,.0f}",
                figure(self._score("score", name), 1, 2) if self._scored else NONE,
                figure(self._share("won", name), 100, 0),
                f"{self._count('won', name):,.0f}",
                figure(self._measure("words", name), 1, 0).partition(" ")[0],
            ]
            for name in sorted(self._assistants)
        ]
        scale = f", {self._scale}" if self._scored else ""
        header = ("assistant", "judged", f"mean score{scale}", "preferred, %", "of sets", "words")
        return Grid(f"judge {self.name}", header, rows)

    def row(self) -> list[str]:
        """Return what it said of whole sets, as a row of `sets_grid`."""
        return [
            self.name,
            f"{self.sets:,}",
            figure(self._share("margin"), 1, 2),
            figure(self._share("close"), 100, 0),
            figure(self._share("tie"), 100, 0),
            figure(self._share("confidence"), 1, 2),
        ]

    def _count(self, *key: str) -> float:
        return sum(sums.parts[key][1] for sums in self._dialogues if key in sums.parts)

    def _share(self, *key: str) -> Figure:
        return self._measure(*key, low=0.0, high=1.0)

    def _score(self, *key: str) -> Figure:
        low, high = next(iter(self._scales))
        return self._measure(*key, low=low, high=high)

    def _measure(self, *key: str, low: float = 0.0, high: float = float("inf")) -> Figure:
        parts = [sums.parts.get(key, [0.0, 0.0]) for sums in self._dialogues]
        found = measured(ratio([(over, under) for over, under in parts]), len(parts), self._seed)
        return Figure.of(found.estimate(low, high))


def sets_grid(judges: Sequence[Judged]) -> list[Grid]:
    """Return the table of margins and ties; none where no judge compared candidates."""
    rows = [one.row() for one in judges if one.sets]
    header = ("judge", "sets", "mean margin", f"margin < {_CLOSE}, %", "ties, %", "confidence")
    return [Grid("margins and ties", header, rows)] if rows else []
