"""Impression: the traits that messages show, once there are enough of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.impression import impression
from agents.scripted.temperament import OPPOSITES, temperament_of
from dialogues.node import USER
from tests.agents.scripted.replying import dialogues
from tests.strategies import hostile_texts

PLAIN = (
    "Today went by like most others do, with a walk to the market before supper, a bath, and two "
    "hours of reading."
)
SHOWN = {
    "terse": ("Bees. In Bath.", "Two dogs.", "Not much else."),
    "talkative": (f"{PLAIN} {PLAIN} {PLAIN}",) * 3,
    "lively": (f"Oh! {PLAIN}", f"{PLAIN} Ha!", PLAIN),
    "hesitant": (f"Um, sorry. {PLAIN}", f"Maybe so. {PLAIN}", PLAIN),
    "formal": (f"I am well. {PLAIN}", f"I do not mind. {PLAIN}", f"It is so. {PLAIN}"),
    "casual": (f"{PLAIN} 🙂", PLAIN, PLAIN),
    "curious": (f"{PLAIN} Is yours like that?", f"{PLAIN} Do you read?", PLAIN),
}


@pytest.mark.parametrize(("trait", "said"), SHOWN.items())
def test_a_manner_shows_in_the_messages(trait: str, said: tuple[str, ...]) -> None:
    assert impression(said) == (trait,)


def test_a_neutral_manner_shows_nothing() -> None:
    assert impression([PLAIN] * 5) == ()


def test_one_short_form_is_not_formal() -> None:
    assert "formal" not in impression([*SHOWN["formal"], "I’m well."])


@given(st.lists(hostile_texts | st.sampled_from(sum(SHOWN.values(), ())), max_size=2))
def test_nothing_is_believed_before_the_third_message(said: list[str]) -> None:
    assert impression(said) == ()


@given(st.lists(hostile_texts, min_size=3, max_size=6))
def test_any_messages_show_at_most_one_pole_of_a_dimension(said: list[str]) -> None:
    shown = impression(said)
    assert not any({first, second} <= {*shown} for first, second in OPPOSITES.items())


def test_the_manner_of_scripted_users_is_seldom_mistaken_for_its_opposite() -> None:
    opposite = OPPOSITES | {second: first for first, second in OPPOSITES.items()}
    shown = wrong = 0
    for tree in dialogues(60, 10):
        said = [node.text for node in tree if node.seat == USER]
        manner = temperament_of(tree.persona.personality)
        found = impression(said)
        shown += len(found)
        wrong += sum(opposite[trait] in manner for trait in found)
    assert shown > 30
    assert wrong <= 0.1 * shown
