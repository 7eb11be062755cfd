"""Statements: only what a message says of its speaker in so many words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.contractions import contracted, in_full
from agents.scripted.facts import Fact, sayable_facts
from agents.scripted.lexicon import load_data
from agents.scripted.statements import statements
from tests.agents.scripted.replying import PERSONAS
from tests.strategies import texts

facts = st.sampled_from([f for p in PERSONAS for f in sayable_facts(p.profile)])
QUOTED = ["I keep", " bees", ", and I", "’m", ".", "!", "?", ": My"]
LEADS = ["Well,", "So, about me:", "To be honest,", "You know,", "Yes, really, and", "Oh, but"]


@pytest.mark.parametrize(
    ("message", "stated"),
    [
        ("I keep bees.", ["I keep bees."]),
        ("I’m a nurse!", ["I'm a nurse."]),
        ("My sister welds.", ["My sister welds."]),
        ("We live above the shop.", ["We live above the shop."]),
        ("Our house leaks.", ["Our house leaks."]),
        ("I keep bees. It rains. I swim.", ["I keep bees.", "I swim."]),
        ("I keep bees, and I live in Bath.", ["I keep bees.", "I live in Bath."]),
        ("I keep bees, and my dog hates them.", ["I keep bees.", "My dog hates them."]),
        ("I know Greek.", ["I know Greek."]),
        ("I hear badly.", ["I hear badly."]),
        ("I never learned to swim.", ["I never learned to swim."]),
        ("I can't swim.", ["I can't swim."]),
        ("I cannot swim.", ["I cannot swim."]),
    ],
)
def test_what_is_said_of_the_speaker_is_stated(message: str, stated: list[str]) -> None:
    assert statements(message) == stated


@pytest.mark.parametrize("lead", LEADS)
def test_a_statement_is_found_behind_what_leads_up_to_it(lead: str) -> None:
    assert statements(f"{lead} I keep bees.") == ["I keep bees."]


@pytest.mark.parametrize(
    "message",
    [
        "",
        "I",
        "I.",
        "I swim",
        "I think so.",
        "I suppose I am lazy.",
        "I don't know.",
        "I'd rather not say.",
        "I'll tell you later.",
        "I may be old.",
        "I'm not sure.",
        "I said that before.",
        "My mistake.",
        "Thanks, my words exactly.",
        "Do I keep bees?",
        "Do you think I'm lazy?",
        "You keep bees.",
        "She keeps bees.",
        "It is raining!",
        "I like you.",
        "I believe your story.",
        "Not that I care.",
    ],
)
def test_what_is_no_statement_on_the_speaker_is_left_out(message: str) -> None:
    assert statements(message) == []


def test_what_is_said_to_the_listener_is_left_out_and_the_rest_kept() -> None:
    assert statements("I keep bees, and my dog likes you.") == ["I keep bees."]


@given(facts, st.sampled_from([*LEADS, ""]))
def test_the_facts_of_the_scripted_user_are_stated_as_it_says_them(fact: Fact, lead: str) -> None:
    told = contracted(fact.said)
    stated = statements(f"{lead} {told}".strip())
    if told.startswith(("I ", "I'", "My ")) and ", and I" not in told:
        assert any(told[1:-1] in each for each in stated)


@given(st.lists(texts | st.sampled_from(QUOTED)))
def test_a_statement_quotes_the_message(parts: list[str]) -> None:
    message = "".join(parts)
    for stated in statements(message):
        assert stated.endswith(".") and stated[:1].isupper()
        assert stated[1:-1] in re.sub(r"\s", " ", message).replace("’", "'")


def every_line(bank: object) -> list[str]:
    """Return all lines below a bank of user.yaml."""
    if isinstance(bank, dict):
        return [line for below in bank.values() for line in every_line(below)]
    return list(bank) if isinstance(bank, list) else []


@pytest.mark.parametrize("lead", every_line(load_data("user.yaml")["lead"]))
def test_no_lead_of_the_scripted_user_hides_its_fact(lead: str) -> None:
    for said in (lead, in_full(lead)):
        assert statements(f"{said} I keep bees.") == ["I keep bees."]


@pytest.mark.parametrize("name", ["greet", "acknowledge", "answer", "tail", "elaborate", "ask"])
def test_no_other_line_of_the_scripted_user_states_a_fact(name: str) -> None:
    lines = every_line(load_data("user.yaml")[name])
    assert [line for line in lines if statements(line) or statements(in_full(line))] == []
