"""Growing small real stores and building trees by hand, for the tests of all packages."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agents.casting import Cast, cast
from dialogues import Belief, Failure, Node, Persona, Personality, Profile, RunRecord, Tree
from dialogues.command import Command, main
from dialogues.digest import digest
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from dialogues.run import Run
from dialogues.store import open_store
from dialogues.verdict import Verdict
from graphs.simulate import Simulate

PROFILE = (
    "Ada Quill is 52 and mends clocks in Bath. She lives with two greyhounds above her shop. "
    "She swims in the river every Sunday. She sings alto in the abbey choir."
)
PERSONALITY = "She is dry and brief. She dislikes fuss."
SEATED = {USER: "scripted", INDUCER: "infer=scripted", JUDGE: "scripted"}
"""Specs that fill the seats of trees made by hand; assistants vary by place."""


def a_persona(profile: str = PROFILE, personality: str = PERSONALITY) -> Persona:
    """Return a small persona."""
    return Persona(profile=Profile.of(profile), personality=Personality.of(personality))


def a_cast(*assistants: str) -> Cast:
    """Return scripted agents in all seats; by default a hinted and a plain assistant."""
    specs = assistants or ("hinted=scripted", "plain=scripted")
    return cast("scripted", "infer=scripted", specs, ["scripted"])


def simulate(store: Path | str, *flags: str) -> int:
    """Run `graphs.simulate` in this process, with one worker; return its exit status."""
    argv = ["--store", str(store), "--workers", "1", *flags]
    return main(Simulate, "graphs.simulate", argv)


def grow(store: Path | str, *flags: str, limit: int = 3, turns: int = 3) -> Path:
    """Grow a small run with the real graph, where it must succeed; return the store."""
    assert simulate(store, "--limit", str(limit), "--turns", str(turns), *flags) == 0
    return Path(store)


def digest_of(store: Path | str, run: str = "main") -> str:
    """Return the digest of a stored run."""
    with open_store(store) as opened:
        return digest(opened.run(run).trees())


def trees_of(store: Path | str, run: str = "main") -> list[Tree]:
    """Load all trees of a stored run."""
    with open_store(store) as opened:
        return list(opened.run(run).trees())


def command(kind: type[Command], *argv: object) -> int:
    """Run a command in this process as its module would; return the exit status."""
    return main(kind, kind.__module__, [str(word) for word in argv])


def error_line(stderr: str) -> str:
    """Return the one line a failed command has to say, which is all it may say."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    assert len(lines) == 1 and lines[0].startswith("error: "), stderr
    return lines[0]


def a_node(parent: str, seat: str, turn: int = 1, **values: Any) -> Node:
    """Return a node with what most tests do not care about filled in."""
    spec = f"m{values.get('place', 0)}" if seat == ASSISTANT else SEATED[seat]
    filled = {"agent": "test:Agent", "spec": spec, "seed": 7, **values}
    return Node(parent=parent, seat=seat, turn=turn, **filled)


def ranked(*tiers: Sequence[str], margin: float = 0.5, confidence: float = 1.0) -> Verdict:
    """Return a verdict without scores; each tier is a sequence of candidate keys."""
    ranking = tuple(tuple(tier) for tier in tiers)
    return Verdict(ranking=ranking, margin=margin, confidence=confidence)


def a_failure(message: str = "no answer") -> Failure:
    """Return a failure as an agent's exception would leave it."""
    return Failure(type="TimeoutError", message=message)


def a_turn(
    tip: str,
    *texts: str,
    turn: int = 1,
    says: str = "Hi.",
    verdict: Callable[[list[str]], Verdict] | None = None,
    belief: Belief | None = None,
) -> list[Node]:
    """Return one turn below `tip`: user, candidates, and belief and verdict where given.

    `verdict` makes the verdict from the keys of the candidates.
    """
    user = a_node(tip, USER, turn, text=says)
    replies = [
        a_node(user.key, ASSISTANT, turn, place=place, text=text)
        for place, text in enumerate(texts)
    ]
    nodes = [user, *replies]
    if belief is not None:
        nodes.append(a_node(user.key, INDUCER, turn, belief=belief))
    if verdict is not None:
        judged = verdict([reply.key for reply in replies])
        nodes.append(a_node(user.key, JUDGE, turn, verdict=judged))
    return nodes


def in_order(keys: list[str]) -> Verdict:
    """Rank candidates by their place, the first best."""
    return ranked(*([key] for key in keys))


def in_reverse(keys: list[str]) -> Verdict:
    """Rank candidates by their place, the last best."""
    return ranked(*([key] for key in reversed(keys)))


def all_tied(keys: list[str]) -> Verdict:
    """Put all candidates into one tier."""
    return ranked(keys, margin=0.0)


def store_trees(
    store: Path | str, trees: Sequence[Tree], record: RunRecord | None = None, *, done: bool = True
) -> Run:
    """Store trees made by hand as one run; return the run, whose store stays open."""
    run = open_store(store, create=True).begin(record or RunRecord())
    run.plan((tree.persona, tree.repeat) for tree in trees)
    numbers = run.numbers()
    for tree in trees:
        if len(tree):
            run.add([(numbers[tree.key], node) for node in tree])
        if done:
            run.finish(numbers[tree.key], tree)
    return run
