"""The full-size data set: 3,310 trees of 10 turns and 2 candidates, and where the time goes.

    python -m benchmarks.full_size

The trees are grown by the real command with two workers. The split of the CPU time comes from one
process that grows the same trees with and without a store: what the agents' calls took is in the
nodes, what the store adds is the difference, the rest is LangGraph and the growing around it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.growing import grow_into, grow_trees
from dialogues import load_pool, open_store

TREES, REPEATS = 3310, 5
SAMPLE = 200


def full_size(store: Path) -> None:
    command = ("graphs.simulate", "--store", str(store), "--workers", "2")
    sizing = ("--repeats", str(REPEATS), "--limit", str(TREES))
    started = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", *command, *sizing], stderr=subprocess.DEVNULL)
    peak = Peak(process.pid)
    status = process.wait()
    seconds = time.monotonic() - started
    with open_store(store) as opened:
        run = opened.run()
        far = run.progress()
        sets = sum(
            len(tree.verdicts(user.key)) for tree in run.trees() for user in tree.user_messages()
        )
    print(f"exit status {status}; failures {far.failures}")
    print(f"trees {far.done:,} complete of {far.trees:,}")
    print(f"judged sets of siblings {sets:,}; nodes {far.nodes:,}; pairs {far.pairs:,}")
    print(f"{seconds:.0f} s: {far.done / seconds:.1f} trees/s, {far.nodes / seconds:,.0f} nodes/s")
    print(f"peak memory of supervisor and 2 workers together {peak.stop():.0f} MiB")
    print(f"disk {store.stat().st_size / 2**20:.0f} MiB")


class Peak:
    """Watches the resident memory of a process and its children."""

    def __init__(self, pid: int) -> None:
        self._pid, self._most, self._watching = pid, 0.0, True
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Return the most it held, in MiB."""
        self._watching = False
        self._thread.join()
        return self._most

    def _watch(self) -> None:
        while self._watching:
            self._most = max(self._most, sum(map(_resident, self._family())))
            time.sleep(0.2)

    def _family(self) -> list[int]:
        try:
            children = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
        except OSError:
            return []
        return [self._pid, *map(int, children)]


def _resident(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def time_split(folder: Path) -> None:
    personas = load_pool().personas(per_profile=10)[:SAMPLE]
    asyncio.run(grow_trees(personas))
    started = time.process_time()
    trees = asyncio.run(grow_trees(personas))
    without = time.process_time() - started
    started = time.process_time()
    asyncio.run(grow_into(folder / "split.db", personas))
    store = time.process_time() - started - without
    agents = sum(node.seconds for tree in trees for node in tree)
    total = without + store
    rest = without - agents
    parts = {"agents": agents, "store": store, "LangGraph and growing": rest}
    for name, seconds in parts.items():
        print(f"{name}: {seconds / SAMPLE * 1e3:.1f} ms of CPU per tree, {seconds / total:.0%}")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        full_size(Path(name) / "full.db")
        time_split(Path(name))


if __name__ == "__main__":
    main()
