"""The rates of the scripted user: at 0 nothing of the kind happens, at 1 much of it."""

import re
from functools import cache
from itertools import pairwise

import pytest

from agents.scripted.contractions import contracted, in_full
from agents.scripted.facts import sayable_facts
from agents.scripted.lexicon import load_data
from dialogues.node import Node
from tests.agents.scripted.talking import ALL_OFF, POOL, SHIPPED, acts, gold, talk
from tests.agents.scripted.test_contractions import lines

OFF = f"scripted:{ALL_OFF}"
_BESIDE = {"drift", "misunderstand", "refuse", "leave"}


def everything_at(rate: str) -> str:
    """Return a spec with one rate at 1 and the others at 0."""
    return f"{OFF},{rate}=1"


@cache
def fifty(user: str) -> list[Node]:
    """Return all messages of fifty dialogues."""
    chosen = (SHIPPED[at] for at in range(0, 150, 3))
    return [node for at, persona in enumerate(chosen) for node in talk(persona, 6, user, seed=at)]


def words(text: str) -> set[str]:
    """Return the words of a text as they are spelt."""
    return set(re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.lower()))


@cache
def vocabulary() -> set[str]:
    """Return all words there are in the banks and in the facts of the shipped profiles."""
    texts = [*lines(load_data("user.yaml"))]
    texts += [fact.said for profile in POOL.profiles for fact in sayable_facts(profile)]
    forms = [form for text in texts for form in (text, in_full(text), contracted(text))]
    return {word for form in forms for word in words(form)}


@pytest.mark.parametrize("act", ["drift", "misunderstand", "dislike", "change", "refuse"])
def test_a_rate_of_nought_makes_no_such_act(act: str) -> None:
    assert not any(act in acts(node) for node in fifty(OFF))


@pytest.mark.parametrize(
    ("rate", "act", "least"),
    [
        ("drift", "drift", 200),
        ("misunderstanding", "misunderstand", 30),
        ("dislike", "dislike", 40),
    ],
)
def test_a_rate_of_one_makes_many(rate: str, act: str, least: int) -> None:
    assert sum(act in acts(node) for node in fifty(everything_at(rate))) >= least


def test_a_wish_is_said_and_turned_round_at_most_once() -> None:
    for persona in SHIPPED[:40:8]:
        made = [
            act for node in talk(persona, 12, f"{OFF},dislike=1,change=1") for act in acts(node)
        ]
        assert (made.count("dislike"), made.count("change")) == (1, 1)
        assert made.index("dislike") < made.index("change")


def test_without_typing_errors_every_word_is_spelt_as_in_banks_and_facts() -> None:
    odd = {word for node in fifty(OFF) for word in words(node.text) - vocabulary()}
    assert odd == set()


def test_with_them_many_messages_have_one() -> None:
    wrong = [node for node in fifty(everything_at("typos")) if words(node.text) - vocabulary()]
    assert len(wrong) > 60


def shortened(user: str) -> int:
    """Return how many facts are told without their "I" in fifty dialogues."""
    by_id = {fact.id: fact.said for p in POOL.profiles for fact in sayable_facts(p)}
    told = [(node.text, by_id[fact]) for node in fifty(user) for fact in gold(node).reveals]
    whole = [{contracted(said)[1:-1], in_full(said)[1:-1]} for _, said in told]
    return sum(
        not any(form in text for form in forms)
        for (text, _), forms in zip(told, whole, strict=True)
    )


def test_fragments_are_made_by_their_rate_alone() -> None:
    assert shortened(OFF) == 0
    assert shortened(everything_at("fragments")) > 5


@pytest.mark.parametrize(
    ("options", "aside", "way_back"),
    [("drift=0.3", "drift", "return"), ("misunderstanding=0.7", "misunderstand", "repair")],
)
def test_an_aside_is_followed_by_the_way_back(options: str, aside: str, way_back: str) -> None:
    followed = 0
    for at, persona in enumerate(SHIPPED[:200:10]):
        made = [acts(node) for node in talk(persona, 10, f"{OFF},{options}", seed=at)]
        for before, after in pairwise(made):
            assert (way_back in after) == (aside in before and not _BESIDE & {*after})
            followed += way_back in after
    assert followed > 10
