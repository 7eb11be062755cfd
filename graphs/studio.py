"""The dialogue for LangGraph's dev server and Studio, which find it through langgraph.json.

    pip install 'langgraph-cli[inmem]' && langgraph dev

Every step is stored like any other run's, so a dialogue that is run again with the same settings is
read, not played; another `seed` plays another one.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from langgraph.runtime import Runtime

from agents.casting import cast
from dialogues.hashing import short_hash
from dialogues.location import shown
from dialogues.node import Node
from dialogues.persona import Persona, Personality, Profile
from dialogues.pool import load_pool
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.store import open_store
from dialogues.tree import Tree
from graphs.dialogue import Branch, DialogueGraph, Step, build_graph
from graphs.scene import Scene, Script


@dataclass(kw_only=True)
class Stage:
    """What can be set for a dialogue in Studio.

    Attributes:
        profile: who the user is; empty for the first persona that comes with Grove.
        personality: how the user speaks.
        user: spec of the user.
        inducer: spec of the inducer.
        assistants: specs of the assistants.
        judges: specs of the judges.
        turns: user messages.
        seed: every draw derives from it.
        store: where the dialogue is kept.
    """

    profile: str = ""
    personality: str = ""
    user: str = "scripted"
    inducer: str = "infer=scripted"
    assistants: list[str] = field(default_factory=lambda: ["hinted=scripted", "plain=scripted"])
    judges: list[str] = field(default_factory=lambda: ["scripted"])
    turns: int = 5
    seed: int = 0
    store: str = "runs/studio.db"


def make_graph() -> DialogueGraph:
    """Make the graph as the dev server wants it: without arguments, set by its context."""
    return build_graph(Stage, _on_stage)


def _on_stage(step: Step) -> Step:
    """Let a step find its scene by the settings, and a new dialogue begin at the root."""

    async def staged(state: Branch, runtime: Runtime[Stage]) -> Any:
        scene = await _scene(runtime.context or Stage())
        begun = {"tip": scene.tree.key, "turn": 0, "width": 1, **state}
        return await step(begun, runtime.override(context=scene))  # type: ignore[arg-type]

    staged.__name__ = step.__name__
    return staged


_scenes: dict[str, Scene] = {}


async def _scene(stage: Stage) -> Scene:
    # The server traps whatever blocks its event loop, as files and SQLite do.
    if (known := _scenes.get(repr(stage))) is None:
        known = _scenes[repr(stage)] = await asyncio.to_thread(_open, stage)
    return known


def _open(stage: Stage) -> Scene:
    told = replace(stage, store=shown(stage.store))
    run = open_store(stage.store, create=True).begin(
        RunRecord(name=f"studio-{short_hash(told, size=4)}", config=asdict(told))
    )
    persona = _persona(stage)
    run.plan([(persona, 0)])
    number = run.numbers()[Tree(persona).key]
    seated = cast(stage.user, stage.inducer, stage.assistants, stage.judges)
    script = Script(turns=stage.turns, candidates=max(2, len(stage.assistants)), seed=stage.seed)
    return Scene(run.load([number])[0].tree, seated, script, _saver(run, number))


def _persona(stage: Stage) -> Persona:
    if not stage.profile:
        return load_pool().personas(1)[0]
    return Persona(
        profile=Profile.of(stage.profile),
        personality=Personality.of(stage.personality or "Easy to talk to."),
    )


def _saver(run: Run, number: int) -> Callable[[Node], Awaitable[Node]]:
    async def save(node: Node) -> Node:
        return (await asyncio.to_thread(run.add, [(number, node)]))[0]

    return save
