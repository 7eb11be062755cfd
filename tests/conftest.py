"""Fixtures for the tests of all packages: a persona, scripted agents, a store grown for real."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from agents.casting import Cast
from dialogues import Persona
from tests.cluster import temporary_cluster
from tests.growing import a_cast, a_persona, grow
from tests.postgres import FAST, Server, programs, temporary_server

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


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server; a test that stops it starts it again."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with temporary_server(found, *FAST) as server:
        yield server


@pytest.fixture
def database(server: Server) -> str:
    """The URL of a place on a PostgreSQL server where nothing is yet."""
    return server.new_place()


@pytest.fixture(params=["sqlite", "postgresql"])
def new_store(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a store may be made: a path, and in a second test a URL of PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "a.db")
    url: str = request.getfixturevalue("database")
    return url


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A Ray cluster of one node with one core; a test may add nodes, and takes them away again."""
    with temporary_cluster() as cluster:
        yield cluster
