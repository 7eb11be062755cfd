"""A line between a program and a PostgreSQL server that breaks when a test wants it to."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer

from tests.postgres import Server

_SOCKET = ".s.PGSQL.5432"
_CHUNK = 1 << 16


class Line(ThreadingUnixStreamServer):
    """Passes on what both sides say; may hang up on a commit that the server has carried out."""

    daemon_threads = True

    def __init__(self, folder: Path, server: Path) -> None:
        """Lay the line from a socket in `folder` to the one of the server's."""
        super().__init__(str(folder / _SOCKET), _Call)
        self.folder, self.far_end = folder, str(server / _SOCKET)
        self.unanswered = 0
        """So many commits yet are carried out and not answered."""

    def url(self, database: str) -> str:
        """Return the URL that leads over this line to where `database` leads."""
        return database.replace(str(Path(self.far_end).parent), str(self.folder))


class _Call(BaseRequestHandler):
    server: Line

    def handle(self) -> None:
        with suppress(ConnectionError), socket.socket(socket.AF_UNIX) as far:
            far.connect(self.server.far_end)
            near = self.request
            while True:
                for end in select([near, far], [], [])[0]:
                    said = end.recv(_CHUNK)
                    (near if end is far else far).sendall(said)
                    if not said:
                        return
                    if end is near and b"COMMIT" in said and self.server.unanswered:
                        self.server.unanswered -= 1
                        far.recv(_CHUNK)
                        return


@contextmanager
def line_to(server: Server) -> Iterator[Line]:
    """Lay a line to a server; at the end nobody picks up any more."""
    with (
        tempfile.TemporaryDirectory(prefix="grove-line-") as name,
        Line(Path(name), server.folder) as line,
    ):
        threading.Thread(target=line.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield line
        finally:
            line.shutdown()
