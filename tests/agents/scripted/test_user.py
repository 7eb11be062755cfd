"""The scripted user in whole dialogues: that it lasts, varies, and does what its spec says."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.casting import seat
from agents.scripted.agenda import OPPOSITE_WISH
from agents.scripted.user import ScriptedUser
from agents.seats import WrongAnswer
from dialogues.node import USER
from dialogues.persona import Persona
from dialogues.prose import sentences
from tests.agents.scripted.talking import (
    ALL_OFF,
    POOL,
    PRIVATE_LIFE,
    SHIPPED,
    acts,
    facts_of,
    gold,
    grown,
    history,
    speak,
    talk,
)
from tests.agents.scripted.test_facts import GERMAN, UNSAYABLE
from tests.growing import a_persona

personas = st.sampled_from(POOL.personas(10))
seeds = st.integers(0, 2**31 - 1)
assistants = st.sampled_from(("scripted", "scripted:ignores", "scripted:interrogates"))
PRIES = history("I keep two dogs.", "I see. Was there ever a death in your family?")
OFF = f"scripted:{ALL_OFF}"


def bare(text: str) -> list[str]:
    """Return the sentences of a message without case and punctuation."""
    parts = (" ".join(re.findall(r"[\w']+", part.lower())) for part in sentences(text))
    return [part for part in parts if part]


@given(personas, seeds, assistants, st.sampled_from(("scripted", "scripted:fixed")))
@settings(max_examples=40)
def test_a_willing_user_plays_all_turns(persona: Persona, seed: int, other: str, user: str) -> None:
    nodes = talk(persona, 9, user, other, seed=seed)
    assert [node.turn for node in nodes] == list(range(1, 10))
    assert not any(node.ends for node in nodes)


@given(personas, seeds, assistants)
@settings(max_examples=25)
def test_an_uncooperative_user_may_leave(persona: Persona, seed: int, other: str) -> None:
    nodes = talk(persona, 9, "scripted:uncooperative", other, seed=seed)
    assert [node.ends for node in nodes] == ["leave" in acts(node) for node in nodes]
    assert len(nodes) == 9 or nodes[-1].ends
    assert not any(node.ends for node in nodes[:-1])


def test_an_uncooperative_user_leaves_who_interrogates_it() -> None:
    last = [
        talk(persona, 30, "scripted:uncooperative", "scripted:interrogates")[-1]
        for persona in SHIPPED[:200:10]
    ]
    assert all(node.ends for node in last)
    assert max(node.turn for node in last) < 30


@pytest.mark.parametrize("options", ["", "fixed", "uncooperative", "flip"])
def test_nobody_leaves_who_may_not(options: str) -> None:
    gone = {"rapport": 0.0, "patience": 0.0}
    first = speak(SHIPPED[0], options)
    notes = {**first.notes, "agenda": {**first.notes["agenda"], **gone}}
    heard = {"history": history(first.text, "Why? When? Who?"), "turn": 2, "notes": notes}
    for seed in range(20):
        said = speak(SHIPPED[0], options, seed, may_leave=False, **heard)
        assert not said.ends and "leave" not in said.notes["acts"]
        if options != "uncooperative":
            assert said == speak(SHIPPED[0], options, seed, **heard)


@pytest.mark.parametrize("other", ["scripted", "scripted:ignores", "scripted:interrogates"])
@pytest.mark.parametrize("persona", SHIPPED[2::60], ids=lambda persona: persona.profile.text[:12])
def test_flip_turns_its_wish_round_in_the_sixth_message(persona: Persona, other: str) -> None:
    nodes = talk(persona, 8, "scripted:flip,drift=0.5,misunderstanding=0.5", other)
    wishes = [gold(node).agenda.wish for node in nodes]
    assert wishes[1] in ("short", "long", "fewer_questions", "more_questions")
    assert wishes == ["", *[wishes[1]] * 4, *[OPPOSITE_WISH[wishes[1]]] * 3]
    assert [gold(node).agenda.changed for node in nodes] == [False] * 5 + [True] * 3


@pytest.mark.parametrize("persona", SHIPPED[5::35], ids=lambda persona: persona.profile.text[:12])
def test_seventy_turns_repeat_no_sentence_within_ten_messages(persona: Persona) -> None:
    said = [
        bare(node.text) for node in talk(persona, 70, f"{OFF},drift=0.1,dislike=0.1,change=0.1")
    ]
    assert len(said) == 70
    for at in range(len(said)):
        window = [sentence for message in said[max(0, at - 9) : at + 1] for sentence in message]
        assert len(window) == len(set(window))


@pytest.mark.parametrize("profile", ["He keeps bees.", "He is 40."])
def test_a_user_of_a_single_fact_lasts_seventy_turns(profile: str) -> None:
    nodes = talk(a_persona(profile, "He is odd."), 70)
    assert [len(gold(node).reveals) for node in nodes] == [1] + [0] * 69


def test_a_default_user_tells_most_of_its_facts_in_a_long_dialogue() -> None:
    for persona in SHIPPED[:60:10]:
        told = gold(talk(persona, 40, assistant="scripted")[-1]).agenda.told
        assert len(told) >= 0.6 * len(facts_of(persona))


@pytest.mark.parametrize("other", ["scripted", "scripted:ignores", "scripted:interrogates"])
@pytest.mark.parametrize("persona", SHIPPED[1::60], ids=lambda persona: persona.profile.text[:12])
def test_fixed_tells_its_facts_in_order_one_a_turn(persona: Persona, other: str) -> None:
    facts = list(facts_of(persona))
    told = [gold(node).reveals for node in talk(persona, len(facts) + 3, "scripted:fixed", other)]
    assert told == [*((fact,) for fact in facts), (), (), ()]


def test_fixed_may_begin_with_something_private() -> None:
    persona = a_persona(
        "He lost his wife to cancer in 2017. He keeps two dogs. He plays the cello."
    )
    told = [fact for node in talk(persona, 4, "scripted:fixed") for fact in gold(node).reveals]
    assert told == list(facts_of(persona))


def test_attention_earns_more_rapport_than_deafness_and_interrogation() -> None:
    ends = {other: [gold(talk(p, 9, assistant=other)[-1]).agenda.rapport for p in SHIPPED[:80:8]]
            for other in ("scripted", "scripted:ignores", "scripted:interrogates")}  # fmt: skip
    attentive = sum(ends.pop("scripted"))
    assert all(attentive > 2 * sum(rapports) for rapports in ends.values())


def test_the_uncooperative_tells_less() -> None:
    told = [
        sum(len(gold(node).reveals) for p in SHIPPED[:80:8] for node in talk(p, 9, user))
        for user in ("scripted", "scripted:uncooperative")
    ]
    assert told[1] < 0.75 * told[0]


@pytest.mark.parametrize(("refusal", "refused"), [("refusal=1", True), ("refusal=0", False)])
def test_at_low_rapport_a_private_question_is_refused_by_rate(refusal: str, refused: bool) -> None:
    persona = a_persona(PRIVATE_LIFE, "He is odd.")
    first = speak(persona)
    notes = {**first.notes, "agenda": {**first.notes["agenda"], "rapport": 0.2}}
    for seed in range(20):
        said = speak(persona, f"{ALL_OFF},{refusal}", seed, history=PRIES, turn=2, notes=notes)
        assert ("refuse" in said.notes["acts"]) is refused


@pytest.mark.parametrize("text", [GERMAN, UNSAYABLE])
def test_a_profile_it_cannot_play_is_a_typed_failure_that_names_it(text: str) -> None:
    persona = a_persona(text)
    with pytest.raises(WrongAnswer, match=persona.profile.id):
        speak(persona)
    [failed] = grown(persona, 3, "scripted", ["scripted"]).failures()
    assert failed.failure is not None and failed.failure.type == "WrongAnswer"


def test_remarks_say_beforehand_what_cannot_be_played() -> None:
    half_told = a_persona('He keeps bees. He told them "no".', "He is odd.")
    unplayable = a_persona(GERMAN, "She is odd.")
    facts, silent, neutral = ScriptedUser().remarks([half_told, half_told, unplayable])
    untold = 1 + len(unplayable.profile.facts)
    assert facts.endswith(f"{untold} of {untold + 1}")
    assert "1 of 2 profiles" in silent and GERMAN[:20] in silent
    assert neutral.endswith("2 of 2")


def test_there_is_nothing_to_remark_about_what_it_can_play() -> None:
    assert ScriptedUser().remarks([a_persona("He keeps bees.", "He is terse.")]) == []
    assert seat(USER, "scripted").remarks([]) == []


def test_two_dialogues_of_one_persona_differ() -> None:
    dialogues = {tuple(n.text for n in talk(SHIPPED[0], 6, seed=seed)) for seed in range(4)}
    assert len(dialogues) == 4
