"""Hard times for a store: many callers at once, a disk that fills up."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event

T = TypeVar("T")


def at_once(work: Callable[[int], T], threads: int = 6) -> list[T]:
    """Do the same in several threads that start at the same moment."""
    barrier = threading.Barrier(threads)

    def start(index: int) -> T:
        barrier.wait()
        return work(index)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(start, range(threads)))


@contextmanager
def full_disk(pages: int) -> Iterator[None]:
    """Let no SQLite database grow beyond `pages` pages, as on a full disk."""

    def limit(connection: Any, _record: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


def pages_of(store: Path) -> int:
    """Return how many pages an SQLite file has."""
    return int(sqlite3.connect(store).execute("PRAGMA page_count").fetchone()[0])
