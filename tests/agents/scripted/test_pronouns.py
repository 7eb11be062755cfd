"""Pronouns: profile facts in the first person, and statements said back in the second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.pronouns import first_person, own_names, second_person
from dialogues.persona import Profile
from dialogues.pool import load_pool
from tests.strategies import texts

SHE = "Anna Berg is 40. She keeps bees. She lives in Rome. "
HE = "He is 40. He keeps bees. "
THEY = "Sam Lund is 30. They keep bees. They live in Rome. "


def said(opening: str, statement: str) -> str | None:
    return first_person(statement, Profile.of(opening + statement))


@pytest.mark.parametrize(
    ("statement", "spoken"),
    [
        ("Anna Berg is 40.", "I am 40."),
        ("Anna keeps bees.", "I keep bees."),
        ("Anna Berg keeps bees.", "I keep bees."),
        ("Berg keeps bees.", "I keep bees."),
        ("She was born in Oslo.", "I was born in Oslo."),
        ("She has two sons.", "I have two sons."),
        ("She does judo.", "I do judo."),
        ("She goes home early.", "I go home early."),
        ("She carries tins.", "I carry tins."),
        ("She misses Rome.", "I miss Rome."),
        ("She watches films.", "I watch films."),
        ("She now lives alone.", "I now live alone."),
        ("She mostly reads.", "I mostly read."),
        ("She had a dog.", "I had a dog."),
        ("She works hard because she wants a house.", "I work hard because I want a house."),
        ("She taught herself Greek.", "I taught myself Greek."),
        ("The bees are hers.", "The bees are mine."),
        ("She flies hawks.", "I fly hawks."),
        ("She really flies hawks.", "I really fly hawks."),
        ("She relies on maps.", "I rely on maps."),
        ("She supplies flour.", "I supply flour."),
        ("She rallies friends.", "I rally friends."),
        ("She has cats and dogs.", "I have cats and dogs."),
        ("She collects stamps and maps of the world.", "I collect stamps and maps of the world."),
    ],
)
def test_a_statement_is_said_in_the_first_person(statement: str, spoken: str) -> None:
    assert said(SHE, statement) == spoken


@pytest.mark.parametrize(
    ("statement", "spoken"),
    [
        ("She walks her dog.", "I walk my dog."),
        ("The dog loves her.", "The dog loves me."),
        ("The dog looks at her and barks.", "The dog looks at me and barks."),
        ("Bees calm her when it rains.", "Bees calm me when it rains."),
        ("She sings to her bees.", "I sing to my bees."),
    ],
)
def test_her_is_my_before_a_noun_and_me_elsewhere(statement: str, spoken: str) -> None:
    assert said(SHE, statement) == spoken


@pytest.mark.parametrize(
    ("opening", "statement", "spoken"),
    [
        (SHE, "She's a nurse.", "I'm a nurse."),
        (SHE, "She’s lived in Rome.", "I've lived in Rome."),
        (SHE, "She'd like to travel.", "I'd like to travel."),
        (SHE, "She'll retire soon.", "I'll retire soon."),
        (SHE, "She doesn't smoke.", "I don't smoke."),
        (SHE, "She isn't tall.", "I'm not tall."),
        (SHE, "She hasn't married.", "I haven't married."),
        (SHE, "She can't swim.", "I can't swim."),
        (SHE, "She wasn't there.", "I wasn't there."),
        (THEY, "They're a painter.", "I'm a painter."),
        (THEY, "They've got a cat.", "I've got a cat."),
        (THEY, "They don't drink.", "I don't drink."),
        (THEY, "They aren't tall.", "I'm not tall."),
        (THEY, "They weren't there.", "I wasn't there."),
    ],
)
def test_contractions_are_said_as_a_speaker_would(
    opening: str, statement: str, spoken: str
) -> None:
    assert said(opening, statement) == spoken


@pytest.mark.parametrize(
    ("statement", "spoken"),
    [
        ("They keep bees.", "I keep bees."),
        ("They are shy.", "I am shy."),
        ("They were shy.", "I was shy."),
        ("They live with their mother.", "I live with my mother."),
        ("They taught themselves Greek.", "I taught myself Greek."),
        ("Sam owns a boat.", "I own a boat."),
        ("Sam Lund owns a boat.", "I own a boat."),
    ],
)
def test_singular_they_is_the_speaker(statement: str, spoken: str) -> None:
    assert said(THEY, statement) == spoken


@pytest.mark.parametrize(
    ("opening", "statement"),
    [
        (SHE, "She met her husband when he was 20."),
        (SHE, "She lives with her sister and her children."),
        (SHE, "Her mother says she is lazy."),
        (SHE, "She keeps old maps and files them in a tin."),
        (SHE, 'She wrote "no" on the form.'),
        (SHE, "Anna says that Anna is tired."),
        (SHE, "She gives her the key."),
        (HE, "He told him off."),
        (SHE, "She is 18 and scrapes the hull."),
        (SHE, "She sails but hates the sting."),
        (SHE, "She mends nets or sorts them."),
        (SHE, "She is 18 and lives alone."),
        (SHE, "Her boat was named Anna."),
        (SHE, "She sails a boat called Anna."),
        (SHE, "She was nicknamed Anna by the crew."),
        (SHE, "Her name is Anna."),
        (SHE, "Friends call her Anna."),
    ],
)
def test_a_statement_that_may_speak_of_somebody_else_is_left_out(
    opening: str, statement: str
) -> None:
    assert said(opening, statement) is None


@pytest.mark.parametrize("statement", ["Anna's cat is grey.", "Bees sting in Anna's garden."])
def test_the_own_name_in_the_genitive_is_my_or_left_out(statement: str) -> None:
    assert said(SHE, statement) in (None, "My cat is grey.", "Bees sting in my garden.")


def test_a_surname_with_an_apostrophe_is_part_of_the_name() -> None:
    profile = Profile.of("Ann O'Brien is 30. She keeps bees.")
    assert first_person("Ann O'Brien is 30.", profile) == "I am 30."


@pytest.mark.parametrize("profile", load_pool().profiles, ids=lambda profile: profile.text[:12])
def test_no_shipped_profile_speaks_of_itself_in_the_third_person(profile: Profile) -> None:
    name = profile.text.split()[0]
    spoken = [first_person(fact.text, profile) for fact in profile.facts]
    sayable = [sentence.split() for sentence in spoken if sentence]
    assert len(sayable) >= 7
    assert not [words for words in sayable if {name, "he", "she", "his", "himself"} & {*words}]
    assert all({"I", "My", "my", "me"} & {*words} for words in sayable)


@pytest.mark.parametrize(
    ("statement", "turned"),
    [
        ("I keep bees.", "you keep bees"),
        ("I'm a nurse!", "you're a nurse"),
        ("I am here and I was there.", "you are here and you were there"),
        ("My sister called me.", "your sister called you"),
        ("We live above our shop.", "you live above your shop"),
        ("I taught myself.", "you taught yourself"),
        ("I've kept mine.", "you've kept yours"),
        ("I’m a nurse.", "you're a nurse"),
        ("Boats are my life!", "Boats are your life"),
    ],
)
def test_a_statement_is_said_back_in_the_second_person(statement: str, turned: str) -> None:
    assert second_person(statement) == turned


@pytest.mark.parametrize(
    ("profile", "names"),
    [
        ("Anna Berg is 40.", ("Anna", "Berg")),
        ("Anna is 40.", ("Anna", "")),
        ("Ann O’Brien is 30.", ("Ann", "O'Brien")),
        ("She is 40.", ("", "")),
        ("After school Anna sang.", ("", "")),
        ("a nurse.", ("", "")),
    ],
)
def test_the_own_names_are_those_a_profile_opens_with(profile: str, names: tuple[str, str]) -> None:
    assert own_names(Profile.of(profile)) == names


SAID = ("Anna", "Berg", "she", "her", "they", "is", "and", "was", "his", "sings", "flies", ",", ".")
words = st.sampled_from(SAID)


@given(st.lists(words | texts, min_size=1).map(" ".join))
def test_whatever_is_said_in_the_first_person_names_its_speaker_no_more(statement: str) -> None:
    spoken = first_person(statement, Profile.of(SHE + statement))
    said_words = {*(spoken or "").lower().replace(",", " ").replace(".", " ").split()}
    assert not {"she", "hers", "herself", "anna"} & said_words


@given(texts)
def test_any_text_can_be_said_back(statement: str) -> None:
    turned = second_person(f"I like {statement} bees.")
    assert turned.startswith("you like ") and turned.endswith(" bees")


@pytest.mark.parametrize("statement", ["You love cycling.", "Loves pigeons.", "Bees sting."])
def test_what_does_not_speak_of_the_person_is_left_out(statement: str) -> None:
    assert first_person(statement, Profile.of(statement)) is None
