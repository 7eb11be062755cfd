"""SQLite and PostgreSQL side by side: what a store of many nodes takes to write, read and export.

    python -m benchmarks.stores [--nodes 1000000]

Both are filled through the store's own writing path with trees of 10 turns and 2 candidates, grown
once by scripted agents and then moved below other roots: a tenth of them in small transactions, as
of a worker with few dialogues in flight, the others in large ones. PostgreSQL is a server of its
own in a temporary folder, with the settings it comes with.
"""

import argparse
import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from sqlalchemy import update

from benchmarks.growing import grow_trees
from benchmarks.store_cost import run_command
from dialogues import Node, Run, RunRecord, Tree, load_pool, open_store
from dialogues.leases import Leases
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, root_key
from dialogues.schema import trees as planned
from dialogues.verdict import Verdict
from tests.postgres import Server, programs, temporary_server

SAMPLE, NODES_OF_A_TREE = 60, 50
SMALL, LARGE = 16, 1000
LOADED = 100
SEATS = (USER, INDUCER, ASSISTANT, JUDGE)


def moved(tree: Tree, repeat: int) -> Tree:
    """Return the same dialogue below another root, as if it had been another repeat."""
    keys = {tree.key: root_key(tree.persona.id, repeat)}
    nodes = []
    for node in sorted(tree, key=lambda node: (node.turn, SEATS.index(node.seat))):
        verdict = node.verdict and _renamed(node.verdict, keys)
        new = node.changed(parent=keys[node.parent], verdict=verdict)
        keys[node.key] = new.key
        nodes.append(new)
    return Tree(tree.persona, repeat, nodes)


def _renamed(verdict: Verdict, keys: dict[str, str]) -> Verdict:
    told = verdict.model_dump_json()
    for old in (key for tier in verdict.ranking for key in tier):
        told = told.replace(old, keys[old])
    return Verdict.model_validate_json(told)


def fill(run: Run, sample: Sequence[Tree], first: int, last: int, at_once: int) -> float:
    """Write the trees numbered `first` to `last`; return the nodes written per second."""
    cases = [(index % len(sample), index // len(sample)) for index in range(first, last)]
    run.plan([(sample[number].persona, repeat) for number, repeat in cases])
    numbers, seconds, count = run.numbers(), 0.0, 0
    trees = (moved(sample[number], repeat) for number, repeat in cases)
    rows = ((numbers[tree.key], node) for tree in trees for node in tree)
    for batch in _batches(rows, at_once):
        began = time.perf_counter()
        run.add(batch)
        seconds += time.perf_counter() - began
        count += len(batch)
    with run.engine.begin() as connection:
        done = update(planned).values(status="done", nodes=NODES_OF_A_TREE)
        connection.execute(done.where(planned.c.status == "open"))
    return count / seconds


def _batches(rows: Iterator[tuple[int, Node]], size: int) -> Iterator[list[tuple[int, Node]]]:
    while batch := list(islice(rows, size)):
        yield batch


def seconds_of(work: Callable[[], object], times: int = 1) -> float:
    """Return the median of the seconds that something takes."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def measure(location: str, size: Callable[[], float], folder: Path) -> dict[str, str]:
    """Return what reading a filled store takes."""
    with open_store(location) as store:
        run, rng = store.run(), random.Random(0)
        keys = iter(rng.sample(sorted(run.numbers()), LOADED))
        load = seconds_of(lambda: run.tree(next(keys)), LOADED)
        listing = seconds_of(lambda: list(run.summaries()))
        counting = seconds_of(run.progress, 5)
        claim = seconds_of(lambda: Leases(run).claim(64), 5)
        trees = run.progress().trees
    export = ("dialogues.export", location, "--format", "preference", "--out", "pairs.jsonl")
    seconds, peak = run_command(*export[:-1], str(folder / export[-1]))
    return {
        "load one tree, median": f"{load * 1e3:.1f} ms",
        "list all trees": f"{listing:.2f} s",
        "count a run's progress": f"{counting * 1e3:.1f} ms",
        "ask for 64 open trees where there are none": f"{claim * 1e3:.1f} ms",
        "export preference.jsonl": f"{seconds:.1f} s, {trees / seconds:,.0f} trees/s",
        "peak memory of the export": f"{peak:.0f} MiB",
        "disk": f"{size():,.0f} MiB",
    }


def figures(name: str, location: str, size: Callable[[], float], nodes: int, folder: Path) -> None:
    """Fill a store to a tenth and in full, and print what it takes."""
    sample = asyncio.run(grow_trees(load_pool().personas(10)[:SAMPLE]))
    trees = nodes // NODES_OF_A_TREE
    tenth = trees // 10
    with open_store(location, create=True) as store:
        run = store.begin(RunRecord(judge="scripted"))
        small = fill(run, sample, 0, tenth, SMALL)
        _print(name, tenth, {f"nodes/s, {SMALL} at once": f"{small:,.0f}"})
        _print(name, tenth, measure(location, size, folder))
        large = fill(run, sample, tenth, trees, LARGE)
    _print(name, trees, {f"nodes/s, {LARGE:,} at once": f"{large:,.0f}"})
    _print(name, trees, measure(location, size, folder))


def _print(name: str, trees: int, told: dict[str, str]) -> None:
    for what, value in told.items():
        print(f"{name}, {trees * NODES_OF_A_TREE:,} nodes: {what}: {value}", flush=True)


def _megabytes(server: Server) -> float:
    ((size,),) = server.execute("SELECT pg_database_size(current_database())")
    return float(size) / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1_000_000, help="nodes in each store")
    nodes = parser.parse_args().nodes
    if (found := programs()) is None:
        sys.exit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    with tempfile.TemporaryDirectory() as name, temporary_server(found) as server:
        path = Path(name) / "trees.db"
        figures("SQLite", str(path), lambda: path.stat().st_size / 2**20, nodes, Path(name))
        figures("PostgreSQL", server.url(), lambda: _megabytes(server), nodes, Path(name))


if __name__ == "__main__":
    main()
