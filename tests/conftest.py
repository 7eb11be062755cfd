"""Fixtures for the tests of all packages: a persona, scripted agents, a store grown for real."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from agents.casting import Cast
from dialogues import Persona
from tests.growing import a_cast, a_persona, grow

settings.register_profile(
    "grove",
    deadline=None,
    max_examples=50,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("grove")


@pytest.fixture(scope="session", autouse=True)
def _libraries_frozen() -> None:
    """Keep the libraries of all tests out of garbage collections: each takes nearly half a second.

    That is what every run of the worker would spend on them.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def persona() -> Persona:
    """A small persona."""
    return a_persona()


@pytest.fixture(scope="session")
def cast() -> Cast:
    """Scripted agents in all seats: a hinted and a plain assistant."""
    return a_cast()


@pytest.fixture(scope="session")
def grown_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of 6 trees with 4 turns, policy `random`; read only, shared by all tests."""
    return grow(tmp_path_factory.mktemp("grown") / "trees.db", limit=6, turns=4)
