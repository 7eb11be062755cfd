"""The dialogue: how a user, an inducer, assistants and a judge take their turns.

    user -> induce -> candidate x N -> judge -> select -> user -> ...

One run of this LangGraph state machine follows one open branch of a tree, from the branch's last
message until it is over or forks; graphs/growth.py starts one such run per branch. The state only
says where the branch is; all that was said is in the tree of the scene. Each step fills its slots
there: a slot that is already filled is read and nobody is asked again, so a run that was killed
goes on by starting over from the root.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from dialogues.node import ASSISTANT, INDUCER, USER, Slot
from graphs.expansion import split_width, waits
from graphs.scene import Scene
from graphs.together import together

Step = Callable[..., Awaitable[Any]]


class Branch(TypedDict, total=False):
    """The state: an open branch.

    Attributes:
        tip: key of the last message on the branch; at first, of the tree.
        turn: number of the latest user message, 0 before the first.
        width: how many open branches this one may become.
        over: why the graph stopped: `turns`, `user`, `failure`, `fork` or `waiting`.
        forks: the branches that go on from here.
        place: number among its siblings of the user's next message, or, within the fan-out, of a
            candidate.
    """

    tip: str
    turn: int
    width: int
    over: str
    forks: list["Branch"]
    place: int


async def user(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """The user, who alone knows the persona, says the next message, perhaps its last."""
    scene, tip, turn = runtime.context, state["tip"], state["turn"] + 1
    node = await scene.ask(
        scene.cast.user,
        Slot(tip, USER, state.get("place", 0)),
        turn,
        persona=scene.tree.persona,
        turns=scene.script.turns,
        notes=scene.notes_before(tip),
        may_leave=scene.script.may_leave,
    )
    leaves = node.ends and scene.script.may_leave
    over = "failure" if node.failure else "user" if leaves else ""
    return {"tip": node.key, "turn": turn, "over": over, "place": 0}


async def induce(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """The inducer says what the user's messages have revealed; `extract` may see the persona."""
    scene, tip, turn = runtime.context, state["tip"], state["turn"]
    seated = scene.cast.inducer
    if seated is None:
        return {}
    node = await scene.ask(
        seated,
        Slot(tip, INDUCER),
        turn,
        belief=scene.belief_before(tip),
        persona=scene.tree.persona if seated.spec.role == "extract" else None,
    )
    return {"over": "failure"} if node.failure else {}


async def candidate(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """An assistant gives one reply from the history; `hinted` has the belief, `oracle` all."""
    scene, tip, turn, place = runtime.context, state["tip"], state["turn"], state["place"]
    seated = scene.cast.assistant(place)
    await scene.ask(
        seated,
        Slot(tip, ASSISTANT, place),
        turn,
        place=place,
        hint=scene.tree.belief(tip) if seated.spec.role == "hinted" else None,
        persona=scene.tree.persona if seated.spec.role == "oracle" else None,
        system=scene.script.system,
    )
    return {}


async def judge(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """The judges, who know the persona, each say which candidate this user would prefer.

    Where a candidate failed there is nothing to judge, and the branch ends; a panel needs all its
    members.
    """
    scene, tip, turn = runtime.context, state["tip"], state["turn"]
    replies = scene.siblings(tip).candidates
    if len(replies) < scene.script.candidates:
        return {"over": "failure"}
    if len(replies) == 1:
        return {}
    told = {"persona": scene.tree.persona, "candidates": replies}
    asked = [
        (seated, scene.judge_slot(tip, place)) for place, seated in enumerate(scene.cast.judges)
    ]
    nodes = []
    # Waiting for a person stops whoever else is being asked.
    for of_persons in (False, True):
        nodes += await together(
            scene.ask(seated, slot, turn, **told)
            for seated, slot in asked
            if seated.is_person == of_persons
        )
    return {"over": "failure"} if any(node.failure for node in nodes) else {}


async def select(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """The expansion policy says from which candidates the dialogue goes on."""
    scene = runtime.context
    if state["turn"] >= scene.script.turns:
        return {"over": "turns"}
    if waits(scene.script.policy):
        return {"over": "waiting"}
    forks = open_branches(scene, [state], state["width"])
    return forks[0] if len(forks) == 1 else {"over": "fork", "forks": forks}


def open_branches(scene: Scene, branches: list[Branch], width: int) -> list[Branch]:
    """Return the branches the policy opens below those that stand before its choice."""
    chosen = scene.choose([branch["tip"] for branch in branches], width)
    turn = branches[0]["turn"]
    shares = split_width(width, len(chosen))
    return [
        Branch(tip=key, turn=turn, width=share) for key, share in zip(chosen, shares, strict=True)
    ]


async def ask_candidates(branch: Branch, runtime: Runtime[Scene]) -> list[Send] | str:
    """Fan out to all candidates of the turn at once."""
    if branch.get("over"):
        return END
    places = range(runtime.context.script.candidates)
    return [Send("candidate", {**branch, "place": place}) for place in places]


def unless_over(step: str) -> Step:
    """Make the edge to `step` that ends the branch instead once it is over."""

    # LangGraph gives a plain function a thread for every call.
    async def route(branch: Branch, runtime: Runtime[Scene]) -> str:
        return END if branch.get("over") else step

    return route


DialogueGraph = CompiledStateGraph[Branch, Any, Branch, Branch]


def as_it_is(step: Step) -> Step:
    """Leave a step as it is."""
    return step


def build_graph(
    context: type = Scene,
    staged: Callable[[Step], Step] = as_it_is,
    checkpointer: BaseCheckpointSaver[str] | None = None,
) -> DialogueGraph:
    """Build the dialogue's state machine; run it with a `Branch` and a `Scene` as context.

    Args:
        context: class of what it is run with, where that is not a `Scene` yet.
        staged: makes of each step one that finds its `Scene` by that context.
        checkpointer: keeps the state while it waits for a person.
    """
    graph = StateGraph(Branch, context_schema=context)
    for step in (user, induce, candidate, judge, select):
        graph.add_node(step.__name__, staged(step))
    graph.add_edge(START, "user")
    graph.add_conditional_edges("user", staged(unless_over("induce")), ["induce", END])
    graph.add_conditional_edges("induce", staged(ask_candidates), ["candidate", END])
    graph.add_edge("candidate", "judge")
    graph.add_conditional_edges("judge", staged(unless_over("select")), ["select", END])
    graph.add_conditional_edges("select", staged(unless_over("user")), ["user", END])
    return graph.compile(name="dialogue", checkpointer=checkpointer)
