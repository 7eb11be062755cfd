"""A stage for the tests of graphs: agents in the seats, a tree in memory, an error caught."""

import asyncio
from collections.abc import Iterable
from functools import cache
from typing import Any

import pytest

from agents.casting import Cast, Seated
from agents.seats import Assistant, Inducer, Judge, User
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Node
from dialogues.persona import Persona
from dialogues.spec import Spec
from dialogues.tree import Tree
from graphs.dialogue import build_graph
from graphs.growth import grow
from graphs.scene import Save, Scene, Script, keep_in_memory
from tests.agents import troupe
from tests.growing import a_persona

dialogue = cache(build_graph)

Capture = pytest.CaptureFixture[str]


def company(
    user: User | None = None,
    inducer: Inducer | None = None,
    assistants: Iterable[tuple[str, Assistant]] = (),
    judge: Judge | None = None,
    inducer_role: str = "infer",
) -> Cast:
    """Seat the given agents, and cheap ones of the troupe beside them."""
    replying = list(assistants) or [("hinted", troupe.NumberAssistant())]
    return Cast(
        user=Seated(USER, Spec("", "test"), user or troupe.NumberUser()),
        inducer=Seated(INDUCER, Spec(inducer_role, "test"), inducer or troupe.CollectingInducer()),
        assistants=tuple(Seated(ASSISTANT, Spec(role, "test"), agent) for role, agent in replying),
        judges=(Seated(JUDGE, Spec("", "test"), judge or troupe.DrawingJudge()),),
    )


def witnessed(briefs: list[Any]) -> Cast:
    """Seat cheap agents that write every brief they get into `briefs`."""
    return company(
        user=troupe.Witness(troupe.NumberUser(), briefs),
        inducer=troupe.Witness(troupe.CollectingInducer(), briefs),
        assistants=[("", troupe.Witness(troupe.NumberAssistant(), briefs))],
        judge=troupe.Witness(troupe.DrawingJudge(), briefs),
    )


def play(
    cast: Cast,
    nodes: Iterable[Node] = (),
    *,
    persona: Persona | None = None,
    save: Save = keep_in_memory,
    **script: Any,
) -> Tree:
    """Grow a tree to its end with the real graph, from `nodes` if there are any."""
    tree = Tree(persona or a_persona(), nodes=nodes)
    scene = Scene(tree, cast, Script(**script), save)
    asyncio.run(grow(dialogue(), scene))
    return tree


def seats_by_turn(tree: Tree, seat: str) -> list[int]:
    """Count what `seat` left at each turn, from turn 1 to the last."""
    turns = [node.turn for node in tree if node.seat == seat]
    return [turns.count(turn) for turn in range(1, max(turns, default=0) + 1)]


def last_messages(tree: Tree) -> list[Node]:
    """Return the user's messages that no later one follows: one per branch."""
    said = tree.user_messages()
    followed = {node.key for last in said for node in tree.path(last.key)[:-1]}
    return [node for node in said if node.key not in followed]


def error_line(capsys: Capture) -> str:
    """Return the one line of the error, which is all that was said."""
    said = capsys.readouterr()
    lines = said.err.splitlines()
    assert said.out == ""
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0]
