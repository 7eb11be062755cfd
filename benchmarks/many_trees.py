"""What a worker and a command ask a store of very many trees, and how long it takes to answer.

    python -m benchmarks.many_trees [--trees 2000000]

2,000,000 trees of 50 nodes are 100 million nodes. Only the rows of the trees are made, by SQL, in a
PostgreSQL server of its own with the settings that comes with: what is asked reads no nodes. First
all trees are open, as when a run begins, then all but the last thousand are done. The memory of a
process is measured where it holds trees: as a row each, when a command plans a tenth of them again,
and whole, as a training reads them.
"""

import argparse
import asyncio
import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

from benchmarks.growing import grow_into
from benchmarks.stores import seconds_of
from dialogues import Run, RunRecord, load_pool, open_store
from dialogues.leases import Leases
from dialogues.standing import standing_of
from tests.postgres import Server, programs, temporary_server

READ = 300

_REPEATED = """
INSERT INTO trees (run_id, ordinal, persona_id, repeat, key, status, nodes, pairs, failures)
SELECT run_id, ordinal + {planned} * times, persona_id, times, md5(key || times), 'open', 0, 0, 0
FROM trees, generate_series(1, {repeats}) AS times
"""
_DONE = "UPDATE trees SET status = 'done', nodes = 50, pairs = 10 WHERE ordinal < {last}"


def ask(run: Run, when: str) -> None:
    """Print how long each question takes."""
    # Each worker claims while others hold trees.
    Leases(run).claim(64)
    questions: dict[str, Callable[[], object]] = {
        "claim 64 trees": lambda: Leases(run).claim(64),
        "count a run's progress": run.progress,
        "--status": lambda: standing_of(run),
    }
    for what, question in questions.items():
        print(f"{when}: {what}: {seconds_of(question, 5) * 1e3:,.0f} ms", flush=True)


def fill(server: Server, run: Run, trees: int) -> int:
    """Plan so many trees, or a few more; return how many."""
    personas = load_pool().personas(10)
    run.plan([(persona, 0) for persona in personas])
    repeats = -(-trees // len(personas)) - 1
    server.execute(_REPEATED.format(planned=len(personas), repeats=repeats))
    server.execute("VACUUM ANALYZE trees")
    return len(personas) * (repeats + 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--trees", type=int, default=2_000_000)
    trees = parser.parse_args().trees
    if (found := programs()) is None:
        sys.exit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with temporary_server(found) as server, open_store(server.url(), create=True) as store:
        run = store.begin(RunRecord())
        began = time.monotonic()
        planned = fill(server, run, trees)
        print(f"{planned:,} trees planned by SQL in {time.monotonic() - began:.0f} s")
        ask(run, "all open")
        server.execute(_DONE.format(last=planned - 1000))
        server.execute("VACUUM ANALYZE trees")
        ask(run, "all but 1,000 done")
        plan_again(run, planned // 10)
    read_whole()


def plan_again(run: Run, planned: int) -> None:
    """Do what a command does that resumes the run, with the first so many of its trees."""
    personas, before, began = load_pool().personas(10), resident(), time.monotonic()
    run.plan([(personas[at % len(personas)], at // len(personas)) for at in range(planned)])
    grown = peak() - before
    seconds = time.monotonic() - began
    print(f"find {planned:,} of them planned: {seconds:.0f} s, {grown:,.0f} MiB more", flush=True)


def read_whole() -> None:
    """Hold grown trees in memory, as a training does."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.db"
        asyncio.run(grow_into(path, load_pool().personas(10)[:READ]))
        with open_store(path) as store:
            tracemalloc.start()
            held = list(store.run().trees())
            each = tracemalloc.get_traced_memory()[0] / len(held) / 1024
    print(f"a tree of {len(held[0])} nodes that a training holds: {each:.0f} KiB of memory")


def resident() -> float:
    """Return the memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def peak() -> float:
    """Return the most memory this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
