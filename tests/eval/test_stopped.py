"""A benchmark that is told to end, as by a cluster or a container, says so and goes on later."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.agents.troupe import PATH
from tests.eval.benching import EXACT, ONE, last_line
from tests.graphs.running import HOME, count, until


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_benchmark_that_is_told_to_end_says_so(tmp_path: Path, how: signal.Signals) -> None:
    store = tmp_path / "a.db"
    told = ["--store", store, "--out", tmp_path / "out", "--judge", EXACT, "--assistant", ONE]
    running = subprocess.Popen(
        [sys.executable, "-m", "eval.aloe", *map(str, told), "--user", f"{PATH}:SlowUser"],
        stderr=subprocess.PIPE,
        cwd=HOME,
        text=True,
        env={**os.environ, "PYTHONPATH": str(HOME)},
    )
    until(lambda: count(store) > 0)
    running.send_signal(how)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 1
    assert "the same command goes on with what is stored" in last_line(said)
