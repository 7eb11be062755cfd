"""Whole runs with language models in the seats: the flags, and what the server was asked."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from dialogues.node import Usage
from dialogues.store import open_store
from dialogues.tallies import Tally
from tests.growing import simulate, trees_of
from tests.model_server import Answer, Call, ModelServer, play

MODEL = "openai:stub"
OTHERS = ("--user", MODEL, "--inducer", f"infer={MODEL}")
CANDIDATES = ("--assistant", f"hinted={MODEL}", "--assistant", f"plain={MODEL}")
EVERY_SEAT = (*OTHERS, *CANDIDATES, "--judge", MODEL)
"""Flags that put the model into all seats."""
CHEAP = ("--assistant", MODEL, "--assistant", "plain=scripted")
"""Flags that put the model into one assistant's seat, and scripted agents everywhere else."""


def config(folder: Path, server: ModelServer | str, **settings: Any) -> tuple[str, str]:
    """Write a configuration whose default endpoint is `server`; return the flags that name it.

    `key` is the environment variable of the key; calls that fail are not tried again.
    """
    url = server if isinstance(server, str) else server.url
    endpoint = {"base_url": url, "retries": 0, "api_key_env": settings.pop("key", "")}
    path = folder / "config.yaml"
    path.write_text(yaml.safe_dump({"endpoints": {"default": endpoint}, **settings}))
    return ("--config", str(path))


def run(store: Path, server: ModelServer | str, *flags: str, **settings: Any) -> int:
    """Grow a run against a server, in this process; return the exit status."""
    return simulate(store, *config(store.parent, server, **settings), *flags)


def shape(limit: int, turns: int) -> tuple[str, ...]:
    """Return the flags of a small run."""
    return ("--limit", str(limit), "--turns", str(turns))


def spending(store: Path, name: str = "main") -> dict[tuple[str, str], Tally]:
    """Return what a stored run has taken, by seat and spec."""
    with open_store(store) as opened:
        return opened.run(name).spending()


def spent(store: Path) -> Usage:
    """Return all that a stored run has taken; its faults are left out."""
    return sum((tally.usage for tally in spending(store).values()), Usage())


def statuses(store: Path) -> list[str]:
    """Return the status of each tree of a stored run, in order."""
    with open_store(store) as opened:
        return [row.status for row in opened.run().summaries()]


def by_seed(calls: Iterable[Call]) -> dict[int, list[Call]]:
    """Return calls by their seeds, which are those of the nodes they were made for."""
    found: dict[int, list[Call]] = {}
    for call in calls:
        found.setdefault(call.body["seed"], []).append(call)
    return found


def stored_seeds(store: Path) -> set[int]:
    """Return the seeds of all nodes of a stored run."""
    return {node.seed for tree in trees_of(store) for node in tree}


class Moody:
    """Answers like `play`, but what `answers` say for a seat or model as long as it has mood."""

    def __init__(self, answers: Mapping[str, str | Answer], calls: int = 10**9) -> None:
        self.answers, self.calls = answers, calls

    def __call__(self, call: Call) -> str | Answer:
        answer = self.answers.get(call.seat, self.answers.get(str(call.body["model"])))
        if answer is None or self.calls <= 0:
            return play(call)
        self.calls -= 1
        return answer
