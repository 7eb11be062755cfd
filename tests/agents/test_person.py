"""A person in a seat: the dialogue waits there, and goes on with what the person answers."""

from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from agents.casting import Cast, Seated
from agents.person import Person
from dialogues.node import JUDGE, USER
from dialogues.spec import Spec
from dialogues.tree import Tree
from graphs.dialogue import build_graph
from graphs.scene import Scene, Script
from tests.agents import troupe
from tests.graphs.stage import company
from tests.growing import a_persona, ranked

THREAD: Any = {"configurable": {"thread_id": "1"}}


def seated(seat: str) -> Seated:
    return Seated(seat, Spec.parse("human"), Person())


def two() -> list[tuple[str, troupe.NumberAssistant]]:
    return [("hinted", troupe.NumberAssistant()), ("plain", troupe.NumberAssistant())]


async def answered(cast: Cast, *answers: Any, turns: int = 1) -> tuple[Tree, list[str]]:
    """Run the graph with a person in it; return the tree and for whom it waited."""
    graph, tree, waited = build_graph(checkpointer=InMemorySaver()), Tree(a_persona()), []
    scene = Scene(tree, cast, Script(turns=turns))
    given: Any = {"tip": tree.key, "turn": 0, "width": 1}
    for answer in (*answers, None):
        state = await graph.ainvoke(given, THREAD, context=scene)
        waited += [stop.value for stop in state.get("__interrupt__", ())]
        given = Command(resume=answer(tree) if callable(answer) else answer)
    return tree, waited


async def test_as_the_user_a_person_is_waited_for_at_each_turn() -> None:
    known = company(assistants=two())
    cast = Cast(seated(USER), known.inducer, known.assistants, known.judges)
    tree, waited = await answered(cast, {"text": "One."}, {"text": "One."}, turns=2)
    assert waited == [USER, USER]
    assert [node.text for node in tree.user_messages()] == ["One.", "One."]
    assert tree.failures() == []
    assert {node.spec for node in tree.user_messages()} == {"human"}


@pytest.mark.parametrize("first", [True, False])
async def test_as_a_judge_a_person_is_waited_for_once_the_others_have_judged(first: bool) -> None:
    def pick(tree: Tree) -> Any:
        one, other = tree.candidates(tree.user_messages()[0].key)
        (judge,) = tree.judges()
        assert judge == "test"
        return ranked([other.key], [one.key]).model_dump(mode="json")

    known = company(assistants=two())
    judges = [seated(JUDGE), *known.judges]
    cast = Cast(known.user, known.inducer, known.assistants, tuple(judges[:: 1 if first else -1]))
    tree, waited = await answered(cast, pick)
    assert waited == [JUDGE]
    user = tree.user_messages()[0]
    picked = tree.verdict(user.key, "human")
    assert picked
    assert picked.preferred == (tree.candidates(user.key)[1].key,)
    assert len(tree.verdicts(user.key)) == 2


async def test_what_is_no_verdict_on_the_replies_is_a_failure() -> None:
    known = company(assistants=two())
    cast = Cast(known.user, known.inducer, known.assistants, (seated(JUDGE),))
    tree, _ = await answered(cast, ranked(["x"], ["y"]).model_dump(mode="json"))
    assert [node.failure.type for node in tree.failures() if node.failure] == ["WrongAnswer"]
