"""The phrasebook: lines in the speaker's manner, none of them twice in a short while."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.draws import Draws
from agents.scripted.lexicon import load_data
from agents.scripted.phrases import MEMORY, Phrasebook, bare_sentences, in_manner
from agents.scripted.temperament import OPPOSITES
from dialogues.node import Message
from dialogues.prose import sentences
from tests.agents.scripted.test_contractions import lines

POLES = {*OPPOSITES, *OPPOSITES.values()}
BANK = {
    "any": ["We all say so."],
    "terse": ["Yes."],
    "formal": ["It's so."],
    "sober": ["It's hard."],
}


def a_book(*poles: str, said: Sequence[str] = (), seed: int = 0) -> Phrasebook:
    """Return the book of a speaker of these poles, who has `said` something."""
    history = [Message("user", text) for text in said]
    return Phrasebook(Draws(seed), frozenset(poles), history, "user")


def keys_of(bank: Any) -> set[str]:
    """Return all keys under which lines stand in a bank."""
    if isinstance(bank, list):
        return set()
    return {key for key, part in bank.items() if isinstance(part, list)}.union(
        *(keys_of(part) for part in bank.values())
    )


def test_a_sentence_is_compared_without_case_and_punctuation() -> None:
    assert bare_sentences("Hello, you! Go ON.") == bare_sentences("hello you. Go on?")
    assert bare_sentences("🙂 …") == frozenset()


@pytest.mark.parametrize("pole", ["terse", "formal"])
def test_a_speaker_has_lines_of_their_own_pole(pole: str) -> None:
    drawn = {a_book(pole, seed=seed).pick(BANK) for seed in range(40)}
    assert in_manner(BANK[pole][0], frozenset({pole})) in drawn


def test_a_terse_speaker_turns_to_general_lines_last() -> None:
    assert {a_book("terse", seed=seed).pick(BANK) for seed in range(40)} == {"Yes."}
    assert a_book("terse", said=["Yes."]).pick(BANK) == "We all say so."


def test_nobody_takes_the_line_of_another_pole() -> None:
    assert {a_book("warm", seed=seed).pick(BANK) for seed in range(40)} == {"We all say so."}


def test_sober_lines_come_first_where_there_are_some() -> None:
    assert a_book("terse").pick(BANK, sober=True) == "It's hard."
    assert a_book("terse").pick({"any": ["So."], "terse": ["Yes."]}, sober=True) == "So."


def test_a_formal_speaker_writes_out_what_a_bank_contracts() -> None:
    assert a_book("formal").pick(BANK, sober=True) == "It is hard."


def test_a_bank_without_poles_is_for_everybody() -> None:
    assert a_book("formal").pick(["It's here."]) == "It is here."


@pytest.mark.parametrize("fact", ["a {fact} b", "a {Fact} b", "{0} {}", "[b]x[/b]", "\\1", "%s"])
def test_a_fact_is_put_in_as_it_is(fact: str) -> None:
    assert a_book().pick(["So <{fact}>."], fact=fact) == f"So <{fact}>."


def test_a_fact_may_open_a_sentence() -> None:
    assert a_book().pick(["{Fact}, I know."], fact="you keep bees") == "You keep bees, I know."


def test_what_was_said_lately_is_not_said_again() -> None:
    assert a_book(said=["Well. We all say so!"]).pick(BANK) == ""


def test_after_a_while_a_line_may_come_back() -> None:
    others = [f"Number {at}." for at in range(MEMORY - 1)]
    assert a_book(said=["We all say so.", *others]).pick(BANK) == "We all say so."
    assert a_book(said=["We all say so.", *others[1:]]).pick(BANK) == ""


def test_only_the_speakers_own_words_count() -> None:
    history = [Message("assistant", "We all say so.")]
    assert Phrasebook(Draws(0), frozenset(), history, "user").pick(BANK)


def test_poles_are_recorded_where_their_lines_were_used() -> None:
    book = a_book("terse", "warm")
    book.pick(BANK)
    book.pick(BANK)
    assert book.poles == {"terse"}


@given(st.integers(0, 10**6), st.sets(st.sampled_from(sorted(POLES)), max_size=5))
def test_a_book_gives_every_line_once_and_then_none(seed: int, poles: set[str]) -> None:
    book = a_book(*poles, seed=seed)
    drawn = []
    while line := book.pick(BANK):
        drawn.append(line)
    # Terse lines do not go with formal speech.
    own = poles & BANK.keys() - ({"terse"} if "formal" in poles else set())
    assert len(drawn) == len(set(drawn)) == len({"any", *own})


@pytest.mark.parametrize("name", ["user.yaml", "assistant.yaml"])
class TestShippedBanks:
    def test_speak_to_known_poles_only(self, name: str) -> None:
        bank = load_data(name)
        polar = [bank[act] for act in bank if isinstance(bank[act], Mapping)]
        unknown = set().union(*(keys_of(each) for each in polar)) - POLES - {"any", "sober"}
        kinds = {"elaborate", "dislike", "change", "remark", "question", "respond"}
        plain = set().union(*(bank[act].keys() for act in kinds if act in bank))
        assert unknown <= plain

    def test_have_no_sentence_twice_in_a_line(self, name: str) -> None:
        texts = list(lines(load_data(name)))
        assert [text for text in texts if len(bare_sentences(text)) < len(sentences(text))] == []

    def test_are_prose_a_person_could_write(self, name: str) -> None:
        texts = list(lines(load_data(name)))
        assert all(text == " ".join(text.split()) for text in texts)
        assert all(text[0].isupper() or text[0] == "{" for text in texts)


def test_lines_never_said_come_before_lines_said_long_ago() -> None:
    lines = ["It is so.", "It was so.", "So it is."]
    said = [Message("user", lines[0])] + [Message("user", f"Number {n}.") for n in range(20)]
    drawn = {Phrasebook(Draws(seed), frozenset(), said, "user").pick(lines) for seed in range(30)}
    assert drawn == {lines[1], lines[2]}


def test_the_same_words_around_a_fact_are_not_used_twice_in_a_row() -> None:
    lines = ["You remember that {fact}?", "It came up before that {fact}."]
    said = [Message("user", "You remember that I weld?")]
    drawn = {
        Phrasebook(Draws(seed), frozenset(), said, "user").pick(lines, fact="I keep bees")
        for seed in range(20)
    }
    assert drawn == {"It came up before that I keep bees."}


def test_a_pole_can_be_left_out() -> None:
    bank = {"any": ["It is so."], "humorous": ["Ha."]}
    book = Phrasebook(Draws(0), frozenset({"humorous"}), [], "user")
    assert book.pick(bank, without="humorous") == "It is so."
