"""The scripted user: its agenda, its manner, and how it goes on when all is told."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.scripted.pronouns import first_person
from agents.scripted.user import ScriptedUser
from agents.seats import AgentError, UserBrief, Utterance
from dialogues.persona import Persona
from dialogues.pool import load_pool
from tests.growing import a_persona

SHIPPED = load_pool().personas(1)
shipped = st.sampled_from(SHIPPED)
seeds = st.integers(0, 2**31 - 1)


def talk(persona: Persona, turns: int, seed: int = 0) -> list[Utterance]:
    """Let the user speak `turns` times, with its notes handed back each time."""
    notes: Mapping[str, Any] = {}
    said = []
    for turn in range(1, turns + 1):
        brief = UserBrief(
            role="",
            history=[],
            turn=turn,
            seed=seed + turn,
            persona=persona,
            turns=turns,
            notes=notes,
        )
        said.append(asyncio.run(ScriptedUser().speak(brief)))
        notes = said[-1].notes
    return said


def sayable(persona: Persona) -> list[str]:
    spoken = [first_person(fact.text, persona.profile) for fact in persona.profile.facts]
    return [sentence for sentence in spoken if sentence]


@given(shipped, seeds)
@settings(max_examples=25)
def test_each_message_tells_exactly_one_fact_until_all_are_told(
    persona: Persona, seed: int
) -> None:
    facts = sayable(persona)
    for utterance in talk(persona, len(facts), seed):
        told = [fact for fact in facts if fact in utterance.text]
        longest = [fact for fact in told if not any(fact in o for o in told if o != fact)]
        assert len(longest) == 1


@given(shipped, seeds)
@settings(max_examples=25)
def test_the_whole_agenda_is_told_without_a_repetition(persona: Persona, seed: int) -> None:
    facts = sayable(persona)
    said = talk(persona, len(facts), seed)
    assert [utterance.notes["new"] for utterance in said] == [True] * len(facts)
    assert len({utterance.notes["fact"] for utterance in said}) == len(facts)


@pytest.mark.parametrize("persona", SHIPPED[::3], ids=lambda persona: persona.profile.text[:10])
def test_it_goes_on_for_seventy_turns_with_what_it_said_before(persona: Persona) -> None:
    facts = sayable(persona)
    late = talk(persona, 70)[len(facts) :]
    assert len(late) == 70 - len(facts)
    assert all(any(fact in utterance.text for fact in facts) for utterance in late)
    assert not any(utterance.notes["new"] or utterance.ends for utterance in late)
    assert len({utterance.text for utterance in late}) > 10


def test_it_may_begin_with_different_facts() -> None:
    first = {talk(SHIPPED[0], 1, seed * 7)[0].notes["fact"] for seed in range(30)}
    assert len(first) > 3


def test_it_greets_only_in_its_first_message() -> None:
    said = talk(a_persona(), 4)
    greets = [utterance.text.startswith(("Hi.", "Hello.", "Evening.")) for utterance in said]
    assert greets == [True, False, False, False]


def test_a_lively_personality_exclaims_and_a_brief_one_does_not() -> None:
    lively = talk(a_persona(personality="He is exuberant and talkative."), 4)
    brief = talk(a_persona(personality="He is terse and reserved."), 4)
    assert all("!" in utterance.text for utterance in lively)
    assert not any("!" in utterance.text for utterance in brief)


@pytest.mark.parametrize(
    "profile",
    [
        'She told him "no". Her sister says she is lazy.',
        "He keeps his brother and his dog. His mother thinks he is ill.",
    ],
)
def test_a_profile_of_which_nothing_can_be_said_is_a_typed_failure(profile: str) -> None:
    with pytest.raises(AgentError, match="first person"):
        talk(a_persona(profile), 1)


def test_notes_of_another_turn_decide_what_comes_next_not_the_instance() -> None:
    user = ScriptedUser()
    persona = a_persona()
    brief = {"role": "", "history": [], "turn": 2, "seed": 3, "persona": persona, "turns": 4}
    first = asyncio.run(user.speak(UserBrief(**brief, notes={"start": 0, "told": 1})))
    asyncio.run(user.speak(UserBrief(**brief, notes={"start": 2, "told": 3})))
    assert asyncio.run(user.speak(UserBrief(**brief, notes={"start": 0, "told": 1}))) == first
