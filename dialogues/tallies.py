"""Tallies: what a run's calls to models took, counted as its nodes are stored.

Every count goes in with the transaction that stores the nodes, so a run that is killed and
resumed knows exactly what it has spent. Money is not stored: prices change, tokens do not.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from dialogues.backends import insert
from dialogues.node import Node, Usage
from dialogues.schema import tallies

_COUNTS = tuple(name for name in Usage.model_fields if name != "faults")
_FAULT, _FAILURES = "fault:", "failures"


class Tally(NamedTuple):
    """What the calls of one agent took: the sum of its usages, and its faults by kind."""

    usage: Usage
    faults: Counter[str]
    failures: int = 0


def count_usage(connection: Connection, run_id: int, stored: Sequence[Node]) -> None:
    """Add what `stored` nodes took to the tallies of a run."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for node in stored:
        for what, count in _told(node):
            counted[node.seat, node.spec, what] += count
    rows = [
        {"run_id": run_id, "seat": seat, "spec": spec, "what": what, "count": count}
        for (seat, spec, what), count in sorted(counted.items())
        if count
    ]
    if rows:
        connection.execute(_adding(connection), rows)


def usage_of(connection: Connection, run_id: int) -> dict[tuple[str, str], Tally]:
    """Return a run's tallies by seat and spec."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in connection.execute(select(tallies).where(tallies.c.run_id == run_id)):
        found.setdefault((row.seat, row.spec), Counter())[row.what] = row._mapping["count"]
    return {key: _tally(counts) for key, counts in sorted(found.items())}


def _told(node: Node) -> list[tuple[str, int]]:
    if node.usage is None:
        return []
    spent = [(name, getattr(node.usage, name)) for name in _COUNTS]
    failed = (_FAILURES, int(node.failure is not None))
    return [*spent, failed, *((_FAULT + fault, 1) for fault in node.usage.faults)]


def _tally(counts: Counter[str]) -> Tally:
    usage = Usage(**{name: counts[name] for name in _COUNTS})
    faults = {what.removeprefix(_FAULT): n for what, n in counts.items() if what.startswith(_FAULT)}
    return Tally(usage, Counter(faults), counts[_FAILURES])


def _adding(connection: Connection) -> Any:
    new = insert(connection.dialect.name, tallies)
    keys = [column.name for column in tallies.primary_key]
    return new.on_conflict_do_update(
        index_elements=keys, set_={"count": tallies.c.count + new.excluded.count}
    )
