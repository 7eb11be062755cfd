"""Scanning a run: one walk over its trees for everything a report says of them."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from dialogues.choice import PANELS, Chooser, verdict_chooser
from dialogues.errors import UsageError
from dialogues.node import JUDGE
from dialogues.records import Progress
from dialogues.tree import Tree
from eval.reporting.judged import Judged
from eval.reporting.sources import Source
from eval.reporting.turns import turns_of
from eval.reporting.worst import Bad, Worst
from eval.scoring import PROTOCOL


class Scan(NamedTuple):
    """What a walk over a run has found.

    Attributes:
        choose: picks the verdict that counts.
        progress: how far the run is.
        judged: by judge, what it said of all candidates; of a benchmark nothing.
        protocols: judges of a benchmark by the protocol they judged under.
        readable: numbers in the store of the trees whose dialogues the page holds.
        total: of the trees that hold anything.
    """

    source: Source
    choose: Chooser
    progress: Progress
    judged: Sequence[Judged]
    worst: Sequence[Bad]
    protocols: dict[str, list[str]]
    readable: Sequence[int]
    total: int


class _Walk:
    """Collects while the trees of a run pass by."""

    def __init__(self, source: Source, choose: Chooser, counting: str | None) -> None:
        self.source = source
        self.choose = choose
        self.counting = counting
        self.seed = int(source.run.record.config.get("seed", 0))
        self.judged: dict[str, Judged] = {}
        self.worst = Worst()
        self.protocols: dict[str, set[str]] = {}
        self.numbers: dict[str, int] = {}

    def see(self, number: int, tree: Tree) -> None:
        self.numbers[tree.key] = number
        self.worst.add(tree, turns_of(tree, self.choose))
        for node in tree:
            if node.seat == JUDGE and PROTOCOL in node.notes:
                self.protocols.setdefault(str(node.notes[PROTOCOL]), set()).add(node.spec)
        if not self.source.suite:
            self._see_judges(tree)

    def _see_judges(self, tree: Tree) -> None:
        names = sorted(tree.judges())
        for name in [*names, *([self.counting] if self.counting in PANELS else [])]:
            # A judge that comes in later has nothing to say of earlier trees.
            self.judged.setdefault(name, Judged(name, self.seed))
        for judged in self.judged.values():
            judged.add(tree)

    def readable(self, most: int) -> list[int]:
        """Choose the trees to read: the bad ones first, then as planned; keep the run's order."""
        bad = dict.fromkeys(one.tree for one in self.worst.found)
        chosen = set(list(dict.fromkeys([*bad, *self.numbers]))[:most])
        return [number for key, number in self.numbers.items() if key in chosen]


def scan(source: Source, verdict: str | None, dialogues: int, step: Callable[[], None]) -> Scan:
    """Walk over a run.

    Args:
        source: which.
        verdict: whose verdict counts; None for the run's own judge.
        dialogues: how many may be read in the page.
        step: is called after each tree.
    """
    run = source.run
    counting = verdict or run.record.judge
    walk = _Walk(source, verdict_chooser(counting), counting)
    for stored in run.stored_trees():
        walk.see(stored.id, stored.tree)
        step()
    return Scan(
        source=source,
        choose=walk.choose,
        progress=run.progress(),
        judged=list(walk.judged.values()),
        worst=walk.worst.found,
        protocols={name: sorted(judges) for name, judges in sorted(walk.protocols.items())},
        readable=walk.readable(dialogues),
        total=len(walk.numbers),
    )


def check_verdict(scans: Sequence[Scan], verdict: str | None) -> None:
    """Make sure that somebody left the verdict that is to count.

    Raises:
        UsageError: nobody did.
    """
    if verdict is None or verdict in PANELS:
        return
    known = {judged.name for scan in scans for judged in scan.judged}
    known |= {judge for scan in scans for each in scan.protocols.values() for judge in each}
    if verdict.partition("@")[0] not in known:
        there = ", ".join(sorted(known)) or "none"
        raise UsageError(f"--verdict {verdict}: no such judge; there are {there}")
