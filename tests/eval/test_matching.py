"""Matching: which statements say a fact, and which only share its words."""

import pytest

from eval.matching import holds, names_in, speaks_of

HILDA = names_in("Hilda", "Painemal")
TALK = "the weather bus tram window soup ladder candle harbour ticket engine violin carpet stamp"


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        ("She mends clocks.", "mending clocks"),
        ("She mends church clocks.", "She mends old church clocks in Bath."),
        ("I am 71.", "Hilda Painemal is 71."),
        ("I'm seventy-one years old.", "Hilda Painemal is 71."),
        ("I am a nurse of 34.", "Hilda is a 34-year-old nurse."),
        ("I am a nurse.", "Hilda is a 34-year-old nurse."),
        ("I have 2 dogs.", "She has two dogs."),
        ("I live in Bath, and I have no children.", "She lives in Bath."),
        ("I live in Bath, and I have no children.", "She has no children."),
        ("I don't drink coffee.", "She never drinks coffee."),
        ("I can’t swim.", "She cannot swim."),
        ("I don't like hiking.", "She hates hiking."),
        ("I have a cat and no dogs.", "She has a cat."),
        ("I don't smoke, and I drink tea.", "She drinks tea."),
        ("He has never married and drives a tram.", "He drives a tram."),
        ("He's never married, drives a tram.", "He drives a tram."),
        ("She does not hate hiking.", "She loves hiking."),
        ("I get up early and go to bed late.", "She gets up early and goes to bed late."),
        (f"She mends clocks {TALK.rpartition(' ')[0]}.", "She mends clocks."),
    ],
)
def test_a_statement_says_a_fact(statement: str, fact: str) -> None:
    assert holds(statement, fact, HILDA)


@pytest.mark.parametrize(
    ("statement", "fact"),
    [
        ("", "She mends clocks."),
        ("She is.", "She is the one who was."),
        ("She sells clocks.", "She mends old church clocks in Bath."),
        ("She does not have a dog and hates hiking.", "She has a dog."),
        ("She does not have a dog and hates hiking.", "She loves hiking."),
        ("hates hiking", "loves hiking"),
        ("I drink coffee.", "She never drinks coffee."),
        ("I can swim.", "She can't swim."),
        ("I quit smoking.", "She smokes."),
        ("I have no dogs, cats and birds.", "She has a cat."),
        ("She does not like hiking and camping.", "She likes camping."),
        ("I am 17.", "Hilda Painemal is 71."),
        ("I am Hilda Painemal.", "Hilda Painemal is 71."),
        ("Hilda Painemal keeps bees.", "Hilda Painemal sails."),
        ("I have three dogs.", "She has two dogs."),
        ("I have two sons.", "She has two dogs."),
        ("I live in Rome.", "She lives in Bath."),
        ("I love my wife.", "She loves hiking."),
        ("I am an early riser.", "She is a late riser."),
        (f"She mends clocks {TALK}.", "She mends clocks."),
    ],
)
def test_a_statement_that_shares_words_does_not_say_a_fact(statement: str, fact: str) -> None:
    assert not holds(statement, fact, HILDA)


def test_a_text_speaks_of_what_it_denies_at_any_length() -> None:
    assert speaks_of(f"I told you {TALK}. I never mend clocks.", "She mends clocks.")
    assert not speaks_of("I keep bees.", "She mends clocks.")
