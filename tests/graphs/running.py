"""Runs of `graphs.simulate` in real processes, to be killed and stopped while a test looks on."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from tests.agents.troupe import PATH

HOME = Path(__file__).parents[2]
TREES, TURNS = 12, 5
NODES = TREES * TURNS * 5
SLOW = ("--user", f"{PATH}:SlowUser")
SHAPE = (*SLOW, "--limit", str(TREES), "--turns", str(TURNS))
TWO_WORKERS = ("--workers", "2", "--concurrency", "2")
PATIENCE = 60.0


def count(store: Path | str, of: str = "nodes") -> int:
    """Count the rows of a table of a store that others are writing; 0 while it does not answer."""
    try:
        with closing(_connected(str(store))) as connection:
            return int(connection.execute(f"select count(*) from {of}").fetchone()[0])
    except (sqlite3.OperationalError, psycopg.Error):
        return 0


def _connected(store: str) -> Any:
    if "://" not in store:
        return sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    url = make_url(store)
    return psycopg.connect(dbname=url.database, user=url.username, **url.query)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, but not for ever."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def held_leases(store: Path | str) -> int:
    """Count the trees that somebody holds."""
    return count(store, "trees where owner is not null")


class Running:
    """A `graphs.simulate` process of its own process group, and its workers."""

    def __init__(
        self, store: Path | str, *flags: str, folder: Path = HOME, **environment: str
    ) -> None:
        command = [sys.executable, "-m", "graphs.simulate", "--store", str(store), *flags]
        self.store = store
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(HOME), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, nodes: int, of: str = "nodes") -> None:
        """Wait until the store holds that many nodes."""
        until(lambda: count(self.store, of) >= nodes or self.process.poll() is not None)
        assert self.process.poll() is None, "it ended before it could be disturbed"

    def workers(self) -> list[int]:
        """Return the process ids of the workers that are alive, also when orphaned."""
        listed = subprocess.run(
            ["ps", "-A", "-ww", "-o", "pid=,pgid=,stat=,args="],
            capture_output=True,
            text=True,
            check=True,
        )
        rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
        return [
            int(row[0])
            for row in rows
            if int(row[1]) == self.process.pid and row[2][0] != "Z" and "spawn_main" in row[-1]
        ]

    def end(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what was said."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def kill_group(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(
    store: Path | str, *flags: str, folder: Path = HOME, **environment: str
) -> Iterator[Running]:
    """Run `graphs.simulate` in a process, started in a folder; leave none behind."""
    started = Running(store, *flags, folder=folder, **environment)
    try:
        yield started
    finally:
        if started.workers() or started.process.poll() is None:
            started.kill_group()
        if started.process.stdout:
            started.process.stdout.close()
