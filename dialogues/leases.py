"""Leases: how several processes, on one machine or on many, share the open trees of a run.

A lease only keeps two workers from doing the same work; that nothing is stored twice rests on
unique slots alone. A worker that stops beating loses its leases after `LEASE_SECONDS` by the
database's clock, and at once if its process is seen to be dead on this machine.
"""

import os
import socket
import uuid
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Update, and_, bindparam, or_, select, update

from dialogues.backends import clock
from dialogues.engine import translated_errors
from dialogues.hashing import short_hash
from dialogues.patience import Patience, surviving
from dialogues.records import StoredTree
from dialogues.run import Run
from dialogues.schema import trees
from dialogues.tree import Tree

LEASE_SECONDS = 60.0
HEARTBEAT_SECONDS = 2.0


class Leases:
    """The leases one worker holds on trees of a run."""

    def __init__(self, run: Run) -> None:
        """Make a worker's lease book; nothing is claimed yet."""
        self.run = run
        self.owner = f"{socket.gethostname()}/{os.getpid()}/{_machine()}/{uuid.uuid4().hex[:8]}"
        self._held: set[int] = set()

    @property
    def patience(self) -> Patience:
        """How long the store is waited for."""
        return self.run.patience

    def claim(self, count: int, limit: int | None = None) -> list[StoredTree]:
        """Take up to `count` open trees nobody holds, among the first `limit`, and load them."""
        taken = self._take(count, limit)
        self._held.update(taken)
        return self.run.load(sorted(taken))

    @surviving
    def _take(self, count: int, limit: int | None) -> list[int]:
        # What a lost connection claimed for us without telling is ours to claim again.
        unknown = and_(trees.c.owner == self.owner, trees.c.id.not_in(self._held))
        free = or_(
            trees.c.owner.is_(None),
            trees.c.lease_until < clock(self.run.engine),
            trees.c.owner.in_(self._dead_owners()),
            unknown,
        )
        wanted = (
            select(trees.c.id)
            .where(self.run.planned(limit), trees.c.status == "open", free)
            .order_by(trees.c.ordinal)
            .limit(count)
            .with_for_update(skip_locked=True, key_share=True)
            .cte()
        )
        take = (
            update(trees)
            .where(trees.c.id.in_(select(wanted.c.id)))
            .values(owner=self.owner, lease_until=self._next_end())
            .returning(trees.c.id)
        )
        with translated_errors(self.run.location), self.run.engine.begin() as connection:
            return list(connection.execute(take).scalars())

    @surviving
    def beat(self, growing: Collection[StoredTree]) -> None:
        """Extend all leases this worker holds, and tell what its open trees hold so far."""
        told = [{"tree": tree_id, **self.run.counts(tree)} for tree_id, tree, _ in growing]
        grown = self._mine().where(trees.c.id == bindparam("tree"), trees.c.status == "open")
        names = ("nodes", "pairs", "failures")
        counted: dict[str, Any] = {name: bindparam(name) for name in names}
        with translated_errors(self.run.location), self.run.engine.begin() as connection:
            connection.execute(self._mine().values(lease_until=self._next_end()))
            if told:
                connection.execute(grown.values(**counted), told)

    def finish(self, tree_id: int, tree: Tree) -> None:
        """Record that a tree will not grow any more, and let it go."""
        self.run.finish(tree_id, tree)
        self._held.discard(tree_id)

    @surviving
    def release(self) -> None:
        """Give back all leases this worker holds."""
        with translated_errors(self.run.location), self.run.engine.begin() as connection:
            connection.execute(self._mine().values(owner=None, lease_until=None))
        self._held.clear()

    def _mine(self) -> Update:
        return update(trees).where(trees.c.run_id == self.run.id, trees.c.owner == self.owner)

    def _next_end(self) -> Any:
        return clock(self.run.engine) + LEASE_SECONDS

    def _dead_owners(self) -> list[str]:
        held = trees.c.owner.is_not(None)
        query = select(trees.c.owner).where(self.run.planned(), trees.c.status == "open", held)
        with translated_errors(self.run.location), self.run.engine.connect() as connection:
            owners = connection.execute(query.distinct()).scalars().all()
        return [str(owner) for owner in owners if is_dead(str(owner))]


@cache
def _machine() -> str:
    """Name the machine and the space of process ids on it: host names are not always unique."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return short_hash(boot, os.readlink("/proc/self/ns/pid"), size=4)
    except OSError:
        return ""


def is_dead(owner: str) -> bool:
    """Tell whether a lease's owner was a process of this machine that is no more."""
    host, pid, machine, *_ = owner.split("/")
    if (host, machine) != (socket.gethostname(), _machine()):
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(pid)


def _is_zombie(pid: str) -> bool:
    # Where nobody collects dead processes, as in many containers, they stay listed.
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] == "Z"
