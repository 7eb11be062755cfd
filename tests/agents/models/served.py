"""`transformers serve` in a process of its own: the one real model server that needs no GPU."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

_NEEDED = ("torch", "transformers", "accelerate", "fastapi", "uvicorn")
_SECONDS, _PAUSE = 120, 0.1
_open = build_opener(ProxyHandler({})).open


def skip_unless_served() -> None:
    """Skip the test where `transformers serve` cannot run."""
    if missing := [name for name in _NEEDED if not find_spec(name)]:
        pytest.skip(f"transformers serve needs {', '.join(missing)}: see the `dev` extra")


@contextmanager
def served(model: Path, log: Path) -> Iterator[str]:
    """Serve the model in a folder under the folder's name; yields the base URL."""
    port = free_port()
    words = ["serve", model.name, "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "transformers.cli.transformers", *words],
            cwd=model.parent,
            env={**os.environ, **_environment(log.parent)},
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _environment(home: Path) -> dict[str, str]:
    """Keep the server off the network, off the machine's own models, and on one core."""
    (home / "hub").mkdir(exist_ok=True)
    return {"HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _wait(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    end = time.monotonic() + _SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with _open(url, timeout=_SECONDS):
                return
        except OSError:
            time.sleep(_PAUSE)
    pytest.fail(f"transformers serve did not come up:\n{log.read_text(errors='replace')}")
