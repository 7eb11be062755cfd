"""Speech: how the acts of a message sound, from whom, and about what."""

import re
from statistics import mean

import pytest

from agents.scripted.facts import Fact
from agents.scripted.plan import Act
from agents.scripted.topics import PRIVATE
from dialogues.persona import Persona
from tests.agents.scripted.talking import (
    ALL_OFF,
    PRIVATE_LIFE,
    SHIPPED,
    a_speaker,
    acts,
    facts_of,
    gold,
    manner,
    talk,
)
from tests.agents.scripted.test_contractions import CONTRACTION
from tests.growing import a_persona

BEES = Fact("p.0", "I keep bees.", "animal", 1, 0)
HONEY = Fact("p.1", "I sell honey.", "work", 1, 0, "p.0")
GRIEF = Fact("p.2", "I lost my wife.", "loss", PRIVATE, 1)
TRIES = range(60)
HOSTILE = [
    "He keeps {fact} bees in the garden.",
    "He keeps {0} {} bees in the garden.",
    "He keeps [bold red]bees[/bold red] in the garden.",
    "He keeps bees \\1 \\g<0> in the garden.",
    "He keeps %s bees & <b>more</b> in the garden.",
]


def said(act: Act, *poles: str, options: str = ALL_OFF, sober: bool = False) -> list[str]:
    """Return the words for an act in many tries."""
    return [a_speaker(*poles, options=options, seed=s, sober=sober).say([act]) for s in TRIES]


def texts(personality: str, turns: int = 12, profile: str = PRIVATE_LIFE) -> list[str]:
    """Return the messages of three dialogues, without typing errors."""
    persona = a_persona(profile, personality)
    return [node.text for seed in range(3) for node in talk(persona, turns, seed=seed)]


def test_a_fact_may_be_led_in_and_followed_up() -> None:
    drawn = said(Act("disclose", facts=(BEES,)), "talkative")
    assert all("I keep bees" in text for text in drawn)
    assert any(not text.startswith("I keep") for text in drawn)
    assert any(not text.endswith("bees.") for text in drawn)


def test_two_facts_of_a_sentence_are_told_in_one() -> None:
    drawn = said(Act("disclose", facts=(BEES, HONEY)), "terse")
    assert all("I keep bees, and I sell honey" in text for text in drawn)


def test_a_led_in_fact_goes_on_in_lower_case() -> None:
    mother = Fact("p.3", "My mother mends clocks.", "family", 2, 0)
    drawn = said(Act("disclose", facts=(mother,)), "hesitant", "talkative")
    assert not any(re.search(r"(,|:|but) My mother", text) for text in drawn)
    assert any(re.search(r"(,|:|but) my mother", text) for text in drawn)


@pytest.mark.parametrize("name", ["greet", "acknowledge", "lead", "tail", "ask", "deflect"])
def test_a_speaker_who_said_nothing_has_something_to_say(name: str) -> None:
    acts_of_one = {"lead": Act("disclose", facts=(BEES,)), "tail": Act("elaborate", "", (BEES,))}
    assert all(text.strip() for text in said(acts_of_one.get(name, Act(name))))


def test_a_speaker_who_has_run_out_of_words_still_says_something() -> None:
    speaker = a_speaker()
    drawn = [speaker.say([Act("deflect")]) for _ in range(40)]
    assert all(text.strip() for text in drawn)


def test_a_reminder_names_the_fact_it_comes_back_to() -> None:
    reminded = said(Act("elaborate", "reminding", (BEES,)))
    assert all("I keep bees" in text for text in reminded)
    assert not any("I keep bees" in text for text in said(Act("elaborate", "", (BEES,))))


@pytest.mark.parametrize("name", ["acknowledge", "disclose", "answer", "ask", "elaborate"])
@pytest.mark.parametrize("pole", ["lively", "humorous"])
def test_nobody_exclaims_or_smiles_around_something_private(name: str, pole: str) -> None:
    act = {
        "disclose": Act("disclose", facts=(GRIEF,)),
        "elaborate": Act("elaborate", "", (GRIEF,)),
        "answer": Act("answer", "why"),
    }.get(name, Act(name))
    drawn = said(act, pole, "casual", "warm", "talkative", sober=True)
    assert all(
        "!" not in text and text.isascii() for text in (re.sub("[’…]", "", t) for t in drawn)
    )


