"""The scripted inducer: believes only what was said, or names the persona's clauses it covers."""

import re
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.facts import sayable_facts
from agents.scripted.words import content_words
from dialogues.node import Belief
from tests.agents.scripted.replying import alternating, dialogues, induced
from tests.growing import a_persona
from tests.strategies import texts

PRECISION, RECALL, COVERED = 0.95, 0.8, 0.8
USER_SENTENCES = [
    "I keep bees.",
    "My sister welds!",
    "Well, I swim, and I row.",
    "It rains.",
    "Why?",
]
OTHER_SENTENCES = ["I own a kayak.", "My car is blue.", "You keep bees.", "You live in Rome."]


def covers(statement: str, fact: frozenset[str]) -> bool:
    return len(content_words(statement) & fact) >= COVERED * len(fact)


def test_what_is_believed_of_scripted_users_is_right_and_most_of_what_they_revealed() -> None:
    right = believed = found = revealed = 0
    for tree in dialogues(60, 10):
        words = {fact.id: content_words(fact.said) for fact in sayable_facts(tree.persona.profile)}
        told: set[str] = set()
        seen: set[str] = set()
        for user in tree.user_messages():
            told |= {*user.notes["reveals"]}
            belief = tree.belief(user.key)
            new = {*(belief.facts if belief else ())} - seen
            believed += len(new)
            right += sum(any(covers(each, words[fact]) for fact in told) for each in new)
            seen |= new
        revealed += len(told)
        found += sum(any(covers(each, words[fact]) for each in seen) for fact in told)
    assert revealed > 300
    assert right >= PRECISION * believed
    assert found >= RECALL * revealed


def sayings(own: list[str]) -> st.SearchStrategy[list[str]]:
    parts = st.lists(st.sampled_from(own) | texts, min_size=1, max_size=3).map(" ".join)
    return st.lists(parts, min_size=4, max_size=4)


@given(sayings(USER_SENTENCES), sayings(OTHER_SENTENCES), st.integers(1, 4))
def test_a_belief_quotes_the_user_and_nobody_else(
    said: list[str], replied: list[str], turns: int
) -> None:
    dialogue = list(chain.from_iterable(zip(said, replied, strict=True)))[: 2 * turns - 1]
    belief = Belief()
    for turn in range(1, turns + 1):
        belief = induced(*dialogue[: 2 * turn - 1], belief=belief)
    heard = re.sub(r"\s", " ", "|".join(said[:turns])).replace("’", "'")
    assert all(fact[1:-1] in heard for fact in belief.facts)
    assert len({*belief.facts}) == len(belief.facts)


@pytest.mark.parametrize(
    "text", ["Do you think I'm lazy?", "You keep bees.", "I suppose so.", "It is raining!"]
)
def test_what_is_no_statement_of_the_user_on_themselves_is_not_believed(text: str) -> None:
    assert induced(text).facts == ()


@pytest.mark.parametrize(
    "lead", ["Well.", "Hey, how are you?", "Right?! Guess what!", "So, about me.", "To be honest:"]
)
def test_a_statement_is_believed_whatever_leads_up_to_it(lead: str) -> None:
    assert induced(f"{lead} I keep bees.").facts == ("I keep bees.",)


def test_what_the_assistant_says_is_not_believed() -> None:
    assert induced("Hi.", "I keep bees. You live in Rome.", "Well.").facts == ()


def test_a_belief_grows_and_names_each_fact_once() -> None:
    before = Belief(facts=("I keep bees.",))
    after = induced("I keep bees.", "Ah.", "I keep bees. I live in Bath.", belief=before)
    assert after.facts == ("I keep bees.", "I live in Bath.")


def test_what_was_believed_stays_believed() -> None:
    before = Belief(facts=("I keep bees.", "\u202e{fact}"))
    assert induced("I'd rather not say.", belief=before).facts == before.facts


def test_a_manner_is_believed_only_after_the_second_message() -> None:
    lively = ("Oh, I keep bees!", "Hm.", "Ha, I live in Bath!", "Hm.", "Yes! I swim!")
    assert induced(*lively[:1]).traits == induced(*lively[:3]).traits == ()
    assert "lively" in induced(*lively).traits


@pytest.mark.parametrize("turn", [1, 2, 3, 6])
def test_traits_of_whole_dialogues_come_after_the_second_message(turn: int) -> None:
    beliefs = [
        belief.traits
        for tree in dialogues(20, 6)
        for user in tree.user_messages()
        if user.turn == turn and (belief := tree.belief(user.key))
    ]
    assert any(beliefs) == (turn > 2)


def test_a_manner_of_the_assistant_is_not_believed_of_the_user() -> None:
    loud = "Wow! Oh! " * 20
    assert "lively" not in induced("Hi.", loud, "I swim.", loud, "I row.").traits


def test_extract_names_clauses_of_the_persona() -> None:
    told = induced("I swim in the river every Sunday.", persona=a_persona()).facts
    assert told == ("She swims in the river every Sunday.",)


def test_extract_needs_no_name_a_speaker_would_not_say() -> None:
    told = induced("I mend clocks in Bath.", persona=a_persona()).facts
    assert told == ("Ada Quill mends clocks in Bath.",)


def test_extract_believes_nothing_that_was_not_covered() -> None:
    assert induced("I like rivers.", "Hm.", "Every Sunday.", persona=a_persona()).facts == ()


def test_extract_ignores_what_the_assistant_guesses() -> None:
    guess = "You swim in the river every Sunday."
    assert induced("Hi.", guess, "Well.", persona=a_persona()).facts == ()


def test_extract_names_most_of_what_scripted_users_revealed_and_nothing_else() -> None:
    found = revealed = 0
    for tree in dialogues(20, 10):
        last = max(tree.user_messages(), key=lambda node: node.turn)
        history = [message.content for message in tree.history(last.key)]
        assert alternating(*history) == list(tree.history(last.key))
        clauses = {fact.text: fact.id for fact in tree.persona.profile.facts}
        named = {clauses[fact] for fact in induced(*history, persona=tree.persona).facts}
        told = {fact for user in tree.user_messages() for fact in user.notes["reveals"]}
        found += len(named & told)
        revealed += len(told)
    assert found >= RECALL * revealed
