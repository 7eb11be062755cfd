"""Facts as their owner says them."""

import pytest

from agents.scripted.facts import Fact, sayable_facts
from agents.scripted.topics import topic_of
from agents.seats import WrongAnswer
from dialogues.persona import Clause, Profile
from tests.agents.scripted.talking import POOL

GERMAN = "Er ist 47 und wohnt mit seiner Frau in einem kleinen Haus am Rand von Bremen."
UNSAYABLE = 'She told him "no". Her sister says she is lazy.'


def facts(text: str) -> tuple[Fact, ...]:
    """Return what can be said of this profile."""
    return sayable_facts(Profile.of(text))


def test_facts_are_clauses_in_their_order() -> None:
    for profile in POOL.profiles:
        ids = [fact.id for fact in sayable_facts(profile)]
        assert ids == [clause.id for clause in profile.facts if clause.id in ids]


def test_facts_are_sentences_with_their_topic_and_depth() -> None:
    for profile in POOL.profiles:
        for fact in sayable_facts(profile):
            assert fact.said[0].isupper() and fact.said[-1] in ".!?"
            assert (fact.topic, fact.depth) == topic_of(fact.said)


def test_a_fact_leans_on_one_told_before_it() -> None:
    for profile in POOL.profiles:
        known = {""}
        for fact in sayable_facts(profile):
            assert fact.leans_on in known
            known.add(fact.id)


def test_most_facts_of_every_shipped_profile_can_be_said() -> None:
    few = [p.text for p in POOL.profiles if len(sayable_facts(p)) < 0.5 * len(p.facts)]
    assert few == []


def test_facts_of_one_sentence_lean_on_each_other() -> None:
    first, second, third = facts("He keeps bees and sells honey. He plays the cello.")
    assert (first.leans_on, second.leans_on, third.leans_on) == ("", first.id, "")
    assert first.sentence == second.sentence != third.sentence


def test_a_fact_that_points_back_leans_on_the_one_before() -> None:
    first, second = facts("She mends clocks in Bath. She has done that since 1990.")
    assert second.leans_on == first.id


def test_what_leans_on_an_unsayable_fact_is_left_out() -> None:
    said = [fact.said for fact in facts('He keeps bees. He told them "no". He does that daily.')]
    assert said == ["I keep bees."]


def test_a_profile_cut_by_other_rules_is_still_told() -> None:
    profile = Profile.of("He keeps bees and sells honey.")
    whole = profile.model_copy(update={"clauses": (Clause(id="x.0", text=profile.text),)})
    assert [fact.id for fact in sayable_facts(whole)] == ["x.0"]


@pytest.mark.parametrize(("text", "why"), [(GERMAN, "not in English"), (UNSAYABLE, "no fact")])
def test_a_profile_that_cannot_be_told_is_named(text: str, why: str) -> None:
    profile = Profile.of(text)
    with pytest.raises(WrongAnswer, match=why) as caught:
        sayable_facts(profile)
    assert profile.id in str(caught.value) and text[:30] in str(caught.value)
