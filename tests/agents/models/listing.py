"""A web server that answers every GET with the same thing, or never: for listings of models."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Page:
    """What is answered; `{key}` in the body is the Authorization header of the request."""

    body: str
    status: int = 200
    kind: str = "application/json"
    wait: threading.Event = field(default_factory=lambda: _SET)


_SET = threading.Event()
_SET.set()


@contextmanager
def serving(page: Page) -> Iterator[str]:
    """Serve `page` everywhere; yields the base URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(page))
    thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        page.wait.set()
        server.shutdown()
        server.server_close()


def _handler(page: Page) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page.wait.wait()
            body = page.body.replace("{key}", self.headers["Authorization"]).encode()
            self.send_response(page.status)
            self.send_header("Content-Type", page.kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        log_message: Callable[..., None] = lambda self, *args: None

    return Handler
