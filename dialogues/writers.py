"""Writers that stream rows to a file and put it in place only when it is complete."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from dialogues.errors import GroveError, UsageError

_BATCH = 1000


class Writer(Protocol):
    """Takes rows one at a time."""

    def write(self, row: dict[str, Any]) -> None:
        """Add a row."""
        ...

    def close(self) -> None:
        """Finish the file."""
        ...


@contextmanager
def row_writer(path: Path) -> Iterator[Writer]:
    """Open a writer for `path` by its ending, `.jsonl` or `.parquet`.

    The rows go to a file beside it that takes its name at the end, so `path` is never half
    written.

    Raises:
        UsageError: the ending is another, or the folder cannot be written.
        GroveError: writing failed.
    """
    if path.suffix not in _WRITERS:
        raise UsageError(f"--out {path}: name a file ending in {' or '.join(_WRITERS)}")
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = _WRITERS[path.suffix](part)
    except OSError as error:
        raise UsageError(f"--out {path}: cannot write there: {error}") from error
    try:
        yield writer
        writer.close()
        os.replace(part, path)
    except OSError as error:
        raise GroveError(f"writing {path} failed: {error}") from error
    finally:
        part.unlink(missing_ok=True)


class JsonLines:
    """One JSON object per line, UTF-8."""

    def __init__(self, path: Path) -> None:
        """Create the file."""
        self._file = path.open("w", encoding="utf-8")

    def write(self, row: dict[str, Any]) -> None:
        """Add a line; JSON escapes keep lone surrogates and control characters harmless."""
        self._file.write(json.dumps(row, separators=(",", ":")) + "\n")

    def close(self) -> None:
        """Flush and close the file."""
        self._file.close()


class Parquet:
    """A Parquet file, written in batches; the first one fixes the columns."""

    def __init__(self, path: Path) -> None:
        """Create the file at the first batch.

        Raises:
            UsageError: pyarrow is not installed.
        """
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise UsageError(
                "Parquet needs pyarrow (pip install -c constraints.txt -e '.[train]'); "
                "or write .jsonl"
            ) from error
        self._arrow = pyarrow
        self._path = path
        self._rows: list[dict[str, Any]] = []
        self._writer: Any = None

    def write(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= _BATCH:
            self._flush()

    def close(self) -> None:
        """Write what is left and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        try:
            schema = self._writer.schema if self._writer else self._first_schema()
            table = self._arrow.Table.from_pylist(self._rows, schema=schema)
        except (self._arrow.ArrowInvalid, self._arrow.ArrowTypeError) as error:
            raise GroveError(
                f"a column holds values of more than one type ({error}); write .jsonl"
            ) from error
        if self._writer is None:
            self._writer = self._arrow.parquet.ParquetWriter(self._path, table.schema)
        self._writer.write_table(table)
        self._rows = []

    def _first_schema(self) -> Any:
        """Infer the columns; what is empty all through the first batch will hold texts."""
        text = self._arrow.string()
        empty = {
            self._arrow.null(): text,
            self._arrow.list_(self._arrow.null()): self._arrow.list_(text),
        }
        names = dict.fromkeys(name for row in self._rows for name in row)
        columns = {name: [row.get(name) for row in self._rows] for name in names}
        found = self._arrow.table(columns).schema
        fields = [field.with_type(empty.get(field.type, field.type)) for field in found]
        return self._arrow.schema(fields)


_WRITERS: dict[str, type[JsonLines] | type[Parquet]] = {".jsonl": JsonLines, ".parquet": Parquet}
