"""The files of a report: written beside their places, and put there only when all are complete."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dialogues.errors import UsageError
from eval.plotting import Chart, plot

_ENDING = ".html"


def check_out(out: Path) -> None:
    """Make sure that a page can be written, before long work is done for it.

    Raises:
        UsageError: it cannot; the message says why and what to give.
    """
    for path in (out, tables_of(out)):
        if path.is_dir():
            raise UsageError(f"--out {path}: is a folder; give a name that ends in {_ENDING}")
    if out.suffix.lower() != _ENDING:
        raise UsageError(f"--out {out}: give a name that ends in {_ENDING}")
    folder = next(each for each in out.absolute().parents if each.exists())
    if not folder.is_dir():
        raise UsageError(f"--out {out}: {folder.name} is no folder; give another place")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"--out {out}: {folder.name} cannot be written to; give another place")


def tables_of(out: Path) -> Path:
    """Return where a page's tables lie as Markdown."""
    return out.with_suffix(".md")


def picture_names(out: Path, count: int) -> list[str]:
    """Name the pictures that lie beside a page."""
    return [f"{out.stem}_{number}.png" for number in range(1, count + 1)]


def write(out: Path, texts: Mapping[Path, str], charts: Mapping[str, Chart]) -> None:
    """Write texts, and charts as PNG beside `out`; all of them or, where that fails, none.

    Raises:
        UsageError: they cannot be written.
    """
    paths = [*texts, *(out.with_name(name) for name in charts)]
    with _explained(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        try:
            for path, text in texts.items():
                _part(path).write_text(text, encoding="utf-8")
            for name, chart in charts.items():
                plot(chart, _part(out.with_name(name)))
            for path in paths:
                os.replace(_part(path), path)
        finally:
            for path in paths:
                _part(path).unlink(missing_ok=True)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.stem}.part{path.suffix}")


@contextmanager
def _explained(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(
            f"--out {out}: cannot be written ({error.strerror}); give another place"
        ) from error
