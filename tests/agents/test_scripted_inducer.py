"""The scripted inducer: believes only what was said, or names the persona's clauses it covers."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.scripted.inducer import ScriptedInducer
from agents.scripted.user import ScriptedUser
from agents.seats import InducerBrief, UserBrief
from dialogues.node import Belief, Message
from dialogues.persona import Persona
from dialogues.pool import load_pool
from tests.growing import a_persona

shipped = st.sampled_from(load_pool().personas(2))


def induced(
    *said: str,
    persona: Persona | None = None,
    belief: Belief | None = None,
    replies: str = "Go on.",
) -> Belief:
    """Return the belief after the last of the user's messages."""
    history = [Message("user", said[0])]
    for text in said[1:]:
        history += [Message("assistant", replies), Message("user", text)]
    brief = InducerBrief(
        role="extract" if persona else "infer",
        history=history,
        turn=len(said),
        seed=0,
        belief=belief or Belief(),
        persona=persona,
    )
    return asyncio.run(ScriptedInducer().induce(brief)).belief


def messages(persona: Persona, turns: int) -> list[str]:
    notes: Mapping[str, Any] = {}
    said = []
    for turn in range(1, turns + 1):
        common: dict[str, Any] = {"role": "", "history": [], "turn": turn, "seed": turn}
        brief = UserBrief(persona=persona, turns=turns, notes=notes, **common)
        utterance = asyncio.run(ScriptedUser().speak(brief))
        said.append(utterance.text)
        notes = utterance.notes
    return said


@given(shipped)
@settings(max_examples=20)
def test_every_inferred_fact_is_a_sentence_the_user_said(persona: Persona) -> None:
    belief = Belief()
    said = messages(persona, 6)
    for turn in range(1, 7):
        belief = induced(*said[:turn], belief=belief)
        assert all(any(fact in text for text in said[:turn]) for fact in belief.facts)
    assert len(belief.facts) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "Do you think I'm lazy?",
        "You keep bees.",
        "I suppose so.",
        "It is raining!",
        "She keeps bees.",
    ],
)
def test_what_is_no_statement_of_the_user_on_themselves_is_not_believed(text: str) -> None:
    assert induced(text).facts == ()


@pytest.mark.parametrize(
    "lead",
    [
        "Well.",
        "Hey, how are you?",
        "Right?! Guess what!",
        "So, about me.",
        "To be honest with you:",
    ],
)
def test_a_statement_is_believed_whatever_leads_up_to_it(lead: str) -> None:
    assert any("I keep bees." in fact for fact in induced(f"{lead} I keep bees.").facts)


def test_what_the_assistant_says_is_not_believed() -> None:
    believed = induced("Hi.", "Well.", replies="I keep bees. You live in Rome.")
    assert believed.facts == ()


def test_a_belief_grows_and_names_each_fact_once() -> None:
    before = Belief(facts=("I keep bees.",))
    after = induced("I keep bees.", "I keep bees. I live in Bath.", belief=before)
    assert after.facts == ("I keep bees.", "I live in Bath.")


def test_extract_names_clauses_of_the_persona() -> None:
    persona = a_persona()
    swims = "I swim in the river every Sunday."
    assert induced(swims, persona=persona).facts == ("She swims in the river every Sunday.",)


def test_extract_needs_no_name_a_speaker_would_not_say() -> None:
    told = induced("I mend clocks in Bath.", persona=a_persona()).facts
    assert told == ("Ada Quill mends clocks in Bath.",)


def test_extract_believes_nothing_that_was_not_covered() -> None:
    assert induced("I like rivers.", "Every Sunday.", persona=a_persona()).facts == ()


def test_extract_ignores_what_the_assistant_guesses() -> None:
    guess = "You swim in the river every Sunday."
    assert induced("Hi.", "Well.", persona=a_persona(), replies=guess).facts == ()


@given(shipped)
@settings(max_examples=20)
def test_extract_finds_most_of_what_the_scripted_user_revealed(persona: Persona) -> None:
    believed = induced(*messages(persona, 6), persona=persona).facts
    assert set(believed) <= {fact.text for fact in persona.profile.facts}
    assert len(believed) >= 3


def test_a_manner_is_believed_only_after_some_messages() -> None:
    lively = ("Oh, I keep bees!", "Ha, I live in Bath!", "Yes! I swim!")
    assert induced(*lively[:2]).traits == ()
    assert induced(*lively).traits == ("lively",)
    assert induced("I keep bees.", "I live in Bath.", "I swim.").traits == ("brief",)
