"""Fixtures for the tests of the chat."""

from pathlib import Path
from typing import Any

import pytest

from tests.graphs.chatting.failing import FAILURES
from tests.graphs.chatting.talking import Talker


@pytest.fixture
def talk(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Path) -> Talker:
    """The command, in a folder of its own."""
    FAILURES.clear()
    return Talker(monkeypatch, capsys, tmp_path)
