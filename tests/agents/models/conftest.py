"""Fixtures for the models: no keys of the machine, no waiting, one tiny model on disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from agents.models import remote
from tests.agents.models.tiny import make_tiny


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide whatever the machine has set for OpenAI."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def one_authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one certificate authority in place of a hundred, which every client would load."""
    first = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----")
    path = tmp_path_factory.mktemp("authority") / "one.pem"
    path.write_text("".join(first[:2]) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the random part out of the waits between tries."""
    monkeypatch.setattr(remote, "_backoff", lambda state: 0.0)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny language model, which one thread computes fastest."""
    import torch

    torch.set_num_threads(1)
    return make_tiny(tmp_path_factory.mktemp("tiny"))
