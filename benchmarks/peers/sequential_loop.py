"""The plain loop: one dialogue after another, one call after another, with the `openai` client.

    PYTHON benchmarks/peers/sequential_loop.py --url URL --dialogues N --turns N --concurrency N
        --latency SECONDS

PYTHON is that of an environment that has `openai`. A turn is five calls: user, inducer, hinted
candidate, plain candidate, judge. The concurrency is only what the server would have borne.
"""

import argparse
import json
import os
import time
import urllib.request

import openai

CALLS_PER_TURN = 5
MODEL = "stub"
USER = "You are playing a person who likes the sea and keeps bees. Say the next thing they say."
INDUCER = "Tell what the user's last message gives away about them."
HINTED = "You are a helpful assistant. You know of the user: {}"
PLAIN = "You are a helpful assistant."
JUDGE = "Which reply suits the user better?"

Messages = list[dict[str, str]]


def ask(client: openai.OpenAI, system: str, messages: Messages, schema: str | None = None) -> str:
    options = {}
    if schema:
        form = {"name": schema, "schema": {"title": schema, "type": "object"}}
        options["response_format"] = {"type": "json_schema", "json_schema": form}
    told = [{"role": "system", "content": system}, *messages]
    answer = client.chat.completions.create(model=MODEL, messages=told, **options)
    return answer.choices[0].message.content


def turned(history: Messages) -> Messages:
    """Return the history as the user sees it."""
    other = {"user": "assistant", "assistant": "user"}
    seen = [{"role": other[said["role"]], "content": said["content"]} for said in history]
    return seen or [{"role": "user", "content": "Open the conversation."}]


def dialogue(client: openai.OpenAI, turns: int) -> Messages:
    history: Messages = []
    facts: list[str] = []
    for _ in range(turns):
        history.append({"role": "user", "content": ask(client, USER, turned(history))})
        facts += json.loads(ask(client, INDUCER, history, schema="Revealed"))["facts"]
        replies = {
            "A": ask(client, HINTED.format(" ".join(facts)), history),
            "B": ask(client, PLAIN, history),
        }
        both = {"role": "user", "content": json.dumps(replies)}
        verdict = json.loads(ask(client, JUDGE, [*history, both], schema="Ranking"))
        history.append({"role": "assistant", "content": replies[verdict["ranking"][0]]})
    return history


def stub(url: str, name: str, method: str = "GET") -> dict[str, float]:
    asked = urllib.request.Request(f"{url}/{name}", method=method)
    with urllib.request.urlopen(asked, timeout=60) as answer:
        return json.load(answer)


def cpu() -> float:
    """Return the CPU seconds of this process and the children it has waited for."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--latency", type=float, required=True)
    for name in ("--dialogues", "--turns", "--concurrency"):
        parser.add_argument(name, type=int, required=True)
    args = parser.parse_args()
    with openai.OpenAI(base_url=args.url, api_key="none") as client:
        ask(client, PLAIN, [{"role": "user", "content": "Hello."}])
        stub(args.url, "reset", "POST")
        cpu_before, start = cpu(), time.monotonic()
        for _ in range(args.dialogues):
            dialogue(client, args.turns)
        wall, cpu_spent = time.monotonic() - start, cpu() - cpu_before
    calls = stub(args.url, "stats")["calls"]
    chain = args.turns * CALLS_PER_TURN
    assert calls == args.dialogues * chain, calls
    least = max(calls / args.concurrency, chain) * args.latency
    figures = {
        "system": "sequential loop",
        "version": f"openai {openai.__version__}",
        "calls": calls,
        "wall_s": round(wall, 3),
        "cpu_ms_per_call": round(cpu_spent / calls * 1e3, 3),
        "efficiency": round(least / wall, 4),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
