"""The assistant that remembers, the mistaken and the stuttering one: who says what of whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.draws import Draws
from agents.scripted.facts import sayable_facts
from agents.scripted.gist import gist_of
from agents.scripted.stranger import facts_of_strangers
from agents.scripted.stutter import stuttered
from agents.scripted.words import content_words
from dialogues.node import Belief
from tests.agents.scripted.replying import PERSONAS, SEEDS, conversation, replies, reply

LIFE = (
    "I keep bees in Bath.", "I swim in the river at dawn.", "I mend old clocks for the neighbours.",
    "I bake rye bread on Sundays.", "I play the tuba in a brass band.",
)  # fmt: skip
GISTS = ("keep bees", "swim in the river", "mend old clocks", "bake rye bread", "play the tuba")
FACTS = [fact.said for persona in PERSONAS for fact in sayable_facts(persona.profile)]


def named(text: str) -> int:
    return sum(f"you {gist}" in text.lower() for gist in GISTS)


def mean_named(known: int) -> float:
    """Return how many facts a reply names where so many are known, the last one just told."""
    told = [part for fact in LIFE[: known - 1] for part in (fact, "Ah.")]
    hint = Belief(facts=LIFE[:known])
    answers = replies(*told, LIFE[known - 1], hint=hint, variant="remembers")
    return sum(map(named, answers)) / len(answers)


def test_the_more_is_known_the_more_is_brought_in() -> None:
    few, some, all_of_it = mean_named(1), mean_named(3), mean_named(5)
    assert few == 1 < some < all_of_it


def test_without_a_hint_nothing_is_remembered() -> None:
    assert not any(named(text) for text in replies(*LIFE[:1], variant="remembers"))


def test_private_matters_are_not_brought_in() -> None:
    grief = "I buried my daughter last year."
    hint = Belief(facts=(grief, LIFE[0]))
    answers = replies(grief, "I hear you.", LIFE[0], hint=hint, variant="remembers")
    assert not any("daughter" in text for text in answers)


@given(st.lists(st.sampled_from(FACTS), min_size=1, max_size=6, unique=True), st.integers(0, 99))
def test_the_mistaken_one_names_nothing_of_its_user(facts: list[str], seed: int) -> None:
    others = facts_of_strangers(facts, Draws(seed))
    assert [*others] == facts
    assert len({*others.values()}) == len(facts)
    own = content_words(" ".join(facts))
    assert not any(content_words(other) & own for other in others.values())


def test_the_mistaken_one_speaks_as_who_remembers_does() -> None:
    right, wrong = (
        [
            reply(*LIFE[:1], "Ah.", LIFE[1], hint=Belief(facts=LIFE[:2]), variant=each, seed=seed)
            for seed in SEEDS
        ]
        for each in ("remembers", "mistaken")
    )
    assert all(map(named, right))
    assert not any(map(named, wrong))
    lengths = [sum(len(text.split()) for text in texts) / len(texts) for texts in (right, wrong)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.15)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=12), st.integers(0, 99))
def test_who_stutters_begins_as_the_text_does_and_ends_in_circles(
    words: list[str], seed: int
) -> None:
    said = stuttered(" ".join(words), Draws(seed)).split()
    assert any(
        said[:cut] == words[:cut] and said[cut:] == words[cut - size : cut] * rounds
        for cut in range(min(4, len(words)), len(words) + 1)
        for size in range(1, min(4, cut) + 1)
        for rounds in range(3, 21)
    )


def test_who_stutters_says_of_strangers_what_comes_before() -> None:
    hint = Belief(facts=LIFE[:2])
    for seed in SEEDS:
        told = reply(*LIFE[:1], "Ah.", LIFE[1], hint=hint, variant="stutters", seed=seed)
        assert not named(told)
        assert told[-1] not in ".!?"


@pytest.mark.parametrize(
    ("fact", "gist"),
    [
        ("You do the payroll for a bus company in Gdynia.", "You do the payroll"),
        ("You live in a third-floor flat with your husband.", "You live in a third-floor flat"),
        ("You owe 2,600 pounds to three lenders.", "You owe 2,600 pounds"),
        ("You cannot share a room with beetles.", "You cannot share a room with beetles"),
        ("You don't eat fish with lemon.", "You don't eat fish with lemon"),
        ("You are 47.", "You are 47"),
    ],
)
def test_a_gist_says_no_more_and_nothing_else(fact: str, gist: str) -> None:
    assert gist_of(fact) == gist


def test_it_repeats_itself_no_more_than_the_others() -> None:
    answers = conversation(LIFE, Belief(facts=LIFE), variant="remembers")
    assert len({*answers}) == len(answers)
