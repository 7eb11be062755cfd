"""A PostgreSQL server of one's own: real, empty, on a socket in a temporary folder."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

OWNER = "grove"
FAST = ("fsync=off", "full_page_writes=off")
"""Settings of a server whose data outlive its crash, but not that of its machine."""

_DEBIANS = Path("/usr/lib/postgresql")
_SERVANTS = ("postgres", "nobody")
_PATIENCE = 30.0


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, the newest's; None where there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    found_below = [path.parent for path in _DEBIANS.glob("*/bin/initdb")]
    return max(found_below, key=lambda folder: int(folder.parent.name), default=None)


class Server:
    """A PostgreSQL server that may be stopped and started again; the role OWNER may do anything."""

    def __init__(self, folder: Path, programs: Path, settings: Sequence[str] = ()) -> None:
        """Make its data below an empty `folder`; it does not run yet."""
        self.folder, self._programs = folder, programs
        self._data = folder / "data"
        self._user = _servant()
        self._process: subprocess.Popen[bytes] | None = None
        self._places = count(1)
        if self._user:
            shutil.chown(folder, self._user)
        how = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        command = [programs / "initdb", "--pgdata", self._data, "--username", OWNER, *how]
        subprocess.run(command, user=self._user, cwd=folder, check=True, capture_output=True)
        # Only what needs no password is asked none.
        (self._data / "pg_hba.conf").write_text(
            f"local all {OWNER},nobody trust\nlocal all all scram-sha-256\n"
        )
        where = (f"unix_socket_directories={folder}", "listen_addresses=")
        self._flags = [word for setting in (*where, *settings) for word in ("-c", setting)]

    def url(self, database: str = "postgres", user: str = OWNER) -> str:
        """Return the URL of a database; a password may stand in `user` after a colon."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.folder}"

    def new_place(self) -> str:
        """Return the URL of a new schema, which a store takes for a database of its own."""
        name = f"place_{next(self._places)}"
        self.execute(f"CREATE SCHEMA {name}")
        return f"{self.url()}&options=-csearch_path%3D{name}"

    def execute(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Let the owner do something, outside any transaction; return what it finds."""
        where = f"host={self.folder} user={OWNER} dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def start(self) -> None:
        """Start it and wait until it answers."""
        log = self.folder / "log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, *self._flags],
                user=self._user,
                cwd=self.folder,
                stdout=file,
                stderr=file,
            )
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL does not start: {log.read_text()}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it as an administrator does; by SIGQUIT as a crash would."""
        assert self._process
        self._process.send_signal(how)
        self._process.wait(_PATIENCE)

    def _answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True


def _servant() -> str | None:
    """Name the user the server runs as where we are root, which it refuses to run as."""
    if os.geteuid():
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return next(name for name in _SERVANTS if name in known)


@contextmanager
def temporary_server(programs: Path, *settings: str) -> Iterator[Server]:
    """Run a server with settings such as those of FAST in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="grove-pg-") as name:
        server = Server(Path(name), programs, settings)
        server.start()
        try:
            yield server
        finally:
            server.stop(signal.SIGQUIT)
