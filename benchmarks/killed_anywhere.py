"""Kill runs at random moments, resume them, and compare with a run that was left alone.

    python -m benchmarks.killed_anywhere

A killed run passes when its digest equals that of the undisturbed run and no call was made for a
slot that was already stored when the run was started again.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

from sqlalchemy import select

from benchmarks.call_log import LOG_VARIABLE
from dialogues import digest, open_store
from dialogues.schema import nodes

RUNS = 25
TREES = 30
NODES = TREES * 10 * 5


def command(
    store: Path | str, workers: int = 2, concurrency: int = 16, trees: int = TREES
) -> list[str]:
    agents = "benchmarks.call_log:Logged"
    seats = {"user": "User", "inducer": "Inducer", "judge": "Judge"}
    words = [sys.executable, "-m", "graphs.simulate", "--store", str(store)]
    for seat, name in seats.items():
        role = "infer=" if seat == "inducer" else ""
        words += [f"--{seat}", f"{role}{agents}{name}"]
    for role in ("hinted", "plain"):
        words += ["--assistant", f"{role}={agents}Assistant"]
    words += ["--limit", str(trees), "--workers", str(workers)]
    return [*words, "--concurrency", str(concurrency)]


def start(store: Path, log: Path, **settings: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command(store, **settings),
        env={**os.environ, LOG_VARIABLE: str(log)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def stored_seeds(store: Path) -> set[int]:
    if not store.exists():
        return set()
    with open_store(store) as opened, opened.engine.connect() as connection:
        return set(connection.execute(select(nodes.c.seed)).scalars())


def logged(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def run_digest(store: Path) -> str:
    with open_store(store) as opened:
        return digest(opened.run().trees())


def killed_run(folder: Path, rng: random.Random) -> tuple[list[int], int, str]:
    """Kill a run once or twice, let it finish.

    Returns:
        How many nodes were stored at each kill, the doubled calls, the final digest.
    """
    store, log = folder / "trees.db", folder / "calls.log"
    stored, doubled = [], 0
    for target in sorted(rng.sample(range(1, NODES), rng.choice((1, 1, 2)))):
        doubled += one_start(store, log, kill_at=target, rng=rng)
        stored.append(len(stored_seeds(store)))
    doubled += one_start(store, log, kill_at=None, rng=rng)
    return stored, doubled, run_digest(store)


def one_start(store: Path, log: Path, kill_at: int | None, rng: random.Random) -> int:
    """Start a run, kill it at so many stored nodes, return its calls for slots stored before."""
    before, calls_before = stored_seeds(store), len(logged(log))
    process = start(store, log)
    if kill_at is not None:
        while count_nodes(store) < kill_at and process.poll() is None:
            time.sleep(0.005)
        # Now the whole process group at once, as a crash does, now the supervisor alone.
        os.killpg(process.pid, signal.SIGKILL) if rng.random() < 0.5 else process.kill()
    process.wait()
    return sum(seed in before for seed in logged(log)[calls_before:])


def count_nodes(store: Path) -> int:
    try:
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM nodes").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def main() -> None:
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        references: dict[str, str] = {}
        for workers, concurrency in ((1, 64), (1, 1), (2, 64), (3, 64)):
            store = folder / f"{workers}-{concurrency}.db"
            start(store, folder / "log", workers=workers, concurrency=concurrency).wait()
            references[f"workers {workers}, concurrency {concurrency}"] = run_digest(store)
        for settings, found in references.items():
            print(f"undisturbed, {settings}: {found}")
        (reference,) = set(references.values())
        outcomes: Counter[str] = Counter()
        for index in range(RUNS):
            place = folder / str(index)
            place.mkdir()
            stored, doubled, found = killed_run(place, rng)
            outcomes["equal digest"] += found == reference
            outcomes["calls made twice for a stored slot"] += doubled
            outcomes["kills"] += len(stored)
            outcomes["kills with trees unfinished"] += sum(0 < size < NODES for size in stored)
            outcomes["killed twice"] += len(stored) == 2
            print(f"run {index + 1}: killed at {stored} nodes, digest equal: {found == reference}")
        print(f"{outcomes['equal digest']} of {RUNS} digests equal; {dict(outcomes)}")


if __name__ == "__main__":
    main()
