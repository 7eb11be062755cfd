"""Where a run stands, as anybody can read it while others write: what is stored, who is at work."""

from typing import NamedTuple

from sqlalchemy import and_, case, func, or_, select

from dialogues.backends import clock
from dialogues.engine import translated_errors
from dialogues.leases import LEASE_SECONDS, is_dead
from dialogues.run import Run
from dialogues.schema import nodes, trees


class Holder(NamedTuple):
    """A worker with leases: its host and process, how many trees, seconds since it last beat.

    Attributes:
        is_gone: its leases have run out, or its process is seen to be dead on this machine, so that
            others may take its trees.
    """

    host: str
    process: int
    trees: int
    since: float
    is_gone: bool


class Standing(NamedTuple):
    """How many trees are done, failed and open, and how many nodes are stored in them."""

    done: int
    failed: int
    open: int
    nodes: int
    nodes_of_done: int
    nodes_of_open: int

    @property
    def trees(self) -> int:
        """All trees that are planned."""
        return self.done + self.failed + self.open

    @property
    def nodes_left(self) -> float | None:
        """How many nodes are to come, if open trees become as large as those done are on average.

        None where none is done yet.
        """
        if not self.done:
            return None
        return max(0.0, self.open * self.nodes_of_done / self.done - self.nodes_of_open)


def standing_of(run: Run) -> Standing:
    """Count what is stored of a run, to the last node and at one moment."""
    begun = or_(trees.c.owner.is_not(None), trees.c.nodes > 0)
    counted = select(func.count()).where(nodes.c.tree_id == trees.c.id).scalar_subquery()
    stored = case((and_(trees.c.status == "open", begun), counted), else_=trees.c.nodes)
    each = select(trees.c.status, stored.label("stored")).where(run.planned()).subquery()
    query = select(each.c.status, func.count(), func.sum(each.c.stored)).group_by(each.c.status)

    def read() -> dict[str, tuple[int, int]]:
        with translated_errors(run.location), run.engine.connect() as connection:
            rows = connection.execute(query)
            return {status: (count, int(total)) for status, count, total in rows}

    found = run.patience.keep(read)
    done, failed, open_ = (found.get(status, (0, 0)) for status in ("done", "failed", "open"))
    every = done[1] + failed[1] + open_[1]
    return Standing(done[0], failed[0], open_[0], every, done[1], open_[1])


def holders_of(run: Run) -> list[Holder]:
    """Return who holds leases on open trees of a run, by host and process."""
    since = func.min(clock(run.engine) - trees.c.lease_until) + LEASE_SECONDS
    query = (
        select(trees.c.owner, func.count(), since)
        .where(run.planned(), trees.c.status == "open", trees.c.owner.is_not(None))
        .group_by(trees.c.owner)
    )

    def read() -> list[Holder]:
        with translated_errors(run.location), run.engine.connect() as connection:
            rows = connection.execute(query).all()
        return sorted(_holder(owner, count, max(0.0, since)) for owner, count, since in rows)

    return run.patience.keep(read)


def _holder(owner: str, count: int, since: float) -> Holder:
    host, process, *_ = owner.split("/")
    return Holder(host, int(process), count, since, since > LEASE_SECONDS or is_dead(owner))
