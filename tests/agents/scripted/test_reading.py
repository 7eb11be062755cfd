"""Reading: what kind of message a user's is, and how the user wants to be talked to."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.agenda import OPPOSITE_WISH
from agents.scripted.lexicon import load_data
from agents.scripted.reading import is_private, kind_of, latest_wish, wish_in
from tests.agents.scripted.replying import alternating
from tests.strategies import hostile_texts

USER = load_data("user.yaml")
KINDS = {
    "refuse": "refusal",
    "misunderstand": "confusion",
    "drift": "aside",
    "ask": "question",
    "greet": "",
    "acknowledge": "",
    "return": "",
    "repair": "",
}


def lines(bank: Any) -> Iterator[str]:
    if isinstance(bank, list):
        yield from bank
    else:
        for each in bank.values():
            yield from lines(each)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("I'd rather not say.", "refusal"),
        ("That’s private.", "refusal"),
        ("What do you mean?", "confusion"),
        ("You ask too many questions.", "complaint_questions"),
        ("You're not listening.", "complaint_ignored"),
        ("Enough compliments, please.", "complaint_flattery"),
        ("You said that already.", "complaint_repeat"),
        ("Hang on, the kettle.", "aside"),
        ("That's all I can think of.", "deflection"),
        ("Goodbye then.", "farewell"),
        ("Keep it short, please.", "preference"),
        ("How about you?", "question"),
        ("I keep bees. What about you?", "question"),
        ("Nice. Do you swim? 🙂", "question"),
        ("I keep bees.", ""),
        ("It rains.", ""),
        ("", ""),
        ("?", ""),
    ],
)
def test_a_message_has_a_kind(message: str, kind: str) -> None:
    assert kind_of(message) == kind


@pytest.mark.parametrize(
    "message",
    [
        "My brother interviews people.",
        "I run a quiz every Friday.",
        "I love silence, and I live beside a private school.",
        "We sell kettles.",
        "I ignored my doctor for a year.",
    ],
)
def test_a_fact_is_no_remark_about_the_talk(message: str) -> None:
    assert kind_of(message) == ""


@pytest.mark.parametrize(("act", "kind"), KINDS.items())
def test_what_the_scripted_user_says_is_read_as_it_is_meant(act: str, kind: str) -> None:
    read = [kind_of(line) for line in lines(USER[act])]
    assert read.count(kind) >= 0.9 * len(read)


@pytest.mark.parametrize("cause", USER["complain"])
def test_complaints_of_the_scripted_user_are_read_as_such(cause: str) -> None:
    read = [kind_of(line) for line in lines(USER["complain"][cause])]
    assert read.count(f"complaint_{cause}") >= 0.9 * len(read)


@pytest.mark.parametrize("act", ["dislike", "change"])
@pytest.mark.parametrize("wish", OPPOSITE_WISH)
def test_wishes_of_the_scripted_user_are_read_as_such(act: str, wish: str) -> None:
    read = [wish_in(line) for line in lines(USER[act][wish])]
    assert read.count(wish) >= 0.9 * len(read)


@pytest.mark.parametrize(
    ("message", "wish"),
    [
        ("Please keep it short.", "short"),
        ("Please say more.", "long"),
        ("Could you ask fewer questions?", "fewer_questions"),
        ("You can ask me more.", "more_questions"),
        ("No jokes, please.", "serious"),
        ("Lighten up, please.", "light"),
        ("I keep bees. Keep it short, please.", "short"),
        ("Keep it short. No, please say more.", "long"),
        ("It was a short walk.", ""),
        ("I need a short break.", ""),
        ("I keep bees.", ""),
    ],
)
def test_a_wish_is_read_from_what_is_no_fact(message: str, wish: str) -> None:
    assert wish_in(message) == wish


def test_the_latest_wish_of_the_user_counts_and_none_of_the_assistant() -> None:
    said = ["Keep it short, please.", "Please say more."]
    assert latest_wish(alternating(*said, "I keep bees.")) == "short"
    assert latest_wish(alternating(said[0], "Sure.", said[1])) == "long"
    assert latest_wish(alternating("Hello.", *said[1:])) == ""


@pytest.mark.parametrize(
    ("message", "private"),
    [
        ("I lost my wife to cancer.", True),
        ("Well, my mother has dementia. Anyway.", True),
        ("I keep bees.", False),
        ("It rains.", False),
        ("", False),
    ],
)
def test_something_private_is_noticed(message: str, private: bool) -> None:
    assert is_private(message) is private


@given(hostile_texts, st.lists(hostile_texts, max_size=3))
def test_any_text_can_be_read(message: str, before: list[str]) -> None:
    known = {*load_data("cues.yaml")["kinds"], "preference", "question", ""}
    assert kind_of(message) in known
    assert latest_wish(alternating(*before, message)) in {*load_data("cues.yaml")["wishes"], ""}
    assert is_private(message) in (True, False)
