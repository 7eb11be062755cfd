"""The examples run as a reader would run them, in a folder of their own."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dialogues import open_store
from tests.examples.running import ROOT, run_example


def test_quickstart_grows_shows_and_points_on(tmp_path: Path) -> None:
    done = run_example("quickstart", tmp_path)
    with open_store(tmp_path / "runs" / "demo.db") as store:
        progress = store.run().progress()
    assert progress.done == progress.trees == 100
    assert "Marta Wilk is 47" in done.stdout
    assert re.search(r"✓ [0-9a-f]{8} hinted=scripted", done.stdout)
    assert f"100 trees, 5,000 nodes and {progress.pairs} preference pairs" in done.stdout


def test_quickstart_stays_short() -> None:
    assert len((ROOT / "examples" / "quickstart.py").read_text().splitlines()) <= 60


def test_new_agent_sits_in_a_seat_by_its_dotted_path(tmp_path: Path) -> None:
    run_example("new_agent", tmp_path)
    with open_store(tmp_path / "runs" / "mine.db") as store:
        trees = list(store.run().trees())
    replies = [node for tree in trees for node in tree if node.spec == "examples.new_agent:Mirror"]
    assert len(replies) == 12 * 10
    assert all(node.text.endswith("? Go on.") and node.failure is None for node in replies)


@pytest.mark.parametrize("command", ["show", "export", "ingest"])
def test_every_command_explains_itself(command: str) -> None:
    words = [sys.executable, "-m", f"dialogues.{command}", "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert shown.startswith(f"usage: python -m dialogues.{command}")
    assert "\n    " not in shown.split("\n\n")[1]
