"""The tree store: an SQL database that holds several named runs."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import select

from dialogues.backends import insert_new
from dialogues.engine import connect, translated_errors
from dialogues.errors import UsageError
from dialogues.location import shown
from dialogues.patience import Patience, surviving
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.schema import runs

_PROMPTS = "prompts"


class Store:
    """An open tree store; a context manager that closes its connections."""

    def __init__(self, location: str | Path, *, create: bool = False) -> None:
        """Open the store at a URL or path; see `open_store`."""
        self.location = shown(location)
        self.engine = connect(location, create=create)
        self.patience = Patience(self.location)

    def __enter__(self) -> "Store":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    @surviving
    def runs(self) -> list[Run]:
        """Return all runs, oldest first."""
        with translated_errors(self.location), self.engine.connect() as connection:
            rows = connection.execute(select(runs).order_by(runs.c.id)).all()
        return [self._run(row.id, RunRecord.model_validate(row.record)) for row in rows]

    def run(self, name: str = "main") -> Run:
        """Return the run called `name`.

        Raises:
            UsageError: there is none; the message names those there are.
        """
        found = self.runs()
        for run in found:
            if run.record.name == name:
                return run
        known = ", ".join(run.record.name for run in found)
        mend = f"name one with --run: {known}" if known else "it has none yet"
        raise UsageError(f"{self.location} has no run {name!r}; {mend}")

    @surviving
    def begin(self, record: RunRecord, free: Collection[str] = ()) -> Run:
        """Return the run `record` describes, made now or resumed.

        Args:
            record: name, configuration and provenance of the run.
            free: the settings that may differ from those the run began with.

        Raises:
            UsageError: the run exists and another setting differs; the message names it.
        """
        with translated_errors(self.location), self.engine.begin() as connection:
            values = {"name": record.name, "record": record.model_dump(mode="json")}
            connection.execute(insert_new(self.engine, runs), [values])
            found = select(runs).where(runs.c.name == record.name)
            row = connection.execute(found).one()
        stored = RunRecord.model_validate(row.record)
        self._refuse_differences(stored, record, free)
        return self._run(row.id, stored)

    def _run(self, run_id: int, record: RunRecord) -> Run:
        return Run(self.engine, self.location, run_id, record, self.patience)

    def _refuse_differences(
        self, stored: RunRecord, asked: RunRecord, free: Collection[str]
    ) -> None:
        there, now = (
            {key: value for key, value in record.config.items() if key not in free}
            for record in (stored, asked)
        )
        if told := _differences(there, now):
            raise UsageError(
                f"run {stored.name!r} of {self.location} began with other settings "
                f"({'; '.join(told)}); repeat them to resume, or name a new run with --run"
            )


def _differences(there: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Say where two configurations differ, by the innermost names."""
    before, after = dict(_leaves(there)), dict(_leaves(now))
    paths = [path for path in sorted(before | after) if before.get(path) != after.get(path)]
    told = [
        f"{'.'.join(path)} {before.get(path)!r}, not {after.get(path)!r}"
        for path in paths
        if path[0] != _PROMPTS
    ]
    # That another agent is asked with another prompt needs no word beside the agents.
    shared = before.keys() & after.keys() if told else set(paths)
    prompts = [path[-1] for path in paths if path[0] == _PROMPTS and path in shared]
    return told + [f"the prompt file of {seat} differs, see --prompts" for seat in prompts]


def _leaves(
    values: Mapping[str, Any], above: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in values.items():
        path = (*above, name)
        if isinstance(value, Mapping):
            yield from _leaves(value, path)
        else:
            yield path, value


def open_store(location: str | Path, *, create: bool = False) -> Store:
    """Open the tree store at a URL (`sqlite:///…`, `postgresql+psycopg://…`) or path.

    Args:
        location: where the store is.
        create: make it, and its folder, if it is not there.

    Raises:
        UsageError: it is missing, no Grove store, or of a newer schema.
        StoreError: the database answers with an error.
    """
    return Store(location, create=create)
