"""Real processes, killed and stopped: whatever happens to them, the pool is the same in the end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from tests.graphs.personas.pools import HOME, build, built, check_index, content, flags_of
from tests.graphs.personas.writers import PATH

SHAPE = (
    "--writer", f"{PATH}:Slow", "--per-profile", 1, "--personalities", 50, "--calls", 1,
)  # fmt: skip
TARGET, PATIENCE = 150, 60.0
TEXTS = 150 + 20 + 50 + 5


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of the pool when nobody disturbs it."""
    return content(built(tmp_path_factory.mktemp("undisturbed") / "a", *SHAPE, target=TARGET))


def count(pool: Path) -> int:
    """Count the texts of a pool that another process is writing."""
    return sum(path.read_bytes().count(b"\n") for path in pool.glob("p*s.jsonl"))


def started(pool: Path, least: int) -> subprocess.Popen[str]:
    """Start building in a process of its own; return when there are that many texts."""
    command = [sys.executable, "-m", "graphs.personas", *flags_of(pool, *SHAPE, target=TARGET)]
    process = subprocess.Popen(command, cwd=HOME, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + PATIENCE
    while count(pool) < least and process.poll() is None:
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.002)
    assert process.poll() is None, "it ended before it could be disturbed"
    return process


def test_a_build_killed_three_times_ends_as_if_undisturbed(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    pool, draw = tmp_path / "a", Random(3)
    for third in range(3):
        process = started(pool, int(TEXTS * (third + 0.1) / 3))
        time.sleep(0.06 * draw.random())
        process.kill()
        process.communicate()
        assert count(pool) < TEXTS
    assert build(pool, *SHAPE, target=TARGET) == 0
    assert content(pool) == undisturbed
    check_index(pool)


def test_a_build_keeps_others_off_and_ctrl_c_stops_it_with_one_line(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    process = started(tmp_path / "a", 25)
    assert build(tmp_path / "a", *SHAPE, target=TARGET) == 2
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 1
    assert "error: stopped" in told
    assert "Traceback" not in told
    assert build(tmp_path / "a", *SHAPE, target=TARGET) == 0
    assert content(tmp_path / "a") == undisturbed
