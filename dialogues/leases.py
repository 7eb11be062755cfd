"""Leases: how several processes share the open trees of a run.

A lease only keeps two workers from doing the same work; that nothing is stored twice rests on
unique slots alone. A worker that stops beating loses its leases after `LEASE_SECONDS`, and at
once if its process is seen to be dead on this machine.
"""

import os
import socket
import time
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Update, bindparam, or_, select, update

from dialogues.engine import translated_errors
from dialogues.records import StoredTree
from dialogues.run import Run
from dialogues.schema import trees

LEASE_SECONDS = 60.0
HEARTBEAT_SECONDS = 2.0


class Leases:
    """The leases one worker holds on trees of a run."""

    def __init__(self, run: Run) -> None:
        """Make a worker's lease book; nothing is claimed yet."""
        self.run = run
        self.owner = f"{socket.gethostname()}/{os.getpid()}/{uuid.uuid4().hex[:8]}"

    def claim(self, count: int, limit: int | None = None) -> list[StoredTree]:
        """Take up to `count` open trees nobody holds, among the first `limit`, and load them."""
        free = or_(
            trees.c.owner.is_(None),
            trees.c.lease_until < time.time(),
            trees.c.owner.in_(self._dead_owners()),
        )
        wanted = (
            select(trees.c.id)
            .where(self.run.planned(limit), trees.c.status == "open", free)
            .order_by(trees.c.ordinal)
            .limit(count)
            .with_for_update(skip_locked=True)
        )
        take = (
            update(trees)
            .where(trees.c.id.in_(wanted.scalar_subquery()))
            .values(owner=self.owner, lease_until=time.time() + LEASE_SECONDS)
            .returning(trees.c.id)
        )
        with translated_errors(self.run.location), self.run.engine.begin() as connection:
            taken = connection.execute(take).scalars().all()
        return self.run.load(sorted(taken))

    def beat(self, growing: Iterable[StoredTree]) -> None:
        """Extend all leases this worker holds, and tell what its open trees hold so far."""
        told = [{"tree": tree_id, **self.run.counts(tree)} for tree_id, tree, _ in growing]
        grown = update(trees).where(trees.c.id == bindparam("tree"), trees.c.status == "open")
        names = ("nodes", "pairs", "failures")
        counted: dict[str, Any] = {name: bindparam(name) for name in names}
        with translated_errors(self.run.location), self.run.engine.begin() as connection:
            connection.execute(self._mine().values(lease_until=time.time() + LEASE_SECONDS))
            if told:
                connection.execute(grown.values(**counted), told)

    def release(self) -> None:
        """Give back all leases this worker holds."""
        with translated_errors(self.run.location), self.run.engine.begin() as connection:
            connection.execute(self._mine().values(owner=None, lease_until=None))

    def _mine(self) -> Update:
        return update(trees).where(trees.c.run_id == self.run.id, trees.c.owner == self.owner)

    def _dead_owners(self) -> list[str]:
        query = (
            select(trees.c.owner).where(self.run.planned(), trees.c.owner.is_not(None)).distinct()
        )
        with translated_errors(self.run.location), self.run.engine.connect() as connection:
            return [owner for owner in connection.execute(query).scalars() if _is_dead(str(owner))]


def _is_dead(owner: str) -> bool:
    host, pid, _ = owner.split("/")
    if host != socket.gethostname():
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
