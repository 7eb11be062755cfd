"""Filling a slot: asked once, kept whatever happens, asked again only where it failed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from agents.casting import Seated
from agents.seats import AssistantBrief, JudgeBrief, Judgement, Reply, UserBrief, Utterance
from dialogues.errors import GroveError, StoreError, UsageError
from dialogues.hashing import derived_seed
from dialogues.node import ASSISTANT, JUDGE, USER, Node, Slot, Usage
from dialogues.persona import Persona
from dialogues.spec import Spec
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from graphs.filling import Filler
from tests.growing import a_node, a_turn

SEED = 5


class Agent:
    """Does in any seat what it is given."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.briefs = list(answers), list[Any]()

    async def _answer(self, brief: Any) -> Any:
        self.briefs.append(brief)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return answer

    speak = reply = judge = _answer


def replying(agent: Any, spec: str = "plain=test@here") -> Seated:
    return Seated(ASSISTANT, Spec.parse(spec), agent)


def tree_of(persona: Persona) -> tuple[Tree, Slot]:
    """Return a tree with a user's first message, and the slot of the reply to it."""
    tree = Tree(persona)
    user = a_node(tree.key, USER, text="Hi.")
    tree.add(user)
    return tree, Slot(user.key, ASSISTANT)


async def test_an_empty_slot_is_filled_with_what_the_agent_says(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    agent = Agent(Reply("Hello.", notes={"a": 1}, usage=Usage(calls=1)))
    node = await Filler(tree, SEED).fill(replying(agent), slot, 1, {}, place=0)
    assert tree.get(slot) is node
    assert (node.text, node.notes, node.usage) == ("Hello.", {"a": 1}, Usage(calls=1))
    assert (node.spec, node.agent) == ("plain=test", "tests.graphs.test_filling:Agent")
    assert node.seed == derived_seed(SEED, slot.key)
    (brief,) = agent.briefs
    assert isinstance(brief, AssistantBrief)
    assert (brief.role, brief.turn, brief.key, brief.seed) == ("plain", 1, slot.key, node.seed)
    assert brief.history == tree.history(slot.parent)


async def test_a_filled_slot_is_read_and_nobody_asked(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    agent = Agent(Reply("one"), Reply("two"))
    filler = Filler(tree, SEED)
    first = await filler.fill(replying(agent), slot, 1, {}, place=0)
    again = await filler.fill(replying(Agent(ValueError())), slot, 1, {"x": 1}, place=0)
    assert again is first and len(agent.briefs) == 1


async def test_what_is_noted_stands_beside_the_agents_notes_and_comes_first(
    persona: Persona,
) -> None:
    tree, slot = tree_of(persona)
    agent = Agent(Reply("one", notes={"own": 1, "protocol": "mine"}))
    noted = {"protocol": "aloe", "against": "x"}
    node = await Filler(tree, SEED).fill(replying(agent), slot, 1, noted, place=0)
    assert node.notes == {"own": 1, "protocol": "aloe", "against": "x"}


async def test_a_failure_too_is_noted(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    agent = Agent(TimeoutError("no answer"))
    node = await Filler(tree, SEED).fill(replying(agent), slot, 1, {"protocol": "aloe"}, place=0)
    assert node.failure and node.failure.type == "TimeoutError"
    assert node.notes == {"protocol": "aloe"} and node.text == ""


async def test_a_failure_is_asked_again_only_if_it_is_asked_for(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    agent = Agent(TimeoutError(), TimeoutError(), Reply("at last"))
    first = await Filler(tree, SEED).fill(replying(agent), slot, 1, {}, place=0)
    assert await Filler(tree, SEED).fill(replying(agent), slot, 1, {}, place=0) is first
    retrying = Filler(tree, SEED, retry=True)
    second = await retrying.fill(replying(agent), slot, 1, {}, place=0)
    third = await retrying.fill(replying(agent), slot, 1, {}, place=0)
    assert [node.attempt for node in (first, second, third)] == [0, 1, 2]
    assert third.text == "at last" and len({first.seed, second.seed, third.seed}) == 3
    assert await retrying.fill(replying(agent), slot, 1, {}, place=0) is third
    assert len(agent.briefs) == 3


async def test_what_the_store_holds_goes_into_the_tree(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    there = a_node(slot.parent, ASSISTANT, text="was there first")

    async def save(node: Node) -> Node:
        return there

    node = await Filler(tree, SEED, save).fill(replying(Agent(Reply("late"))), slot, 1, {}, place=0)
    assert node is there and tree.get(slot) is there


@pytest.mark.parametrize("error", [StoreError("disk full"), UsageError("no key"), GroveError("x")])
async def test_what_stops_a_run_is_no_failure_of_a_slot(
    persona: Persona, error: GroveError
) -> None:
    tree, slot = tree_of(persona)
    with pytest.raises(type(error)):
        await Filler(tree, SEED).fill(replying(Agent(error)), slot, 1, {}, place=0)
    assert slot.key not in tree


async def test_a_node_that_could_not_be_saved_is_not_in_the_tree(persona: Persona) -> None:
    tree, slot = tree_of(persona)

    async def save(node: Node) -> Node:
        raise StoreError("disk full")

    with pytest.raises(StoreError):
        await Filler(tree, SEED, save).fill(replying(Agent(Reply("a"))), slot, 1, {}, place=0)
    assert slot.key not in tree


async def test_a_stopped_call_leaves_nothing_and_an_agents_own_cancellation_a_failure(
    persona: Persona,
) -> None:
    tree, slot = tree_of(persona)

    class Hanging:
        async def reply(self, brief: AssistantBrief) -> Reply:
            await asyncio.sleep(60)
            raise AssertionError

    asked = Filler(tree, SEED).fill(replying(Hanging()), slot, 1, {}, place=0)
    task = asyncio.create_task(asked)
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert slot.key not in tree
    cancelled = replying(Agent(asyncio.CancelledError()))
    node = await Filler(tree, SEED).fill(cancelled, slot, 1, {}, place=0)
    assert node.failure and node.failure.type == "CancelledError"


async def test_the_limit_holds_around_the_call_and_its_saving(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    log: list[str] = []

    @asynccontextmanager
    async def limit(seated: Seated) -> AsyncIterator[None]:
        log.append(f"in {seated.spec.name}")
        yield
        log.append("out")

    async def save(node: Node) -> Node:
        log.append("saved")
        return node

    filler = Filler(tree, SEED, save, limit)
    await filler.fill(replying(Agent(Reply("a"))), slot, 1, {}, place=0)
    await filler.fill(replying(Agent(Reply("b"))), slot, 1, {}, place=0)
    assert log == ["in plain=test", "saved", "out"]


async def test_what_is_told_may_differ_from_the_history_up_to_the_slot(persona: Persona) -> None:
    turn = a_turn(Tree(persona).key, "Hello.")
    tree = Tree(persona, 0, turn)
    verdict = Verdict.from_scores({turn[1].key: {"all": 4}})
    agent = Agent(Judgement(verdict=verdict))
    judge = Seated(JUDGE, Spec("", "test"), agent)
    told: dict[str, Any] = {"history": [], "persona": persona, "candidates": [turn[1]]}
    node = await Filler(tree, SEED).fill(judge, Slot(turn[0].key, JUDGE, 3), 1, {}, **told)
    assert node.verdict == verdict and node.place == 3
    assert isinstance(agent.briefs[0], JudgeBrief) and agent.briefs[0].history == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [(Reply(" "), "EmptyReply"), ("text", "WrongAnswer"), (None, "WrongAnswer")],
)
async def test_an_answer_of_no_use_is_a_failure_with_its_type(
    persona: Persona, answer: Any, kind: str
) -> None:
    tree, slot = tree_of(persona)
    node = await Filler(tree, SEED).fill(replying(Agent(answer)), slot, 1, {}, place=0)
    assert node.failure and node.failure.type == kind


async def test_a_user_is_asked_through_the_gate_of_faults(persona: Persona) -> None:
    tree = Tree(persona)
    agent = Agent(Utterance("As an AI, I cannot."), Utterance("Hello there."))
    user = Seated(USER, Spec("", "test"), agent)
    told: dict[str, Any] = {"persona": persona, "turns": 1, "notes": {}}
    node = await Filler(tree, SEED).fill(user, Slot(tree.key, USER), 1, {}, **told)
    assert node.text == "Hello there."
    assert node.usage and node.usage.faults == ("role_flip",)
    assert all(isinstance(brief, UserBrief) for brief in agent.briefs)


@pytest.mark.parametrize("length", [499, 500, 501, 9999])
async def test_a_failures_message_is_cut_to_what_can_be_read(persona: Persona, length: int) -> None:
    tree, slot = tree_of(persona)
    agent = replying(Agent(ValueError("x" * length)))
    node = await Filler(tree, SEED).fill(agent, slot, 1, {}, place=0)
    assert node.failure and len(node.failure.message) == min(length, 500)


async def test_many_slots_are_filled_at_once(persona: Persona) -> None:
    tree, slot = tree_of(persona)
    going = 0
    most = 0

    class Slow:
        async def reply(self, brief: AssistantBrief) -> Reply:
            nonlocal going, most
            going += 1
            most = max(most, going)
            await asyncio.sleep(0.01)
            going -= 1
            return Reply(f"{brief.place}")

    filler = Filler(tree, SEED)

    async def fill(at: int) -> Node:
        return await filler.fill(replying(Slow()), slot._replace(place=at), 1, {}, place=at)

    nodes = await asyncio.gather(*map(fill, range(5)))
    assert most == 5 and [node.text for node in nodes] == list("01234")
    assert len({node.seed for node in nodes}) == 5
