"""Contractions: full forms for formal speakers, short ones for the others."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.contractions import contracted, in_full
from agents.scripted.lexicon import load_data

CONTRACTION = re.compile(r"n't\b|'(?:m|re|ve|ll|d)\b|\b(?:it|that|there|what|who|let)'s\b", re.I)


def lines(bank: Any) -> Iterator[str]:
    """Walk all lines of a bank."""
    if isinstance(bank, str):
        yield bank
        return
    for part in bank.values() if isinstance(bank, dict) else bank:
        yield from lines(part)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("I'm 47.", "I am 47."),
        ("I can't swim.", "I cannot swim."),
        ("They won't listen.", "They will not listen."),
        ("I don't know.", "I do not know."),
        ("Don't you think?", "Do you not think?"),
        ("Won't you sit down?", "Will you not sit down?"),
        ("Let's go on.", "Let us go on."),
        ("It's late.", "It is late."),
        ("That's been said.", "That has been said."),
        ("Who's there?", "Who is there?"),
        ("You've no idea that we're lost.", "You have no idea that we are lost."),
        ("They'd say so.", "They would say so."),
        ("I'd better go.", "I had better go."),
        ("I'll stay.", "I will stay."),
    ],
)
def test_contractions_are_written_out(short: str, full: str) -> None:
    assert in_full(short) == full


@pytest.mark.parametrize(
    "text", ["I mend my father's boat.", "Crohn's came late.", "I live in a seniors' home.", ""]
)
def test_possessives_stay_as_they_are(text: str) -> None:
    assert in_full(text) == text


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("I am 47.", "I'm 47."),
        ("I am not tall.", "I'm not tall."),
        ("I do not drive.", "I don't drive."),
        ("I cannot swim.", "I can't swim."),
        ("You know who I am.", "You know who I am."),
    ],
)
def test_a_casual_speaker_contracts(full: str, short: str) -> None:
    assert contracted(full) == short


@pytest.mark.parametrize("name", ["user.yaml", "assistant.yaml"])
def test_no_line_of_a_bank_keeps_a_contraction_in_full(name: str) -> None:
    kept = [line for line in lines(load_data(name)) if CONTRACTION.search(in_full(line))]
    assert kept == []


@pytest.mark.parametrize("name", ["user.yaml", "assistant.yaml"])
def test_writing_out_invents_no_word(name: str) -> None:
    broken = re.compile(r"\b(?:ca|wo|ai|sha) not\b|  ")
    assert [line for line in lines(load_data(name)) if broken.search(in_full(line))] == []


@given(st.text("aI'nmtdsvel .?", max_size=30))
def test_both_ways_are_done_once_and_for_all(text: str) -> None:
    assert contracted(contracted(text)) == contracted(text)
    assert not re.search(r"\bI'm\b", in_full(text))
