"""Ray workers killed and PostgreSQL crashed in the middle of a run: nothing is lost or doubled.

    python -m benchmarks.cluster_faults [--trees 2000] [--kills 10] [--crashes 3]

A run of two workers on a Ray cluster of this machine stores its trees in a PostgreSQL server of its
own, with the settings that comes with. At moments drawn by seed, evenly spread over its nodes, a
worker is killed (`kill -9`; Ray starts another) or the server crashes and comes back after a
second. Every call is logged, so that one made for a slot that was stored already would be seen.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg

from benchmarks.call_log import LOG_VARIABLE
from benchmarks.killed_anywhere import command, logged, run_digest
from dialogues import digest, open_store
from dialogues.standing import holders_of
from tests.postgres import Server, programs, temporary_server

SEED, NODES_OF_A_TREE, IN_FLIGHT = 0, 50, 64
HOW = ("--repeats", "5")
KILL, CRASH = "worker killed", "PostgreSQL crashed"


class Moment(NamedTuple):
    """What was stored and called when something was done to a run."""

    stored: set[int]
    calls: int


class Disturbed:
    """A run on the cluster, and what is done to it."""

    def __init__(self, server: Server, log: Path, trees: int) -> None:
        """Start it."""
        self.server, self.log, self.rng = server, log, random.Random(SEED)
        words = command(server.url(), trees=trees, concurrency=IN_FLIGHT)
        self.process = subprocess.Popen(
            [*words, *HOW, "--cluster", "local"],
            env={**os.environ, LOG_VARIABLE: str(log)},
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_for(self, nodes: int) -> None:
        """Wait until so many nodes are stored."""
        while self.nodes() < nodes:
            assert self.process.poll() is None, self.process.communicate()
            time.sleep(0.1)

    def nodes(self) -> int:
        """Count the nodes that are stored."""
        try:
            ((count,),) = self.server.execute("SELECT count(*) FROM nodes")
        except psycopg.errors.UndefinedTable:
            return 0
        return int(count)

    def shared_seeds(self) -> set[int]:
        """Return the seeds that more than one node has."""
        shared = "SELECT seed FROM nodes GROUP BY seed HAVING count(*) > 1"
        return {seed for (seed,) in self.server.execute(shared)}

    def disturb(self, how: str) -> Moment:
        """Kill a worker, or let the server crash and come back."""
        held = self.server.execute("SELECT seed FROM nodes")
        moment = Moment({seed for (seed,) in held}, len(logged(self.log)))
        if how == CRASH:
            self.server.stop(signal.SIGQUIT)
            time.sleep(1)
            self.server.start()
        else:
            os.kill(self.rng.choice(self._workers()), signal.SIGKILL)
        return moment

    def _workers(self) -> list[int]:
        with open_store(self.server.url()) as store:
            holders = holders_of(store.run())
        # Ray may not have replaced the last one yet.
        return [holder.process for holder in holders if not holder.is_gone]


def doubled(moments: Sequence[Moment], calls: Sequence[int], shared: set[int]) -> int:
    """Count the calls for slots that had been stored before they were made.

    A call is known by its seed, of 31 bits, so that among 100,000 a few slots share one: `shared`.
    """
    until = [*(moment.calls for moment in moments[1:]), len(calls)]
    return sum(
        len((moment.stored - shared).intersection(calls[moment.calls : end]))
        for moment, end in zip(moments, until, strict=True)
    )


def undisturbed(folder: Path, trees: int) -> str:
    """Grow the same trees in two processes into SQLite, and return their digest."""
    store = folder / "undisturbed.db"
    told = {**os.environ, LOG_VARIABLE: str(folder / "undisturbed.log")}
    words = command(store, trees=trees, concurrency=IN_FLIGHT)
    subprocess.run([*words, *HOW], env=told, check=True, stderr=subprocess.DEVNULL)
    return run_digest(store)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trees", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10, help="workers to kill")
    parser.add_argument("--crashes", type=int, default=3, help="times the server crashes")
    told = parser.parse_args()
    if (found := programs()) is None:
        sys.exit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory() as name, temporary_server(found) as server:
        folder = Path(name)
        began = time.monotonic()
        reference = undisturbed(folder, told.trees)
        print(f"undisturbed: {time.monotonic() - began:.0f} s, digest {reference}", flush=True)
        began = time.monotonic()
        run = Disturbed(server, folder / "calls.log", told.trees)
        moments = disturb(run, told.trees * NODES_OF_A_TREE, told.kills, told.crashes)
        _, said = run.process.communicate()
        seconds = time.monotonic() - began
        with open_store(server.url()) as store:
            far, found_digest = store.run().progress(), digest(store.run().trees())
        calls = logged(run.log)
        twice = doubled(moments, calls, run.shared_seeds())
        print(f"disturbed: {seconds:.0f} s, exit status {run.process.returncode}")
        print(f"trees {far.done:,} complete of {far.trees:,}; nodes {run.nodes():,}")
        print(f"digest {found_digest}, equal: {found_digest == reference}")
        print(f"calls for a slot that was stored: {twice}")
        print(f"calls asked again, since who asked was killed: {len(calls) - run.nodes():,}")
        print(f"a traceback was printed: {'Traceback' in said}")
    return 0 if found_digest == reference and not twice and run.process.returncode == 0 else 1


def disturb(run: Disturbed, nodes: int, kills: int, crashes: int) -> list[Moment]:
    """Do to a run what is to be done to it, spread over its nodes."""
    what = [KILL] * kills + [CRASH] * crashes
    run.rng.shuffle(what)
    moments = []
    for index, how in enumerate(what):
        run.wait_for(int(nodes * (index + 0.2 + 0.6 * run.rng.random()) / len(what)))
        moments.append(run.disturb(how))
        print(f"{how} with {len(moments[-1].stored):,} of {nodes:,} nodes stored", flush=True)
    return moments


if __name__ == "__main__":
    sys.exit(main())