def test_a_private_fact_told_with_a_light_one_stays_private() -> None:
    drawn = said(Act("disclose", facts=(GRIEF, BEES)), "lively")
    assert not any("!" in text for text in drawn)


@pytest.mark.parametrize(
    "personality", ["He is lively and warm.", "He is lively, witty and casual."]
)
def test_no_message_with_something_private_exclaims(personality: str) -> None:
    persona = a_persona(PRIVATE_LIFE, personality)
    facts, private = facts_of(persona), []
    for seed in range(20):
        nodes = talk(persona, 12, seed=seed)
        for node in nodes:
            depths = {facts[fact].depth for fact in gold(node).reveals}
            private += [node.text] if PRIVATE in depths else []
    loud = re.compile("[!\U0001f300-\U0001faff]")
    assert len(private) > 20
    assert [text for text in private if loud.search(text)] == []


def test_the_lively_exclaim_and_others_do_not() -> None:
    lively = ["!" in text for text in texts("He is lively.", profile="He is 20 and keeps bees.")]
    assert mean(lively) > 0.1
    for other in ("He is odd.", "He is gloomy.", "He is terse.", "He is formal."):
        assert not any("!" in text for text in texts(other))


def test_the_terse_write_least_and_the_talkative_most() -> None:
    lengths = [
        mean(len(text.split()) for text in texts(f"He is {pole}."))
        for pole in ("terse", "odd", "talkative")
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] < 0.75 * lengths[2]


FORMAL = [persona for persona in SHIPPED if "formal" in manner(persona.personality.text)]


@pytest.mark.parametrize("persona", FORMAL[::6], ids=lambda persona: persona.profile.text[:12])
def test_the_formal_write_everything_out(persona: Persona) -> None:
    assert [n.text for n in talk(persona, 15) if CONTRACTION.search(n.text)] == []


def test_others_contract() -> None:
    assert any(CONTRACTION.search(text) for text in texts("He is casual."))


def test_the_hesitant_hum_and_the_blunt_do_not() -> None:
    hum = re.compile(r"\b(?:um|sorry|maybe|perhaps|i think|i suppose)\b", re.IGNORECASE)
    shares = [
        mean(bool(hum.search(text)) for text in texts(f"He is {pole}."))
        for pole in ("hesitant", "blunt")
    ]
    assert shares[0] > 2 * shares[1]


def test_fragments_are_for_the_casual_and_the_terse() -> None:
    told = Act("disclose", facts=(BEES,))
    options = f"{ALL_OFF},fragments=1"
    assert any(text.startswith("Keep bees") for text in said(told, "terse", options=options))
    assert not any("Keep bees" in text for text in said(told, "formal", options=options))
    assert not any("Keep bees" in text for text in said(told, "terse"))


@pytest.mark.parametrize("poles", [(), ("casual",), ("formal",)])
def test_facts_are_spelt_right_even_in_a_message_with_slips(poles: tuple[str, ...]) -> None:
    drawn = said(Act("disclose", facts=(BEES,)), *poles, options=f"{ALL_OFF},typos=1")
    assert all("I keep bees" in text for text in drawn)


def test_the_formal_make_no_typing_errors() -> None:
    greeting = Act("greet")
    slips = said(greeting, "formal", options=f"{ALL_OFF},typos=1")
    assert slips == said(greeting, "formal")
    assert said(greeting, options=f"{ALL_OFF},typos=1") != said(greeting)


@pytest.mark.parametrize("profile", HOSTILE)
@pytest.mark.parametrize("personality", ["He is odd.", "He is formal and talkative."])
def test_hostile_facts_are_said_as_they_are(profile: str, personality: str) -> None:
    persona = a_persona(f"{profile} He swims.", personality)
    literal = profile.removeprefix("He keeps ").removesuffix(" in the garden.")
    for user in ("scripted:fixed,typos=0,fragments=0", f"scripted:{ALL_OFF}"):
        nodes = talk(persona, 12, user)
        spoken_of = [
            n for n in nodes if {"disclose", "elaborate"} & {*acts(n)} and "keep" in n.text
        ]
        assert spoken_of and any(literal in node.text for node in nodes)
        assert not any("fact" in node.text.replace(literal, "") for node in nodes)
