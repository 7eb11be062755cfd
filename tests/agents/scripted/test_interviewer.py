"""The held-out user: tells in an order of its own, asks back, keeps gold labels, never leaves."""

import ast
import asyncio
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.casting import seat
from agents.scripted import interviewer
from agents.scripted.facts import sayable_facts
from agents.scripted.interviewer import Interviewer
from agents.scripted.interviewer_cues import cue_of, is_taken_up, telling_words
from agents.scripted.interviewer_lines import bank
from agents.scripted.interviewer_notes import Notes
from agents.scripted.interviewer_style import style_of
from agents.scripted.lexicon import load_data
from agents.seats import UserBrief, Utterance, WrongAnswer
from dialogues.node import USER, Node
from dialogues.persona import Persona, Personality
from dialogues.prose import sentences
from tests.agents.scripted.talking import (
    POOL,
    PRIVATE_LIFE,
    SHIPPED,
    facts_of,
    history,
    talk,
)
from tests.agents.scripted.test_facts import GERMAN, UNSAYABLE
from tests.growing import a_persona

FACTS = [fact.said for profile in POOL.profiles for fact in sayable_facts(profile)]
NAME = "scripted:interviewer"
BROTHER = a_persona("She taught her brother Ivo to weld in Oslo. She keeps bees.")
WELDS, BEES = sayable_facts(BROTHER.profile)


def speak(persona: Persona, seed: int = 0, **told: Any) -> Utterance:
    """Let the interviewer say one message; by default its first."""
    brief = {"role": "", "history": [], "turn": 1, "turns": 9, "notes": {}, **told}
    return asyncio.run(Interviewer().speak(UserBrief(persona=persona, seed=seed, **brief)))


def after_quiz(reply: str, seed: int = 0) -> Utterance:
    """Let it answer a reply to its question about the brother."""
    notes = Notes(quiz=WELDS.id, told={WELDS.id: 1, BEES.id: 2}, touched={WELDS.id: 3, BEES.id: 2})
    said = history(
        WELDS.said, "Ah.", BEES.said, "Hm.", "What did I tell you about my brother?", reply
    )
    return speak(BROTHER, seed, history=said, turn=4, notes=notes.model_dump(mode="json"))


@cache
def talks() -> list[tuple[Persona, list[Node]]]:
    return [(persona, talk(persona, 10, NAME)) for persona in SHIPPED[:81:7]]


def test_it_is_seated_by_its_short_name() -> None:
    assert isinstance(seat(USER, NAME).agent, Interviewer)


