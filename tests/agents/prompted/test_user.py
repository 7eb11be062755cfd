"""The prompted user: what it is asked, and what is made of its answer."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.prompted.prompts import load_prompts
from agents.prompted.user import END, spoken
from dialogues.node import USER, Message
from tests.agents.prompted.asking import Answer, Desk, Tags, user_brief
from tests.growing import PERSONALITY, PROFILE

TALK = ("I mend clocks.", "Which kind?", "Tall ones.", "Are they old?", "Some.", "How old?")
texts = st.text(min_size=1, max_size=12).filter(str.strip)


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with Desk() as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    yield opened
    assert opened.says == []


def said(desk: Desk, text: str, *history: str) -> str:
    """Return what the user says when its model says `text`."""
    desk.says = [text]
    answer, _ = desk.ask(USER, user_brief(*history))
    return str(answer.text)


def test_the_request_is_the_system_text_the_opening_and_the_chat_turned_round(desk: Desk) -> None:
    system, opening, *talk = desk.asked(USER, user_brief(*TALK[:2]))
    assert (system.role, opening.role) == ("system", "user")
    assert talk == [Message("assistant", TALK[0]), Message("user", TALK[1])]


def test_the_system_text_tells_the_whole_persona(desk: Desk) -> None:
    told = Tags(desk.asked(USER, user_brief())[0].content).inside
    assert ("profile", PROFILE) in told and ("personality", PERSONALITY) in told


def test_a_turn_later_the_request_only_has_grown(desk: Desk) -> None:
    asked = [desk.asked(USER, user_brief(*TALK[: 2 * turn])) for turn in range(4)]
    for before, after in pairwise(asked):
        assert after[: len(before)] == before
        assert len(after) == len(before) + 2


@given(st.lists(texts, min_size=2, max_size=6).filter(lambda said: len(said) % 2 == 0))
def test_whatever_was_said_the_request_grows_by_it(opened: Desk, said: list[str]) -> None:
    before = opened.asked(USER, user_brief(*said[:-2]))
    after = opened.asked(USER, user_brief(*said))
    assert after == [*before, Message("assistant", said[-2]), Message("user", said[-1])]


def test_asked_again_it_is_told_the_fault_after_what_was_said_last(desk: Desk) -> None:
    usual = desk.asked(USER, user_brief(*TALK[:2]))
    again = desk.asked(USER, user_brief(*TALK[:2], faults=("restart", "role_flip")))
    assert again[:-1] == usual[:-1]
    added = again[-1].content.removeprefix(usual[-1].content)
    assert "role flip" in added and "restart" not in added


def test_asked_again_for_its_first_message_it_is_told_the_fault_too(desk: Desk) -> None:
    assert "empty" in desk.asked(USER, user_brief(faults=("empty",)))[-1].content


def test_the_seed_of_the_brief_goes_to_the_model(desk: Desk) -> None:
    _, (call,) = desk.ask(USER, user_brief(seed=123))
    assert call.body["seed"] == 123


DIRECTIONS = {
    "*smiles* Yes, I do.": "Yes, I do.",
    "Yes. *laughs softly*": "Yes.",
    "*rolls her eyes* No.": "No.",
    "*takes a deep breath* Fine, I will.": "Fine, I will.",
    "*Shrugs.* Perhaps.": "Perhaps.",
    "(laughs softly) You could say that.": "You could say that.",
    "(smiling) Of course.": "Of course.",
    "(softly laughing) Of course.": "Of course.",
    "You could say that. (pauses) Or not.": "You could say that. Or not.",
    "[sighs] It rains again.": "It rains again.",
    "It rains again [looks out of the window] and again.": "It rains again and again.",
    "*nods*\n\nI see.": "I see.",
    "*chuckles* Well, *winks* maybe.": "Well, maybe.",
}


@pytest.mark.parametrize(("text", "heard"), DIRECTIONS.items())
def test_stage_directions_are_not_said(desk: Desk, text: str, heard: str) -> None:
    assert said(desk, text) == heard


@pytest.mark.parametrize("act", ["grinning", "nodding", "shrugging", "sigh"])
def test_other_forms_of_the_same_acts_are_not_said_either(desk: Desk, act: str) -> None:
    assert said(desk, f"*{act}* Well, yes.") == "Well, yes."


ORDINARY = {
    "I *never* swim.": "I never swim.",
    "That is **so** true!": "That is so true!",
    "I said it twice (to no effect).": "I said it twice (to no effect).",
    "My shop (in Bath) is small.": "My shop (in Bath) is small.",
    "Two dogs (both old) sleep here :)": "Two dogs (both old) sleep here :)",
    "a) tea, b) coffee": "a) tea, b) coffee",
    "It cost 5 * 3 pounds.": "It cost 5 * 3 pounds.",
    "Line one.\nLine   two.": "Line one.\nLine two.",
    "She said “no” and left.": "She said “no” and left.",
    '"Moby-Dick" is my favourite.': '"Moby-Dick" is my favourite.',
    "It was half past ten: too late.": "It was half past ten: too late.",
    "You know me: always late.": "You know me: always late.",
}  # fmt: skip


@pytest.mark.parametrize(("text", "heard"), ORDINARY.items())
def test_what_is_no_stage_direction_is_said(desk: Desk, text: str, heard: str) -> None:
    assert said(desk, text) == heard


def test_words_between_two_emphases_are_kept(desk: Desk) -> None:
    assert said(desk, "I *was* thinking of *her*.") == "I was thinking of her."


@pytest.mark.parametrize(
    "text",
    [
        "The bus (takes an hour) was late.",
        "It was fine (looking back at it).",
        "My sister (she laughs at everything) called.",
        "I might get a dog (thinking of a spaniel).",
    ],
)
def test_ordinary_parentheses_with_an_ordinary_verb_are_kept(desk: Desk, text: str) -> None:
    assert said(desk, text) == text


def test_a_book_title_between_asterisks_is_kept(desk: Desk) -> None:
    assert said(desk, "I read *Looking for Alaska* twice.") == "I read Looking for Alaska twice."


def test_a_product_of_numbers_keeps_its_signs(desk: Desk) -> None:
    assert said(desk, "It is a 3*4*5 box.") == "It is a 3*4*5 box."


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ('"I mend clocks."', "I mend clocks."),
        ("“I mend clocks.”", "I mend clocks."),
        ("Me: I mend clocks.", "I mend clocks."),
        ("User: I mend clocks.", "I mend clocks."),
        ('Me: "I mend clocks."', "I mend clocks."),
        ('*smiles* "I mend clocks."', "I mend clocks."),
    ],
)
def test_quotation_marks_and_the_speakers_label_are_taken_off(
    desk: Desk, text: str, heard: str
) -> None:
    assert said(desk, text) == heard


@pytest.mark.parametrize("label", ["Ada", "Ada Quill"])
def test_the_personas_own_name_before_the_message_is_taken_off(desk: Desk, label: str) -> None:
    assert said(desk, f"{label}: I mend clocks.") == "I mend clocks."


@given(st.text("abc ,.?!'’é–:;\n", max_size=60))
def test_text_without_marks_loses_nothing_but_spaces(text: str) -> None:
    assert spoken(text).split() == text.split()


def test_the_end_sign_ends_the_dialogue_and_is_not_said(desk: Desk) -> None:
    desk.says = [f"Bye, I am off to the shop.\n{END}", "Bye."]
    leaving, _ = desk.ask(USER, user_brief(*TALK[:2]))
    staying, _ = desk.ask(USER, user_brief(*TALK[:2]))
    assert (leaving.text, leaving.ends) == ("Bye, I am off to the shop.", True)
    assert (staying.text, staying.ends) == ("Bye.", False)


def test_the_end_sign_is_told_in_the_prompt(desk: Desk) -> None:
    assert END in desk.asked(USER, user_brief())[0].content


def test_a_user_who_may_not_leave_stays_whatever_it_says(desk: Desk) -> None:
    desk.says = [f"Bye, I am off to the shop.\n{END}", END]
    staying, _ = desk.ask(USER, user_brief(*TALK[:2], may_leave=False))
    nothing, _ = desk.ask(USER, user_brief(*TALK[:2], may_leave=False))
    assert (staying.text, staying.ends) == ("Bye, I am off to the shop.", False)
    assert (nothing.text, nothing.ends) == ("", False)


def test_a_user_who_may_not_leave_is_told_all_but_that(desk: Desk) -> None:
    brief = user_brief(*TALK[:2], faults=("empty",))
    usual = desk.asked(USER, brief)
    staying = desk.asked(USER, replace(brief, may_leave=False))
    assert staying[1:] == usual[1:]
    lines = usual[0].content.splitlines()
    assert staying[0].content.splitlines() == [line for line in lines if END not in line]
    assert len(lines) - len(staying[0].content.splitlines()) == 1
    assert "leave" not in staying[0].content


def test_the_prompt_of_a_user_who_may_leave_is_what_it_was(desk: Desk) -> None:
    assert desk.seated(USER).prompt_hash == load_prompts()["user"].hash == "a1ba7bc4f5b8"


def test_reasoning_is_kept_apart_from_what_is_said(desk: Desk) -> None:
    desk.says = [Answer("I mend clocks.", reasoning="She is terse.")]
    answer, _ = desk.ask(USER, user_brief())
    assert (answer.text, answer.reasoning) == ("I mend clocks.", "She is terse.")
    assert answer.usage.calls == 1
