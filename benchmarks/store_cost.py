"""What storing costs: CPU per node beside LangGraph's CPU per task, memory, disk, export rate.

    python -m benchmarks.store_cost

CPU figures come from one process, in turns: the same trees grown with and without a store (the
difference is everything the store costs, threads and commits included), and LangGraph running a
graph of the dialogue's shape whose steps do nothing.
"""

import asyncio
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable
from pathlib import Path

from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from benchmarks.growing import grow_into, grow_trees
from dialogues import load_pool
from graphs.dialogue import Branch

TREES, TURNS, ROUNDS = 60, 10, 7
TASKS_PER_TURN = 6
SIZES = (500, 3310)


def cpu_of(work: Awaitable[object]) -> float:
    async def waited() -> None:
        await work

    before = time.process_time()
    asyncio.run(waited())
    return time.process_time() - before


async def bare_langgraph() -> None:
    async def user(state: Branch) -> Branch:
        return {"turn": state["turn"] + 1}

    async def idle(state: Branch) -> Branch:
        return {}

    graph = StateGraph(Branch)
    graph.add_node("user", user)
    for step in ("induce", "candidate", "judge", "select"):
        graph.add_node(step, idle)
    graph.add_edge(START, "user")
    graph.add_edge("user", "induce")
    graph.add_conditional_edges(
        "induce", lambda state: [Send("candidate", {**state, "place": i}) for i in range(2)]
    )
    graph.add_edge("candidate", "judge")
    graph.add_edge("judge", "select")
    graph.add_conditional_edges("select", lambda state: END if state["turn"] >= TURNS else "user")
    compiled = graph.compile()
    start, config = Branch(tip="", turn=0, width=1), RunnableConfig(recursion_limit=100)
    await asyncio.gather(*(compiled.ainvoke(start, config) for _ in range(TREES)))


def cpu_figures(folder: Path) -> None:
    personas = (load_pool().personas(10) * 2)[:TREES]
    asyncio.run(grow_trees(personas))
    bare, memory, stored = [], [], []
    for index in range(ROUNDS):
        bare.append(cpu_of(bare_langgraph()))
        memory.append(cpu_of(grow_trees(personas)))
        stored.append(cpu_of(grow_into(folder / f"cpu{index}.db", personas)))
    turns = TREES * TURNS
    task = statistics.median(bare) / (turns * TASKS_PER_TURN) * 1e3
    cost = [with_store - without for with_store, without in zip(stored, memory, strict=True)]
    node = statistics.median(cost) / (turns * 5) * 1e3
    print(
        f"LangGraph CPU per task {task:.3f} ms; store CPU per node {node:.3f} ms; {node / task:.2f}"
    )
    print(f"spread of the store's over {ROUNDS} rounds: {min(cost):.2f}-{max(cost):.2f} s of CPU")


def run_command(*words: str) -> tuple[float, float]:
    """Run `python -m` words; return its wall seconds and peak memory in MiB."""
    before, peak = time.monotonic(), 0.0
    process = subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.DEVNULL)
    while process.poll() is None:
        # What wait4 tells of a process counts its parent's memory, too.
        peak = max(peak, high_water(process.pid))
        time.sleep(0.02)
    assert process.returncode == 0, words
    return time.monotonic() - before, peak


def high_water(pid: int) -> float:
    """Return the most memory a process has held so far, in MiB; 0 where it is gone."""
    try:
        told = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0.0
    return int(told[1]) / 1024 if told else 0.0


def size_figures(folder: Path) -> None:
    peaks = {}
    for trees in SIZES:
        store = folder / f"{trees}.db"
        sizing = ("--limit", str(trees), "--repeats", "5", "--workers", "1")
        seconds, peaks[trees] = run_command("graphs.simulate", "--store", str(store), *sizing)
        disk = store.stat().st_size / trees / 1024
        print(
            f"{trees} trees: peak {peaks[trees]:.0f} MiB, {disk:.1f} KiB of disk per tree, "
            f"{trees / seconds:.0f} trees/s with one worker"
        )
    print(f"memory from {SIZES[0]} to {SIZES[1]} trees: {peaks[SIZES[1]] / peaks[SIZES[0]]:.2f}")
    for form, ending in (("preference", "jsonl"), ("preference", "parquet"), ("tree", "jsonl")):
        out = folder / f"{form}.{ending}"
        seconds, peak = run_command(
            "dialogues.export", str(store), "--format", form, "--out", str(out)
        )
        print(f"export {form}.{ending}: {trees / seconds:.0f} trees/s, peak {peak:.0f} MiB")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        cpu_figures(Path(name))
        size_figures(Path(name))


if __name__ == "__main__":
    main()
