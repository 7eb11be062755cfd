"""Fixtures for the models: no keys of the machine, no waiting, one tiny model on disk."""

import os
from pathlib import Path

import pytest

from agents.models import remote
from tests.agents.models.tiny import make_tiny


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide whatever the machine has set for OpenAI."""
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the random part out of the waits between tries."""
    monkeypatch.setattr(remote, "_backoff", lambda state: 0.0)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny language model."""
    return make_tiny(tmp_path_factory.mktemp("tiny"))
