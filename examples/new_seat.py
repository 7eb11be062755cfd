"""A new seat: a critic between the candidates and the judge, with no change to Grove's code.

    python -m examples.new_seat

A seat is a brief (what its agent is told), an answer, a step of the graph that fills a slot, and an
edge. What the critic leaves is a node like any other: seeded, stored, resumed, shown to be failed
where it failed. Here the judge reads each reply with the critic's remark below it.
"""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from langgraph.graph import END, START, StateGraph
from langgraph.runtime import Runtime
from rich.console import Console

from agents import Candidate, Reply
from agents.casting import Seated, cast
from agents.seats import SEATS, Brief, Seat
from dialogues.choice import verdict_chooser
from dialogues.command import reporting_errors
from dialogues.node import JUDGE, Slot
from dialogues.picture import picture
from dialogues.pool import load_pool
from dialogues.spec import Spec
from dialogues.tree import Tree
from graphs.dialogue import (
    Branch,
    DialogueGraph,
    ask_candidates,
    candidate,
    induce,
    select,
    unless_over,
    user,
)
from graphs.growth import grow
from graphs.scene import Scene, Script

CRITIC = "critic"


@dataclass(frozen=True, kw_only=True)
class CriticBrief(Brief):
    """For the critic: the history and the replies, not the persona."""

    candidates: Sequence[Candidate]


SEATS[CRITIC] = Seat(CriticBrief, "criticise", Reply)


class QuestionCounter:
    """A critic who minds interrogation: remarks on every reply with more than one question."""

    async def criticise(self, brief: CriticBrief) -> Reply:
        """Remark on the replies, by key."""
        counts = {one.key: one.text.count("?") for one in brief.candidates}
        remarks = {key: f"asks {count} questions" for key, count in counts.items() if count > 1}
        return Reply(f"{len(remarks)} of {len(counts)} replies ask too much", notes=remarks)


THE_CRITIC = Seated(CRITIC, Spec("", "examples.new_seat:QuestionCounter"), QuestionCounter())


async def criticise(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """The critic, who does not know the persona, remarks on the replies."""
    scene, tip = runtime.context, state["tip"]
    replies = scene.siblings(tip).candidates
    node = await scene.ask(THE_CRITIC, Slot(tip, CRITIC), state["turn"], candidates=replies)
    return {"over": "failure"} if node.failure else {}


async def judge(state: Branch, runtime: Runtime[Scene]) -> Branch:
    """The judge reads every reply with what the critic said of it."""
    scene, tip = runtime.context, state["tip"]
    remarks = scene.tree.children(tip, CRITIC)[0].notes
    replies = [
        Candidate(key, f"{text}\n(A critic: {remarks[key]}.)" if key in remarks else text)
        for key, text in ((one.key, one.text) for one in scene.siblings(tip).candidates)
    ]
    node = await scene.ask(
        scene.cast.judges[0],
        Slot(tip, JUDGE),
        state["turn"],
        persona=scene.tree.persona,
        candidates=replies,
    )
    return {"over": "failure"} if node.failure else {}


def build_graph() -> DialogueGraph:
    """Build the dialogue with the critic: one node and one edge more than Grove's."""
    graph = StateGraph(Branch, context_schema=Scene)
    for step in (user, induce, candidate, criticise, judge, select):
        graph.add_node(step.__name__, step)
    graph.add_edge(START, "user")
    graph.add_conditional_edges("user", unless_over("induce"), ["induce", END])
    graph.add_conditional_edges("induce", ask_candidates, ["candidate", END])
    graph.add_edge("candidate", "criticise")
    graph.add_conditional_edges("criticise", unless_over("judge"), ["judge", END])
    graph.add_conditional_edges("judge", unless_over("select"), ["select", END])
    graph.add_conditional_edges("select", unless_over("user"), ["user", END])
    return graph.compile(name="dialogue with a critic")


async def play() -> Tree:
    """Grow one tree in memory, with an assistant who gives the critic something to say."""
    assistants = ["hinted=scripted", "plain=scripted:interrogates"]
    seated = cast("scripted", "infer=scripted", assistants, ["scripted"])
    tree = Tree(load_pool().personas(1)[0])
    await grow(build_graph(), Scene(tree, seated, Script(turns=4)))
    return tree


def main() -> int:
    """Play, and show what the critic said."""
    console = Console()
    tree = asyncio.run(play())
    console.print(picture(tree, verdict_chooser(None)))
    for node in (node for node in tree if node.seat == CRITIC):
        console.print(f"turn {node.turn}: the critic: {node.text}", markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
