"""LangSmith is told seat, slot and tree where its variables are set, and nothing otherwise."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dialogues.node import ASSISTANT, JUDGE, USER
from tests.growing import trees_of
from tests.model_server import ModelServer

ROOT = Path(__file__).parents[2]
KEY = "lsv2_pt_0123456789abcdef"


class Received:
    """A stand-in for LangSmith's collector that keeps the bodies it is sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        bodies = self.bodies

        class Collector(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self._body())
                self._answer(b"{}")

            def do_GET(self) -> None:
                self._answer(b"{}")

            def _body(self) -> bytes:
                if length := self.headers.get("content-length"):
                    return self.rfile.read(int(length))
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            def _answer(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def text(self) -> str:
        return b"\n".join(self.bodies).decode("utf-8", "replace")


@pytest.fixture
def collector() -> Iterator[Received]:
    received = Received()
    yield received
    received.server.shutdown()
    received.server.server_close()


def grow_traced(store: Path, user: str, **variables: str) -> None:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("LANGSMITH", "LANGCHAIN"))}
    flags = ["--limit", "1", "--turns", "1", "--workers", "1", "--user", user]
    subprocess.run(
        [sys.executable, "-m", "graphs.simulate", "--store", str(store), *flags],
        cwd=ROOT,
        env={**clean, "LANGSMITH_DISABLE_RUN_COMPRESSION": "true", **variables},
        check=True,
        capture_output=True,
    )


def test_a_traced_run_names_seats_slots_and_trees(tmp_path: Path, collector: Received) -> None:
    with ModelServer() as server:
        told = {"LANGSMITH_TRACING": "true", "LANGSMITH_ENDPOINT": collector.url}
        store = tmp_path / "a.db"
        grow_traced(store, f"openai:stub@{server.url}", LANGSMITH_API_KEY=KEY, **told)
    [tree] = trees_of(store)
    [said] = tree.user_messages()
    assert '"dialogue"' in collector.text
    assert f'"tree":"{tree.key}"' in collector.text
    assert f'"persona":"{tree.persona.id}"' in collector.text
    assert f'"slot":"{said.key}"' in collector.text
    assert f'"seat":"{USER}"' in collector.text
    assert f'"{USER}"' in collector.text and "openai:stub" in collector.text
    assert all(f'"name":"{step}"' in collector.text for step in ("candidate", JUDGE))
    assert KEY not in collector.text


def test_nothing_is_sent_without_the_switch(tmp_path: Path, collector: Received) -> None:
    told = {"LANGSMITH_ENDPOINT": collector.url, "LANGSMITH_API_KEY": KEY}
    grow_traced(tmp_path / "a.db", "scripted", **told)
    assert collector.bodies == []
    assert (
        trees_of(tmp_path / "a.db")[0]
        .candidates(trees_of(tmp_path / "a.db")[0].user_messages()[0].key)[0]
        .seat
        == ASSISTANT
    )