def test_it_is_held_out_all_it_shares_are_the_facts() -> None:
    folder = Path(interviewer.__file__).parent
    shared = set()
    for path in folder.glob("interviewer*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        shared |= {name for name in froms if name.startswith("agents.")}
    own = {name for name in shared if name.startswith("agents.scripted.interviewer_")}
    assert shared - own == {"agents.scripted.facts", "agents.scripted.remarks", "agents.seats"}


def lines(found: Any) -> Iterator[str]:
    """Walk the lines of a bank of whatever depth."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for below in found.values():
            yield from lines(below)
    else:
        for below in found:
            yield from lines(below)


def test_no_line_is_also_said_by_the_others_and_none_stands_twice() -> None:
    own = [line for each in bank().values() for line in each]
    others = {line for name in ("user.yaml", "assistant.yaml") for line in lines(load_data(name))}
    assert not others & set(own)
    assert len(own) == len(set(own))
    assert min(map(len, bank().values())) >= 8


def test_most_facts_are_out_after_ten_turns() -> None:
    told = sum(len(node.notes["reveals"]) for _, nodes in talks() for node in nodes)
    assert told >= 0.8 * sum(len(facts_of(persona)) for persona, _ in talks())


def test_what_it_reveals_it_says_and_only_once() -> None:
    for persona, nodes in talks():
        facts, told = facts_of(persona), list[str]()
        for node in nodes:
            assert all(facts[fact].said in node.text for fact in node.notes["reveals"])
            told += node.notes["reveals"]
            named = {fact for fact in facts if facts[fact].said in node.text}
            assert named <= set(told) and node.notes["told"].keys() == set(told)
        assert len(told) == len(set(told))


def test_it_asks_back_about_what_it_told_at_least_two_turns_before() -> None:
    asked = 0
    for persona, nodes in talks():
        facts = facts_of(persona)
        for node in nodes:
            quiz = node.notes["quiz"]
            assert bool(quiz) == ("quiz" in node.notes["acts"])
            if quiz:
                assert node.turn - node.notes["told"][quiz] >= 2
                assert cue_of(facts[quiz].said).lower() in node.text.lower()
                assert facts[quiz].said not in node.text.split(". ")[-1]
                assert node.text.endswith("?") and quiz in node.notes["speaks_of"]
                asked += 1
    assert asked > 10


def test_small_talk_is_seldom_and_questions_are_not() -> None:
    acts = [act for _, nodes in talks() for node in nodes for act in node.notes["acts"]]
    assert acts.count("small_talk") < 0.05 * len(acts)
    assert acts.count("ask") + acts.count("ask_about") + acts.count("quiz") > 0.2 * len(acts)


def test_any_fact_that_stands_alone_may_come_first_however_private() -> None:
    persona = a_persona(PRIVATE_LIFE)
    first = {speak(persona, seed).notes["reveals"][0] for seed in range(60)}
    alone = {fact.id for fact in facts_of(persona).values() if not fact.leans_on}
    assert first == alone
    assert {facts_of(persona)[fact].depth for fact in first} == {1, 2, 3} & {
        fact.depth for fact in facts_of(persona).values() if not fact.leans_on
    }


def test_what_leans_on_another_fact_comes_after_it() -> None:
    for persona, nodes in talks():
        told = [fact for node in nodes for fact in node.notes["reveals"]]
        for at, fact in enumerate(told):
            assert facts_of(persona)[fact].leans_on in {"", *told[:at]}


@pytest.mark.parametrize("other", ["hinted=scripted", "scripted:interrogates"])
@pytest.mark.parametrize("persona", SHIPPED[4::120], ids=lambda persona: persona.profile.text[:12])
def test_seventy_turns_repeat_no_message_nor_leave(persona: Persona, other: str) -> None:
    nodes = talk(persona, 70, NAME, other)
    said = [node.text for node in nodes]
    assert len(said) == 70 and not any(node.ends for node in nodes)
    assert not any(said[at] in said[max(0, at - 10) : at] for at in range(70))
    assert {"quiz", "revisit"} <= {act for node in nodes[-20:] for act in node.notes["acts"]}


@pytest.mark.parametrize("profile", ["He keeps bees.", "He is 40."])
def test_one_fact_lasts_seventy_turns(profile: str) -> None:
    nodes = talk(a_persona(profile, "He is odd."), 70, NAME)
    assert [len(node.notes["reveals"]) for node in nodes] == [1] + [0] * 69


@pytest.mark.parametrize(
    ("reply", "act"),
    [
        ("You taught him to weld.", "right"),
        ("It was in Oslo.", "right"),
        ("You told me about your brother.", "wrong"),
        ("How interesting, do go on!", "wrong"),
    ],
)
def test_it_knows_whether_the_answer_was_right(reply: str, act: str) -> None:
    for seed in range(10):
        said = after_quiz(reply, seed)
        assert said.notes["acts"][0] == act
        assert (WELDS.said in said.text) == (act == "wrong")
        assert said.notes["reveals"] == []


@pytest.mark.parametrize(
    ("reply", "act"), [("Bees! How many?", "noticed"), ("The weather is fine.", "missed")]
)
def test_it_notices_whether_a_reply_took_up_what_it_told(reply: str, act: str) -> None:
    first = Notes(reveals=(BEES.id,), told={BEES.id: 1}, touched={BEES.id: 1})
    notes = first.model_dump(mode="json")
    said = [
        speak(BROTHER, seed, history=history(BEES.said, reply), turn=2, notes=notes)
        for seed in range(30)
    ]
    made = {name for each in said for name in each.notes["acts"]} & {"noticed", "missed"}
    assert made == {act}


@given(st.sampled_from(FACTS))
def test_a_cue_names_a_fact_and_does_not_tell_it(said: str) -> None:
    cue = cue_of(said)
    words = re.findall(r"\w+", cue.lower())
    assert set(words) - {"the"} <= set(re.findall(r"\w+", said.lower()))
    assert not cue or telling_words(said) - telling_words(cue)
    assert not is_taken_up(said, cue, besides=cue)


def test_most_facts_have_a_cue() -> None:
    assert sum(map(bool, map(cue_of, FACTS))) > 0.7 * len(FACTS)


@pytest.mark.parametrize(
    ("said", "cue"),
    [
        ("I taught my brother to weld.", "my brother"),
        ("I play the bass drum in the village band.", "the bass drum"),
        ("I live alone in the south St. Louis bungalow.", ""),
        ("I ride a borrowed Honda Wave to work.", "the borrowed Honda Wave"),
        ("I am 47.", ""),
        ("I am a Jain.", ""),
    ],
)
def test_a_cue_is_the_first_thing_named(said: str, cue: str) -> None:
    assert cue_of(said) == cue


def words_a_message(personality: str) -> float:
    persona = a_persona(SHIPPED[0].profile.text, personality)
    texts = [speak(persona, seed).text for seed in range(40)]
    return sum(len(text.split()) for text in texts) / len(texts)


def test_the_blunt_say_less_and_the_talkative_more() -> None:
    blunt, neutral, wordy = map(
        words_a_message, ("She is blunt.", "She is odd.", "She is talkative.")
    )
    assert blunt < 0.9 * neutral < 0.9 * 0.9 * wordy


def test_only_the_enthusiastic_shout_and_only_the_formal_write_out() -> None:
    def said(personality: str) -> str:
        persona = a_persona("She keeps bees.", personality)
        return " ".join(speak(persona, seed).text for seed in range(40))

    assert "!" in said("She is enthusiastic.") and "!" not in said("She is odd.")
    assert "'" in said("She is odd.") and not re.search(r"\w'\w", said("She is formal."))


@pytest.mark.parametrize(
    ("personality", "habits"),
    [
        ("They avoid exclamation marks.", set()),
        ("They drop all formality.", set()),
        ("They are seldom talkative, and write casually.", {"loose"}),
        ("They are terse and timid.", {"brief", "unsure"}),
        ("They are blunt and go on at length.", set()),
    ],
)
def test_habits_are_read_from_what_is_said_and_not_denied(
    personality: str, habits: set[str]
) -> None:
    assert style_of(Personality.of(personality)).habits == habits


@pytest.mark.parametrize("text", [GERMAN, UNSAYABLE])
def test_a_profile_it_cannot_play_is_a_wrong_answer_that_names_it(text: str) -> None:
    persona = a_persona(text)
    with pytest.raises(WrongAnswer, match=persona.profile.id):
        speak(persona)


def test_remarks_say_beforehand_what_cannot_be_played() -> None:
    half_told = a_persona('He keeps bees. He told them "no".', "He is odd.")
    facts, silent, neutral = Interviewer().remarks([half_told, a_persona(GERMAN, "She is odd.")])
    assert facts.startswith("facts left out") and "1 of 2 profiles" in silent
    assert neutral.endswith("1 of 2") or neutral.endswith("2 of 2")
    assert Interviewer().remarks([a_persona("He keeps bees.", "He is terse.")]) == []


def test_a_hostile_fact_is_said_as_it_stands() -> None:
    persona = a_persona("He keeps bees and {cue} {0} %s \\1 ${x} {fact}.")
    [fact] = facts_of(persona).values()
    for seed in range(20):
        assert speak(persona, seed).text.count(fact.said) == 1


def test_equal_seeds_say_the_same_and_others_do_not() -> None:
    assert speak(SHIPPED[0], 3) == speak(SHIPPED[0], 3)
    assert len({speak(SHIPPED[0], seed).text for seed in range(20)}) > 15


def test_a_question_is_the_last_word() -> None:
    for _, nodes in talks():
        for node in nodes:
            if {"ask", "ask_about", "quiz"} & set(node.notes["acts"]):
                assert sentences(node.text)[-1].endswith("?")
