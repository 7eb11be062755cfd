"""Resume is replay: stopped after any node, a tree grows on to what it would have been."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogues.digest import tree_digest
from dialogues.errors import StoreError
from dialogues.node import Node
from graphs.expansion import POLICIES
from tests.agents.troupe import LeavingUser
from tests.graphs.stage import company, play, witnessed

SHAPE: dict[str, Any] = {"turns": 3, "candidates": 2, "width": 3}


def full_after(count: int, saved: list[Node]) -> Callable[[Node], Awaitable[Node]]:
    """Return a `save` whose disk is full after `count` nodes, which it puts into `saved`."""

    async def save(node: Node) -> Node:
        if len(saved) >= count:
            raise StoreError("disk full")
        saved.append(node)
        await asyncio.sleep(0)
        return node

    return save


@pytest.mark.parametrize("policy", POLICIES)
@given(share=st.floats(0, 1, exclude_max=True), seed=st.integers(0, 99))
@settings(max_examples=12)
def test_a_stopped_tree_grows_on_without_buying_a_call_twice(
    policy: str, share: float, seed: int
) -> None:
    script = {**SHAPE, "policy": POLICIES[policy], "seed": seed}
    whole = play(witnessed([]), **script)
    saved: list[Node] = []
    with pytest.raises(StoreError):
        play(witnessed([]), save=full_after(int(share * len(whole)), saved), **script)
    briefs: list[Any] = []
    resumed = play(witnessed(briefs), saved, **script)
    assert tree_digest(resumed) == tree_digest(whole)
    asked = sorted(brief.seed for brief in briefs)
    assert asked == sorted({node.seed for node in whole} - {node.seed for node in saved})


@pytest.mark.parametrize("policy", POLICIES)
def test_a_whole_tree_asks_nobody_again(policy: str) -> None:
    script = {**SHAPE, "policy": POLICIES[policy]}
    whole = play(witnessed([]), **script)
    briefs: list[Any] = []
    again = play(witnessed(briefs), whole, **script)
    assert briefs == []
    assert tree_digest(again) == tree_digest(whole)


def test_a_tree_stopped_again_and_again_ends_the_same() -> None:
    script = {**SHAPE, "policy": POLICIES["uncertain"]}
    whole = play(witnessed([]), **script)
    nodes: list[Node] = []
    for _ in range(len(whole) - 1):
        more: list[Node] = []
        with pytest.raises(StoreError):
            play(witnessed([]), nodes, save=full_after(1, more), **script)
        nodes += more
    assert len(nodes) == len(whole) - 1
    assert tree_digest(play(witnessed([]), nodes, **script)) == tree_digest(whole)


def test_a_user_who_left_is_not_asked_again() -> None:
    whole = play(company(user=LeavingUser()), turns=5)
    briefs: list[Any] = []
    assert len(play(witnessed(briefs), whole, turns=5)) == len(whole)
    assert briefs == []


def test_the_first_write_wins_and_its_text_is_what_the_dialogue_goes_on_with() -> None:
    async def somebody_else_was_first(node: Node) -> Node:
        return node.model_copy(update={"text": "I was here before."}) if node.text else node

    briefs: list[Any] = []
    tree = play(witnessed(briefs), save=somebody_else_was_first, turns=2)
    told = {message.content for brief in briefs for message in brief.history}
    assert told == {"I was here before."}
    assert {node.text for node in tree} <= {"I was here before.", ""}
