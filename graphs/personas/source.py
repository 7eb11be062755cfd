"""Descriptions from a file or a data set, handed out as a writer would write them."""

import glob
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.seats import WriterBrief, Written
from dialogues.errors import UsageError

_FORMATS = {".jsonl": "json", ".json": "json", ".csv": "csv", ".parquet": "parquet"}


class Rows:
    """A writer that only copies: every call gets the next texts of a column."""

    def __init__(self, texts: Sequence[Any]) -> None:
        """Hand out `texts`, leaving out what is no text."""
        self._texts = texts

    async def write(self, brief: WriterBrief) -> Written:
        """Return the texts that fall to this call; the last ones say so."""
        start, end = brief.number * brief.count, (brief.number + 1) * brief.count
        texts = tuple(text for text in self._texts[start:end] if isinstance(text, str))
        return Written(texts=texts, last=end >= len(self._texts))


def open_rows(source: str, column: str) -> Sequence[Any]:
    """Open one column of a JSONL, CSV or Parquet file, or of a data set on the Hugging Face hub.

    Raises:
        UsageError: it cannot be read, or has no such column.
    """
    try:
        from datasets import disable_progress_bars, load_dataset
    except ImportError as error:
        raise UsageError("--from needs a further package: pip install -e '.[train]'") from error
    disable_progress_bars()
    # It logs what we say in our own line.
    logging.getLogger("datasets").setLevel(logging.CRITICAL)
    path = Path(source)
    form = _FORMATS.get(path.suffix)
    if path.exists() and form is None:
        raise UsageError(f"--from {source}: give a .jsonl, .json, .csv or .parquet file")
    if form and not path.is_file():
        raise UsageError(f"--from {source}: no such file")
    try:
        if form:
            rows = load_dataset(form, data_files=glob.escape(str(path)), split="train")
        else:
            rows = load_dataset(source, split="train")
    except Exception as error:
        cause = error.__cause__ or error
        reason = (str(cause).splitlines() or [type(cause).__name__])[0][:200]
        raise UsageError(f"--from {source}: cannot be read ({reason})") from error
    if column not in rows.column_names:
        known = ", ".join(rows.column_names)
        raise UsageError(f"--from {source}: no column {column!r}; it has {known}")
    texts: Sequence[Any] = rows[column]
    return texts
