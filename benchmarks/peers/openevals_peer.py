"""openevals' multi-turn simulation: an app and a simulated user, both `ChatOpenAI`.

    PYTHON benchmarks/peers/openevals_peer.py --url URL --dialogues N --turns N --concurrency N
        --latency SECONDS [--aiohttp]

PYTHON is that of an environment that has `openevals` and `langchain-openai`, and `httpx-aiohttp`
for `--aiohttp`, which replaces the client's own transport by the one that Grove takes. A turn is
two calls: the user, then the app. openevals runs one dialogue; how many run at once is left to its
caller, so a semaphore bounds them here.
"""

import argparse
import asyncio
import json
import os
import time
import urllib.request
from collections import defaultdict
from importlib.metadata import version

import openai
from langchain_openai import ChatOpenAI
from openevals.simulators import create_async_llm_simulated_user, run_multiturn_simulation_async

CALLS_PER_TURN = 2
USER = "You are playing a person who likes the sea and keeps bees. Say the next thing they say."
APP = "You are a helpful assistant."


async def dialogues(model: ChatOpenAI, number: int, turns: int, concurrency: int) -> None:
    permits = asyncio.Semaphore(concurrency)
    user = create_async_llm_simulated_user(system=USER, client=model)
    histories: dict[str, list[dict[str, str]]] = defaultdict(list)

    async def app(said: dict[str, str], *, thread_id: str, **_: object) -> dict[str, str]:
        history = histories[thread_id]
        history.append({"role": "user", "content": said["content"]})
        reply = await model.ainvoke([{"role": "system", "content": APP}, *history])
        history.append({"role": "assistant", "content": reply.content})
        return {**history[-1], "id": reply.id}

    async def dialogue() -> None:
        async with permits:
            held = await run_multiturn_simulation_async(app=app, user=user, max_turns=turns)
        assert len(held["trajectory"]) == CALLS_PER_TURN * turns, held

    await asyncio.gather(*(dialogue() for _ in range(number)))


def stub(url: str, name: str, method: str = "GET") -> dict[str, float]:
    asked = urllib.request.Request(f"{url}/{name}", method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def cpu() -> float:
    """Return the CPU seconds of this process and the children it has waited for."""
    return sum(os.times()[:4])


async def measured(args: argparse.Namespace) -> tuple[float, float]:
    """Return the wall and CPU seconds of all dialogues."""
    transport = {"http_async_client": openai.DefaultAioHttpClient()} if args.aiohttp else {}
    model = ChatOpenAI(model="stub", base_url=args.url, api_key="none", **transport)
    await model.ainvoke("Hello.")
    stub(args.url, "reset", "POST")
    cpu_before, start = cpu(), time.monotonic()
    await dialogues(model, args.dialogues, args.turns, args.concurrency)
    wall, cpu_spent = time.monotonic() - start, cpu() - cpu_before
    await model.root_async_client.close()
    return wall, cpu_spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--latency", type=float, required=True)
    for name in ("--dialogues", "--turns", "--concurrency"):
        parser.add_argument(name, type=int, required=True)
    parser.add_argument("--aiohttp", action="store_true")
    args = parser.parse_args()
    os.environ["LANGSMITH_TRACING"] = "false"
    wall, cpu_spent = asyncio.run(measured(args))
    calls = stub(args.url, "stats")["calls"]
    chain = args.turns * CALLS_PER_TURN
    assert calls == args.dialogues * chain, calls
    least = max(calls / args.concurrency, chain) * args.latency
    figures = {
        "system": "openevals" + (", aiohttp" if args.aiohttp else ""),
        "version": version("openevals"),
        "calls": calls,
        "wall_s": round(wall, 3),
        "cpu_ms_per_call": round(cpu_spent / calls * 1e3, 3),
        "efficiency": round(least / wall, 4),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
