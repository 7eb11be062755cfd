"""Personas and their content ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialogues import Persona, Personality, Profile
from dialogues.persona import Split
from tests.growing import PERSONALITY, PROFILE, a_persona


def test_the_id_names_the_words_and_not_the_spaces() -> None:
    assert Profile.of("  He sings.\n He  bakes. ").id == Profile.of("He sings. He bakes.").id


def test_other_words_give_another_id() -> None:
    assert Profile.of("He sings.").id != Profile.of("He bakes.").id


def test_a_persona_is_named_by_both_halves() -> None:
    ids = {
        a_persona().id,
        a_persona(profile="He bakes.").id,
        a_persona(personality="He is shy.").id,
    }
    assert len(ids) == 3
    assert a_persona().id == a_persona(PROFILE, PERSONALITY).id


def test_the_two_halves_are_no_synonyms() -> None:
    assert a_persona("One.", "Two.").id != a_persona("Two.", "One.").id


def test_facts_and_traits_are_the_clauses_numbered_below_their_owner() -> None:
    profile = Profile.of("He sings and bakes. He is 40.")
    assert [fact.text for fact in profile.facts] == ["He sings.", "He bakes.", "He is 40."]
    assert [fact.id for fact in profile.facts] == [f"{profile.id}.{index}" for index in range(3)]
    assert [trait.text for trait in Personality.of("She is shy.").traits] == ["She is shy."]


@pytest.mark.parametrize("blank", ["", " ", "\n\t"])
def test_blank_text_is_refused(blank: str) -> None:
    with pytest.raises(ValueError, match="no words"):
        Profile.of(blank)


@pytest.mark.parametrize(
    ("profile", "personality", "split"),
    [
        ("train", "train", "train"),
        ("train", "eval", "eval"),
        ("eval", "train", "eval"),
        ("eval", "eval", "eval"),
        ("train", "unseen", "unseen"),
        ("unseen", "train", "unseen"),
        ("eval", "unseen", "unseen"),
        ("unseen", "eval", "unseen"),
        ("unseen", "unseen", "unseen"),
    ],
)
def test_what_keeps_one_half_from_training_keeps_the_persona(
    profile: Split, personality: Split, split: Split
) -> None:
    persona = Persona(
        profile=Profile.of("He sings.", profile), personality=Personality.of("Shy.", personality)
    )
    assert persona.split == split


def test_an_unknown_split_is_refused() -> None:
    with pytest.raises(ValidationError, match="split"):
        Profile.model_validate({**Profile.of("He sings.").model_dump(), "split": "test"})


def test_a_persona_cannot_change(persona: Persona) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        persona.profile = Profile.of("He bakes.")


def test_an_unknown_key_is_refused(persona: Persona) -> None:
    with pytest.raises(ValidationError, match="colour"):
        Persona.model_validate({**persona.model_dump(), "colour": "red"})


@given(st.text(min_size=1).filter(lambda text: any(map(str.isalnum, text))))
def test_any_text_survives_json(text: str) -> None:
    profile = Profile.of(text)
    assert Profile.model_validate_json(profile.model_dump_json()) == profile
