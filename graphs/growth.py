"""Growth: following every open branch of a tree to its end."""

from typing import cast

from langchain_core.runnables import RunnableConfig

from graphs.dialogue import Branch, DialogueGraph, open_branches
from graphs.expansion import waits
from graphs.scene import Scene
from graphs.together import together


async def grow(graph: DialogueGraph, scene: Scene) -> None:
    """Grow the scene's tree until no branch is open.

    Branches run on their own, one graph run each; only under a policy that waits do all branches
    of a turn stand still until the policy has seen them together.

    Raises:
        StoreError: a node could not be saved.
        UsageError: the expansion policy failed.
    """
    root = Branch(tip=scene.tree.key, turn=0, width=scene.script.width)
    if waits(scene.script.policy):
        await _grow_turn_by_turn(graph, scene, root)
    else:
        await _follow(graph, scene, root)


async def _follow(graph: DialogueGraph, scene: Scene, branch: Branch) -> None:
    end = await _run(graph, scene, branch)
    await together(_follow(graph, scene, fork) for fork in end.get("forks", ()))


async def _grow_turn_by_turn(graph: DialogueGraph, scene: Scene, root: Branch) -> None:
    frontier = [root]
    while frontier:
        ends = await together(_run(graph, scene, branch) for branch in frontier)
        waiting = [end for end in ends if end["over"] == "waiting"]
        frontier = open_branches(scene, waiting, scene.script.width) if waiting else []


async def _run(graph: DialogueGraph, scene: Scene, branch: Branch) -> Branch:
    limit = len(graph.nodes) * (scene.script.turns + 1)
    told = {"tree": scene.tree.key, "persona": scene.tree.persona.id, "tip": branch["tip"]}
    config = RunnableConfig(recursion_limit=limit, run_name="dialogue", metadata=told)
    end = await graph.ainvoke(branch, config, context=scene)
    return cast(Branch, end)
