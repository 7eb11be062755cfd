"""One run of a store: its trees, their nodes and how far they are."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    exists,
    func,
    select,
    tuple_,
    update,
)

from dialogues.backends import insert_new, writing
from dialogues.choice import verdict_chooser
from dialogues.engine import translated_errors
from dialogues.errors import UsageError
from dialogues.mapping import to_node, to_row
from dialogues.node import Failure, Node, root_key
from dialogues.pairs import preference_pairs
from dialogues.patience import Patience, surviving
from dialogues.persona import Persona
from dialogues.records import Progress, RunRecord, Status, StoredTree, TreeSummary
from dialogues.schema import nodes, personas, trees
from dialogues.tallies import Tally, count_usage, usage_of
from dialogues.tree import Tree

_CHUNK, _STREAMED = 50, 500
_SAME_PERSONA = and_(personas.c.id == trees.c.persona_id, personas.c.run_id == trees.c.run_id)


class Run:
    """Reads and writes the trees of one run; made by `Store`."""

    def __init__(
        self, engine: Engine, location: str, run_id: int, record: RunRecord, patience: Patience
    ) -> None:
        """Bind the run numbered `run_id` of the store behind `engine`."""
        self.engine = engine
        self.location = location
        self.id = run_id
        self.record = record
        self.patience = patience

    def plan(self, cases: Iterable[tuple[Persona, int]]) -> None:
        """Enter the root slots (persona, repeat) the run is to grow, in order; known ones stay."""
        people, roots = {}, []
        for ordinal, (persona, repeat) in enumerate(cases):
            if persona.id not in people:
                record = persona.model_dump(mode="json")
                people[persona.id] = {"run_id": self.id, "id": persona.id, "record": record}
            root = {"run_id": self.id, "ordinal": ordinal, "persona_id": persona.id}
            roots.append({**root, "repeat": repeat, "key": root_key(persona.id, repeat)})
        self._enter(list(people.values()), roots)

    @surviving
    def _enter(self, people: Sequence[dict[str, Any]], roots: Sequence[dict[str, Any]]) -> None:
        with translated_errors(self.location), writing(self.engine) as connection:
            keys = connection.execute(select(trees.c.key).where(self.planned()))
            known = set(keys.scalars())
            if new := [root for root in roots if root["key"] not in known]:
                connection.execute(insert_new(self.engine, personas), people)
                connection.execute(insert_new(self.engine, trees), new)

    @surviving
    def add(self, written: Sequence[tuple[int, Node]]) -> list[Node]:
        """Store nodes, each with its tree's number, in one transaction; the first write wins.

        Returns:
            What each slot holds now: the node given, or the one that was there first.
        """
        if not written:
            return []
        rows = [to_row(tree_id, node) for tree_id, node in written]
        # All in one order: whoever writes the same slots waits here, and nobody in a circle.
        rows.sort(key=itemgetter("key"))
        with translated_errors(self.location), writing(self.engine) as connection:
            unknown = self._unknown(connection, written)
            stored = connection.execute(insert_new(self.engine, nodes), rows).rowcount
            # Last, since all workers of a run share these few rows.
            count_usage(connection, self.id, unknown)
            if stored == len(rows):
                return [node for _, node in written]
            return self._held(connection, [(tree_id, node.key) for tree_id, node in written])

    def _held(self, connection: Connection, wanted: Sequence[tuple[int, str]]) -> list[Node]:
        query = select(nodes).where(tuple_(nodes.c.tree_id, nodes.c.key).in_(wanted))
        held = {(row.tree_id, row.key): to_node(row) for row in connection.execute(query)}
        return [held[slot] for slot in wanted]

    def _unknown(self, connection: Connection, written: Sequence[tuple[int, Node]]) -> list[Node]:
        """Return the nodes with a usage that are not stored yet, word for word."""
        asked = [(tree_id, node) for tree_id, node in written if node.usage]
        if not asked:
            return []
        slots = tuple_(nodes.c.tree_id, nodes.c.key)
        wanted = [(tree_id, node.key) for tree_id, node in asked]
        query = select(nodes.c.tree_id, nodes.c.key, nodes.c.content_hash).where(slots.in_(wanted))
        known = {tuple(row) for row in connection.execute(query)}
        # An answer that lost a race for its slot is not stored, but was paid for.
        return [
            node for tree_id, node in asked if (tree_id, node.key, node.content_hash) not in known
        ]

    @surviving
    def spending(self) -> dict[tuple[str, str], Tally]:
        """Return what the calls to models took so far, by seat and spec."""
        with translated_errors(self.location), self.engine.connect() as connection:
            return usage_of(connection, self.id)

    @surviving
    def answers(self) -> dict[tuple[str, str], int]:
        """Count the nodes that did not fail, by seat and spec; reads the whole run."""
        query = (
            select(nodes.c.seat, nodes.c.spec, func.count())
            .join(trees, trees.c.id == nodes.c.tree_id)
            .where(self.planned(), nodes.c.failure.is_(None))
            .group_by(nodes.c.seat, nodes.c.spec)
        )
        with translated_errors(self.location), self.engine.connect() as connection:
            return {(seat, spec): count for seat, spec, count in connection.execute(query)}

    @surviving
    def reopen_failed(self, limit: int | None = None) -> int:
        """Open those of the first `limit` trees that failed again; return how many."""
        failed = update(trees).where(self.planned(limit), trees.c.status == "failed")
        with translated_errors(self.location), self.engine.begin() as connection:
            return connection.execute(failed.values(status="open")).rowcount

    @surviving
    def finish(self, tree_id: int, tree: Tree) -> None:
        """Record that a tree will not grow any more, count it, and end its lease."""
        counts = self.counts(tree)
        status: Status = "failed" if counts["failures"] else "done"
        done = update(trees).where(trees.c.id == tree_id)
        with translated_errors(self.location), self.engine.begin() as connection:
            connection.execute(done.values(status=status, **counts, owner=None, lease_until=None))

    def counts(self, tree: Tree) -> dict[str, int]:
        """Count a tree's nodes, its preference pairs under the run's judge, and its failures."""
        pairs = sum(1 for _ in preference_pairs(tree, verdict_chooser(self.record.judge)))
        return {"nodes": len(tree), "pairs": pairs, "failures": len(tree.failures())}

    @surviving
    def numbers(self) -> dict[str, int]:
        """Return the number of each tree by its key."""
        query = select(trees.c.key, trees.c.id).where(self.planned())
        with translated_errors(self.location), self.engine.connect() as connection:
            return {row.key: row.id for row in connection.execute(query)}

    @surviving
    def progress(self, limit: int | None = None) -> Progress:
        """Count the first `limit` trees by status."""
        columns = ("nodes", "pairs", "failures")
        query = (
            select(trees.c.status, func.count(), *(func.sum(trees.c[name]) for name in columns))
            .where(self.planned(limit))
            .group_by(trees.c.status)
        )
        with translated_errors(self.location), self.engine.connect() as connection:
            rows = {row[0]: tuple(row)[1:] for row in connection.execute(query)}
        totals = [sum(column) for column in zip(*rows.values(), strict=True)] or [0, 0, 0, 0]
        done, failed = (rows.get(status, (0,))[0] for status in ("done", "failed"))
        return Progress(totals[0], done, failed, *totals[1:])

    def failures(self) -> Iterator[tuple[str, Failure]]:
        """Stream the failed nodes that no later attempt replaced: the seat and what went wrong."""
        later = nodes.alias()
        same = [later.c[name] == nodes.c[name] for name in ("tree_id", "parent", "seat", "place")]
        query = (
            select(nodes.c.seat, nodes.c.failure)
            .join(trees, trees.c.id == nodes.c.tree_id)
            .where(self.planned(), nodes.c.failure.is_not(None))
            .where(~exists().where(*same, later.c.attempt > nodes.c.attempt))
            .execution_options(yield_per=_STREAMED)
        )
        with translated_errors(self.location), self.engine.connect() as connection:
            for row in connection.execute(query):
                yield row.seat, Failure.model_validate(row.failure)

    def summaries(self) -> Iterator[TreeSummary]:
        """Stream a line on each tree, in the order they were planned."""
        profile = personas.c.record["profile"]["text"].as_string()
        columns = [trees.c[name] for name in TreeSummary._fields if name != "profile"]
        query = (
            select(*columns, profile)
            .join(personas, _SAME_PERSONA)
            .where(self.planned())
            .order_by(trees.c.ordinal, trees.c.id)
            .execution_options(yield_per=_STREAMED)
        )
        with translated_errors(self.location), self.engine.connect() as connection:
            for row in connection.execute(query):
                yield TreeSummary._make(row)

    def tree(self, prefix: str) -> Tree:
        """Load the one tree whose key starts with `prefix`.

        Raises:
            UsageError: no tree of the run does, or more than one.
        """
        starts = trees.c.key.startswith(prefix, autoescape=True)
        found = list(self._load(select(trees.c.id).where(self.planned(), starts).limit(2)))
        if len(found) == 1:
            return found[0].tree
        what = "no tree" if not found else "several trees"
        raise UsageError(
            f"{what} of run {self.record.name!r} with an id that begins {prefix!r}; "
            f"list them with python -m dialogues.show {self.location} --all"
        )

    def holder(self, prefix: str) -> tuple[StoredTree, Node]:
        """Find the one node whose key starts with `prefix`; return its tree and it.

        Raises:
            UsageError: no node of the run does, or more than one.
        """
        starts = nodes.c.key.startswith(prefix, autoescape=True)
        ids = select(trees.c.id).join(nodes, nodes.c.tree_id == trees.c.id)
        held = self._load(ids.where(self.planned(), starts).limit(2))
        found = [(stored, node) for stored in held for node in stored.tree.find(prefix)]
        if len(found) == 1:
            return found[0]
        what = "no node" if not found else "several nodes"
        raise UsageError(
            f"{what} of run {self.record.name!r} with an id that begins {prefix!r}; python -m "
            f"dialogues.show {self.location} TREE tells the ids of a tree's nodes"
        )

    def stored_trees(self) -> Iterator[StoredTree]:
        """Stream all trees with at least one node, in the order they were planned."""
        order = select(trees.c.id).where(self.planned()).order_by(trees.c.ordinal, trees.c.id)
        return (stored for stored in self._load(order) if len(stored.tree))

    def planned_trees(self, limit: int | None = None) -> Iterator[StoredTree]:
        """Stream the first `limit` trees as planned, those that nobody has begun too."""
        order = select(trees.c.id).where(self.planned(limit))
        return self._load(order.order_by(trees.c.ordinal, trees.c.id))

    def trees(self) -> Iterator[Tree]:
        """Stream the trees of `stored_trees` alone."""
        return (stored.tree for stored in self.stored_trees())

    def load(self, tree_ids: Sequence[int]) -> list[StoredTree]:
        """Load trees by their numbers, in order."""
        wanted = select(trees.c.id).where(trees.c.id.in_(tree_ids))
        return list(self._load(wanted.order_by(trees.c.id)))

    def _load(self, ids: Select[int]) -> Iterator[StoredTree]:
        wanted = iter(self._numbers_of(ids))
        while chunk := list(islice(wanted, _CHUNK)):
            yield from self._load_chunk(chunk)

    @surviving
    def _numbers_of(self, ids: Select[int]) -> "array[int]":
        with translated_errors(self.location), self.engine.connect() as connection:
            # Eight bytes for each tree is all that grows with their number.
            streamed = ids.execution_options(yield_per=_STREAMED)
            return array("q", connection.execute(streamed).scalars())

    @surviving
    def _load_chunk(self, tree_ids: list[int]) -> list[StoredTree]:
        roots = (
            select(trees.c.id, trees.c.repeat, trees.c.status, personas.c.record)
            .join(personas, _SAME_PERSONA)
            .where(trees.c.id.in_(tree_ids))
        )
        with translated_errors(self.location), self.engine.connect() as connection:
            rows = connection.execute(select(nodes).where(nodes.c.tree_id.in_(tree_ids)))
            held: dict[int, list[Node]] = {tree_id: [] for tree_id in tree_ids}
            for row in rows:
                held[row.tree_id].append(to_node(row))
            found = {row.id: row for row in connection.execute(roots)}
        return [
            StoredTree(row.id, _tree(row, held[row.id]), row.status)
            for row in map(found.__getitem__, tree_ids)
        ]

    def planned(self, limit: int | None = None) -> ColumnElement[bool]:
        """Return the SQL condition for this run's first `limit` trees."""
        of_run = trees.c.run_id == self.id
        return of_run if limit is None else and_(of_run, trees.c.ordinal < limit)


def _tree(row: Any, held: list[Node]) -> Tree:
    return Tree(Persona.model_validate(row.record), row.repeat, held)
