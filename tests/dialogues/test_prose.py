"""Prose into sentences and clauses."""

import pytest

from dialogues.pool import load_pool
from dialogues.prose import clauses, sentences, third_person


@pytest.mark.parametrize(
    "sentence",
    [
        "Ifeoma holds an M.A. in history from Nsukka.",
        "He learnt the oboe from Dr. Okafor at school.",
        "They grew up in south St. Louis with four sisters.",
        "She served in the U.S. Navy until 1966.",
        "Mr. Stripey tomatoes are what she grows.",
        "He pays 3.50 for coffee at 6 a.m. every day.",
    ],
)
def test_an_abbreviation_or_number_ends_no_sentence(sentence: str) -> None:
    assert sentences(f"{sentence} He left.") == [sentence, "He left."]


def test_sentences_end_at_question_and_exclamation_marks() -> None:
    assert sentences("Is he shy? Yes! He is.") == ["Is he shy?", "Yes!", "He is."]


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_blank_text_has_no_sentence(blank: str) -> None:
    assert sentences(blank) == clauses(blank) == []


@pytest.mark.parametrize(
    ("sentence", "parts"),
    [
        (
            "He plays the guitar, loves films and is shy.",
            ["He plays the guitar.", "He loves films.", "He is shy."],
        ),
        ("They play chess and love films.", ["They play chess.", "They love films."]),
        ("I play chess, but hate losing.", ["I play chess.", "I hate losing."]),
        ("He’s tall and likes tea.", ["He’s tall.", "He likes tea."]),
        (
            "She often swims, rarely runs and never drives!",
            ["She often swims.", "She rarely runs.", "She never drives!"],
        ),
        ("Marta Wilk is 47 and does payrolls.", ["Marta Wilk is 47.", "Marta Wilk does payrolls."]),
        (
            "She is a nurse who lives in Rome and works nights.",
            ["She is a nurse who lives in Rome.", "She works nights."],
        ),
        ("He was a baker and retired.", ["He was a baker.", "He retired."]),
    ],
)
def test_each_clause_makes_one_statement_with_its_subject(sentence: str, parts: list[str]) -> None:
    assert clauses(sentence) == parts


@pytest.mark.parametrize(
    "sentence",
    [
        "She has a son who lives in Rome and works there.",
        "She lives in Rome, where her husband teaches and cooks.",
        "He said that she sings and dances.",
        "Her husband cooks and she cleans.",
        "He walks his dog and cat.",
        "He is calm and well-read.",
        "The old man sings and dances.",
        "Her husband bakes bread and loves films.",
        "On Sundays she swims and bakes.",
    ],
)
def test_a_sentence_stays_whole_where_a_verb_may_belong_to_somebody_else(sentence: str) -> None:
    assert clauses(sentence) == [sentence]


@pytest.mark.parametrize(
    ("base", "inflected"),
    [
        ("carry", "carries"),
        ("play", "plays"),
        ("fish", "fishes"),
        ("go", "goes"),
        ("fix", "fixes"),
        ("have", "has"),
        ("be", "is"),
        ("swim", "swims"),
    ],
)
def test_third_person(base: str, inflected: str) -> None:
    assert third_person(base) == inflected


def test_clauses_of_the_shipped_pool_lose_no_word() -> None:
    pool = load_pool()
    for half in (*pool.profiles, *pool.personalities):
        said = {word.strip(",.") for clause in half.clauses for word in clause.text.split()}
        lost = {word.strip(",.") for word in half.text.split()} - said
        assert lost <= {"and", "but"}, half.text


@pytest.mark.parametrize("space", ["\x85", "\xa0", "\u2003", "\u2028", "\u3000"])
def test_a_wide_space_between_a_capital_and_a_full_stop_is_only_a_space(space: str) -> None:
    assert " ".join(sentences(f"Lots of vitamin C{space}. I swim.")).endswith("I swim.")
