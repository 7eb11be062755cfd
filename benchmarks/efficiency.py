"""How busy a run keeps its model server: efficiency against the latency limit, beside others.

    python -m benchmarks.efficiency [--peers FOLDER]

The server is a stub that answers every call after a fixed time (benchmarks/latency_stub.py), on the
same cores. No run can be faster than

    limit = max(calls x latency / calls in flight, longest chain of calls x latency)

and efficiency is limit / wall, from the first call to the last answer. A turn of ours is a chain of
four (user, inducer, candidates, judge) and six calls, as the judge is asked in two orders.

FOLDER holds virtual environments `openevals` and `verifiers` with those packages;
without it the peers are left out:

    python -m venv F/openevals && F/openevals/bin/pip install openevals==0.2.2 aiohttp httpx-aiohttp
    python -m venv F/verifiers && F/verifiers/bin/pip install verifiers==0.4.0
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.latency_stub import LatencyStub
from dialogues.store import open_store

PEERS = Path(__file__).parent / "peers"
_STEPS_IN_A_CHAIN = 4


class Case(NamedTuple):
    """One run of ours."""

    in_flight: int
    latency: float
    workers: int
    trees: int
    turns: int
    policy: str
    bar: float


CASES = (
    Case(64, 0.3, 1, 500, 10, "random", 0.95),
    Case(256, 1.0, 1, 500, 10, "random", 0.90),
    Case(128, 0.2, 2, 600, 10, "random", 0.85),
    Case(64, 0.3, 1, 120, 5, "all", 0.95),
)


class Row(NamedTuple):
    """What one run came to."""

    name: str
    calls: int
    wall: float
    cpu_per_call: float
    efficiency: float
    bar: float | None = None


def main() -> int:
    """Run ours and, where their environments are, the others; print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--peers", type=Path, help="folder of the peers' virtual environments")
    folder = parser.parse_args().peers
    console = Console()
    table = Table(title="efficiency against the latency limit", title_justify="left")
    for name in ("system", "calls", "wall s", "CPU ms per call", "efficiency", "bar"):
        table.add_column(name, justify="left" if name == "system" else "right")
    rows = [*(grown(case) for case in CASES), *(peers(folder) if folder else ())]
    for row in rows:
        bar = "" if row.bar is None else f"{row.bar:.0%}"
        shown = (f"{row.calls:,}", f"{row.wall:.1f}", f"{row.cpu_per_call:.2f}")
        table.add_row(row.name, *shown, f"{row.efficiency:.1%}", bar)
    console.print(table)
    return 0 if all(row.efficiency >= row.bar for row in rows if row.bar is not None) else 1


def grown(case: Case, *flags: str) -> Row:
    """Grow a run's trees with every seat on the stub, by the command a user would give.

    The CPU per call is that of the command and of the processes that are its children.
    """
    with tempfile.TemporaryDirectory() as folder, LatencyStub(case.latency) as stub:
        store = Path(folder) / "a.db"
        before = os.times()
        words = [*command(case, store, stub.url), *flags]
        subprocess.run(words, check=True, capture_output=True)
        after = os.times()
        stats = stub.stats()
        with open_store(store) as opened:
            far = opened.run().progress()
            failures = list(opened.run().failures())
        assert far.done == far.trees == case.trees, (far, failures[:3])
    spent = sum(after[2:4]) - sum(before[2:4])
    chain = _STEPS_IN_A_CHAIN * case.turns
    limit = max(stats.calls * case.latency / case.in_flight, chain * case.latency)
    name = (
        f"ours, {case.in_flight} in flight, {case.latency * 1000:.0f} ms, "
        f"{case.workers} worker{'s' * (case.workers > 1)}, {case.policy}"
    )
    per_call = spent / stats.calls * 1000
    return Row(name, stats.calls, stats.seconds, per_call, limit / stats.seconds, case.bar)


def command(case: Case, store: Path, url: str) -> list[str]:
    """Return the command line of a run."""
    model = f"openai:stub@{url}"
    seats = ["--user", model, "--inducer", f"infer={model}", "--judge", model]
    seats += ["--assistant", f"hinted={model}", "--assistant", f"plain={model}"]
    shape = ["--limit", str(case.trees), "--turns", str(case.turns), "--expand", case.policy]
    shape += ["--max-branches", "4", "--repeats", "2"]
    how = ["--concurrency", str(case.in_flight), "--workers", str(case.workers)]
    return [sys.executable, "-m", "graphs.simulate", "--store", str(store), *seats, *shape, *how]


def peers(folder: Path) -> Iterator[Row]:
    """Run the others as they are, each in its own environment, at the loads ours has."""
    for in_flight, latency in ((64, 0.3), (128, 0.2)):
        for script, flags in (("openevals", ()), ("openevals", ("--aiohttp",)), ("verifiers", ())):
            shape = ("--dialogues", str(3 * in_flight), "--concurrency", str(in_flight))
            yield peer(folder, f"{script}_peer", latency, (*shape, *flags))
    yield peer(folder, "sequential_loop", 0.3, ("--dialogues", "2", "--concurrency", "64"))


def peer(folder: Path, script: str, latency: float, flags: tuple[str, ...]) -> Row:
    """Run one peer against a stub of its own."""
    home = "verifiers" if script.startswith("verifiers") else "openevals"
    python = folder / home / "bin" / "python"
    with LatencyStub(latency) as stub:
        told = ["--url", stub.url, "--latency", str(latency), "--turns", "5", *flags]
        done = subprocess.run(
            [python, PEERS / f"{script}.py", *told], check=True, capture_output=True, text=True
        )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    in_flight = flags[flags.index("--concurrency") + 1]
    name = f"{found['system']} {found['version']}, {in_flight} in flight, {latency * 1000:.0f} ms"
    return Row(name, found["calls"], found["wall_s"], found["cpu_ms_per_call"], found["efficiency"])


if __name__ == "__main__":
    sys.exit(main())
