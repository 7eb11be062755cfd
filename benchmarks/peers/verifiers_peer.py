"""verifiers' user simulation (`user-sim`), run by verifiers' own `run_eval` and `max_concurrent`.

    PYTHON benchmarks/peers/verifiers_peer.py --url URL --dialogues N --turns N --concurrency N
        --latency SECONDS [--harness null]

PYTHON is that of an environment that has `verifiers`, and `uv` for `--harness null`. A turn is two
calls: the user, then the policy. What makes a call is a "harness": `null`, which verifiers ships
and takes for the user by default, starts a Python process for every call; the one in this file,
the cheapest that verifiers' contract allows, sends the request from within the process. Either
way the call passes through verifiers' interception server and is written to its traces.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
import urllib.request
from importlib.metadata import version
from pathlib import Path

import aiohttp
import verifiers.v1 as vf
from verifiers.v1.cli.eval.runner import run_eval
from verifiers.v1.configs.cli.eval import EvalConfig
from verifiers.v1.dialects.chat import message_to_wire
from verifiers.v1.runtimes import ProgramResult

__all__ = ["InProcess", "Talks"]

CALLS_PER_TURN = 2
SCENARIO = "You like the sea and keep bees. You want someone to talk to about your day."
APP = "You are a helpful assistant."


class InProcess(vf.Harness[vf.HarnessConfig]):
    """One chat completion, sent from this process."""

    APPENDS_SYSTEM_PROMPT = True
    SUPPORTS_RESUME = True
    EXECUTES_CODE = False
    NEEDS_CONTAINER = False
    client: "aiohttp.ClientSession | None" = None

    async def launch(self, ctx, trace, runtime, endpoint, secret, mcp_urls, data):
        """Send the conversation to verifiers' interception server."""
        if InProcess.client is None:
            InProcess.client = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        system, prompt = self.resolve_prompt(data)
        messages = [{"role": "system", "content": system}] if system else []
        messages += [message_to_wire(message) for message in prompt]
        request = InProcess.client.post(
            f"{endpoint}/chat/completions",
            json={"model": ctx.model, "messages": messages},
            headers={"Authorization": f"Bearer {secret}"},
        )
        async with request as answer:
            said = await answer.text()
            return ProgramResult(0 if answer.ok else 1, "", "" if answer.ok else said)


class TalksConfig(vf.TasksetConfig):
    """How many dialogues."""

    dialogues: int = 1


class Talks(vf.Taskset[vf.Task, TalksConfig]):
    """The same scenario for each dialogue; nothing is scored."""

    def load(self):
        """Yield a task for each dialogue."""
        for _ in range(self.config.dialogues):
            yield vf.Task(vf.TaskData(prompt=SCENARIO, system_prompt=APP), self.config.task)


def config(args: argparse.Namespace, folder: str, dialogues: int, turns: int) -> EvalConfig:
    seat = {"harness": {"id": args.harness}, "runtime": {"type": "subprocess"}}
    return EvalConfig.model_validate(
        {
            "env": {
                "id": "user-sim",
                "taskset": {"id": Path(__file__).stem, "dialogues": dialogues},
                "assistant": seat,
                "user": {**seat, "max_turns": turns},
            },
            "model": "stub",
            "client": {"type": "eval", "base_url": args.url, "api_key_var": "STUB_KEY"},
            "max_concurrent": args.concurrency,
            "rich": None,
            "push": False,
            "output_dir": folder,
        }
    )


def stub(url: str, name: str, method: str = "GET") -> dict[str, float]:
    asked = urllib.request.Request(f"{url}/{name}", method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def cpu() -> float:
    """Return the CPU seconds of this process and the children it has waited for."""
    return sum(os.times()[:4])


async def measured(args: argparse.Namespace, folder: str) -> tuple[float, float]:
    """Return the wall and CPU seconds of all dialogues."""
    await run_eval(config(args, folder, dialogues=1, turns=1))
    stub(args.url, "reset", "POST")
    cpu_before, start = cpu(), time.monotonic()
    episodes = await run_eval(config(args, folder, args.dialogues, args.turns))
    wall, cpu_spent = time.monotonic() - start, cpu() - cpu_before
    if InProcess.client is not None:
        await InProcess.client.close()
    failed = [episode for episode in episodes if not episode.ok]
    assert not failed, failed[0]
    return wall, cpu_spent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--latency", type=float, required=True)
    for name in ("--dialogues", "--turns", "--concurrency"):
        parser.add_argument(name, type=int, required=True)
    own = Path(__file__).stem
    parser.add_argument("--harness", choices=("null", own), default=own)
    args = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as folder:
        wall, cpu_spent = asyncio.run(measured(args, folder))
    calls = stub(args.url, "stats")["calls"]
    chain = args.turns * CALLS_PER_TURN
    assert calls == args.dialogues * chain, calls
    least = max(calls / args.concurrency, chain) * args.latency
    figures = {
        "system": "verifiers, " + ("a process a call" if args.harness == "null" else "in process"),
        "version": version("verifiers"),
        "calls": calls,
        "wall_s": round(wall, 3),
        "cpu_ms_per_call": round(cpu_spent / calls * 1e3, 3),
        "efficiency": round(least / wall, 4),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    import verifiers_peer  # verifiers loads this file by its name: let there be one copy of it

    verifiers_peer.main()
