"""A fixture for all tests of pools: what is printed is not broken into short lines."""

import pytest


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let lines be long."""
    monkeypatch.setenv("COLUMNS", "400")
