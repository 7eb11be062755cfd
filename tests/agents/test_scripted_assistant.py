"""The scripted assistant: speaks to the hint if it has one, in general terms if not."""

import asyncio

import pytest

from agents.scripted.assistant import ScriptedAssistant
from agents.seats import AssistantBrief
from dialogues.node import Belief, Message


def reply(hint: Belief | None, seed: int = 0) -> str:
    brief = AssistantBrief(
        role="",
        history=[Message("user", "I keep bees in Bath.")],
        turn=1,
        seed=seed,
        place=0,
        hint=hint,
    )
    return asyncio.run(ScriptedAssistant().reply(brief)).text


@pytest.mark.parametrize("seed", range(8))
def test_a_hinted_reply_says_the_latest_fact_back(seed: int) -> None:
    assert "you keep bees" in reply(Belief(facts=("I swim.", "I keep bees.")), seed)


def test_an_earlier_fact_is_recalled_at_times() -> None:
    hint = Belief(facts=("I swim.", "I keep bees."))
    recalled = ["you swim" in reply(hint, seed) for seed in range(20)]
    assert any(recalled)
    assert not all(recalled)


def test_a_brief_user_is_spared_the_recall() -> None:
    hint = Belief(facts=("I swim.", "I keep bees."), traits=("brief",))
    assert not any("you swim" in reply(hint, seed) for seed in range(20))


@pytest.mark.parametrize("hint", [None, Belief(), Belief(traits=("lively",))])
def test_without_facts_a_reply_is_general(hint: Belief | None) -> None:
    replies = [reply(hint, seed) for seed in range(20)]
    assert not any("bees" in text or "Bath" in text for text in replies)
    assert all(text.endswith("?") for text in replies)


def test_a_general_reply_depends_on_nothing_but_the_seed() -> None:
    assert reply(None, 3) == reply(Belief(), 3)
