"""Stages: commands that run once, in order, and a record of each in the folder of the loop."""

import json
import runpy
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from pathlib import Path

from rich.console import Console

from dialogues.errors import GroveError, UsageError

# Most of a short command's time goes into importing its libraries: where forks are safe, that is
# done once.
_PROCESSES = get_context("forkserver") if sys.platform == "linux" else get_context("spawn")
_IMPORTED = ["training.trainers", "graphs.growth", "scipy.stats", "matplotlib.pyplot"]


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
        command = [*map(str, words)]

        def work() -> None:
            _PROCESSES.set_forkserver_preload(_IMPORTED)
            process = _PROCESSES.Process(target=_run_as_main, args=(command,))
            process.start()
            process.join()
            if process.exitcode:
                raise GroveError(f"stage {stage} failed; the same command goes on from there")

        self.do(stage, " ".join(["python", "-m", *command]), work)

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


def _run_as_main(command: Sequence[str]) -> None:
    sys.argv = [*command]
    runpy.run_module(command[0], run_name="__main__", alter_sys=True)
