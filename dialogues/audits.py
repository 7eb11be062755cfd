"""Audits: what was found of a run's judges and simulated users, kept with the run."""

from typing import Any, Literal

from sqlalchemy import and_, select

from dialogues.backends import writing
from dialogues.engine import translated_errors
from dialogues.run import Run
from dialogues.schema import audits

Audited = Literal["judge", "simulator", "agreement"]
"""What was audited; `agreement` is that of a judge with a person's picks in a chat."""


def note_audit(run: Run, kind: Audited, name: str, record: dict[str, Any]) -> None:
    """Keep an audit with its run, in place of an older one of the same name.

    Args:
        run: whose trees were looked at.
        kind: who was audited.
        name: its spec, without an endpoint.
        record: what was found, as JSON.

    Raises:
        StoreError: the store could not be written.
    """
    key = {"run_id": run.id, "kind": kind, "name": name}

    def write() -> None:
        with translated_errors(run.location), writing(run.engine) as connection:
            connection.execute(audits.delete().where(*(audits.c[at] == key[at] for at in key)))
            connection.execute(audits.insert().values(**key, record=record))

    run.patience.keep(write)


def audits_of(run: Run, kind: Audited) -> dict[str, dict[str, Any]]:
    """Return the audits of a kind that a run has, by name."""
    wanted = and_(audits.c.run_id == run.id, audits.c.kind == kind)
    query = select(audits.c.name, audits.c.record).where(wanted)

    def read() -> dict[str, dict[str, Any]]:
        with translated_errors(run.location), run.engine.connect() as connection:
            return {name: dict(record) for name, record in connection.execute(query)}

    return dict(sorted(run.patience.keep(read).items()))
