"""Stages: commands that run once, in order, and a record of each in the folder of the loop."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from dialogues.errors import GroveError, UsageError


class Stages:
    """The stages of one loop, in a folder of its own.

    Attributes:
        seed: of all that is drawn.
        seeded: the flag that says so.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        """Go on where the folder's record ends."""
        self.seed, self.seeded = seed, ("--seed", seed)
        self._folder = folder
        self._console = Console(stderr=True)
        folder.mkdir(parents=True, exist_ok=True)
        self._record = folder / "stages.jsonl"
        lines = self._record.read_text("utf-8").splitlines() if self._record.exists() else []
        self._done = {row["stage"]: row["command"] for row in map(json.loads, lines)}

    def path(self, name: str) -> Path:
        """Return where the loop keeps something."""
        return self._folder / name

    def run(self, stage: str, *words: object) -> None:
        """Run a Python module with its flags, unless this stage is done.

        Raises:
            GroveError: the command failed; what it said stands above.
        """
        command = ["python", "-m", *map(str, words)]

        def work() -> None:
            if subprocess.run([sys.executable, *command[1:]]).returncode:
                raise GroveError(f"stage {stage} failed; the same command goes on from there")

        self.do(stage, " ".join(command), work)

    def do(self, stage: str, told: str, work: Callable[[], None]) -> None:
        """Do something once, and note how long it took.

        Raises:
            UsageError: it was done in another way.
        """
        if stage in self._done:
            if self._done[stage] != told:
                raise UsageError(
                    f"{self._folder}: stage {stage} was another one, {self._done[stage]}; "
                    "give another --out, or delete that folder"
                )
            return
        self._console.rule(stage, align="left")
        self._console.print(f"$ {told}", style="cyan", markup=False, highlight=False)
        began = time.monotonic()
        work()
        row = {"stage": stage, "seconds": round(time.monotonic() - began, 1), "command": told}
        with self._record.open("a", encoding="utf-8") as record:
            record.write(json.dumps(row) + "\n")
        self._done[stage] = told
