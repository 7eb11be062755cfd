"""Two workers that Ray started beside two that the command started itself.

    python -m benchmarks.cluster [--trees 200] [--rounds 2]

How busy they keep a model server (the stub of benchmarks/efficiency.py, by the same measure, from
the first call to the last answer, so that Ray's start is not in it), in turns; how long a command
takes that has next to nothing to do; and whether scripted agents give the same trees.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.efficiency import Case, grown
from benchmarks.killed_anywhere import run_digest

WAYS = {"processes": (), "Ray": ("--cluster", "local")}
IN_FLIGHT, LATENCY, TURNS = 64, 0.3, 10
TOLERANCE = 0.05


def efficiency(way: str, trees: int) -> float:
    """Return how busy two workers keep the server, of what its latency allows."""
    case = Case(IN_FLIGHT, LATENCY, 2, trees, TURNS, "random", 1 - TOLERANCE)
    row = grown(case, *WAYS[way])
    print(f"{way}: {row.calls:,} calls in {row.wall:.1f} s, {row.efficiency:.1%}", flush=True)
    return row.efficiency


def scripted(way: str, folder: Path, trees: int) -> tuple[float, str]:
    """Grow trees with scripted agents; return the seconds of the whole command and the digest."""
    store = folder / f"{way}{trees}.db"
    words = [sys.executable, "-m", "graphs.simulate", "--store", str(store)]
    began = time.monotonic()
    shape = ("--limit", str(trees), "--workers", "2", *WAYS[way])
    subprocess.run([*words, *shape], check=True, capture_output=True)
    return time.monotonic() - began, run_digest(store)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trees", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=2)
    told = parser.parse_args()
    found: dict[str, list[float]] = {way: [] for way in WAYS}
    for index in range(told.rounds):
        # Who comes first in one round comes last in the next.
        for way in list(WAYS)[:: 1 if index % 2 == 0 else -1]:
            found[way].append(efficiency(way, told.trees))
    with tempfile.TemporaryDirectory() as name:
        short = {way: scripted(way, Path(name), 2)[0] for way in WAYS}
        digests = {scripted(way, Path(name), told.trees)[1] for way in WAYS}
    processes, on_ray = (statistics.mean(found[way]) for way in WAYS)
    print(f"efficiency: processes {processes:.1%}, Ray {on_ray:.1%}")
    for way, seconds in short.items():
        print(f"a command for 2 trees, {way}: {seconds:.1f} s")
    print(f"one digest of {told.trees} scripted trees: {len(digests) == 1}")
    return 0 if on_ray >= processes - TOLERANCE and len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
