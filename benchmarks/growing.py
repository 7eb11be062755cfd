"""Growing trees in this process with scripted agents, in memory or into a store."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agents.casting import Cast, cast
from dialogues import Persona, RunRecord, Tree, open_store
from dialogues.recorder import Recorder
from graphs.dialogue import build_graph
from graphs.growth import grow
from graphs.scene import Scene, Script

TWO_ASSISTANTS = ("hinted=scripted", "plain=scripted")
AT_ONCE = 60


async def grow_trees(
    personas: Sequence[Persona],
    assistants: Sequence[str] = TWO_ASSISTANTS,
    turns: int = 10,
    user: str = "scripted",
) -> list[Tree]:
    """Grow a tree in memory for every persona, with one candidate for every assistant."""
    troupe = cast(user, "infer=scripted", assistants, ["scripted"])
    script = Script(turns=turns, candidates=len(assistants))
    trees = [Tree(persona, number) for number, persona in enumerate(personas)]
    await _grow_all([Scene(tree, troupe, script) for tree in trees])
    return trees


async def grow_into(store: Path, personas: Sequence[Persona]) -> None:
    """Grow the trees of `grow_trees` into a new store, as a worker does."""
    troupe = cast("scripted", "infer=scripted", TWO_ASSISTANTS, ["scripted"])
    with open_store(store, create=True) as opened, ThreadPoolExecutor(1) as thread:
        run = opened.begin(RunRecord())
        trees = [Tree(persona, number) for number, persona in enumerate(personas)]
        run.plan([(tree.persona, tree.repeat) for tree in trees])
        recorder, numbers = Recorder(run, thread), run.numbers()
        await _grow_all(
            [_stored_scene(tree, numbers[tree.key], troupe, recorder) for tree in trees]
        )


def _stored_scene(tree: Tree, number: int, troupe: Cast, recorder: Recorder) -> Scene:
    return Scene(tree, troupe, save=lambda node: recorder.add(number, node))


async def _grow_all(scenes: Sequence[Scene]) -> None:
    graph = build_graph()
    for start in range(0, len(scenes), AT_ONCE):
        await asyncio.gather(*(grow(graph, each) for each in scenes[start : start + AT_ONCE]))
