"""The agenda: what an assistant does raises or lowers trust, and trust opens facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.agenda import OPPOSITE_WISH, Agenda, next_fact
from agents.scripted.draws import Draws
from agents.scripted.facts import Fact, sayable_facts
from agents.scripted.listening import Heard, hear
from agents.scripted.temperament import OPPOSITES, Temperament
from agents.scripted.topics import PRIVATE
from tests.agents.scripted.talking import PRIVATE_LIFE, history
from tests.growing import a_persona

FACTS = sayable_facts(a_persona(PRIVATE_LIFE).profile)
BEES = "I keep bees on the roof of a bakery."
ATTENTIVE = "I see, bees on a bakery roof. I have a small garden. What do they do all winter?"
NOBODY: Temperament = frozenset()
temperaments = st.sets(st.sampled_from(sorted({*OPPOSITES, *OPPOSITES.values()}))).map(frozenset)
heards = st.builds(
    Heard,
    question=st.sampled_from(("", "why", "invite")),
    takes_up=st.booleans(),
    acknowledges=st.booleans(),
    flatters=st.booleans(),
    interrogates=st.booleans(),
    repeats=st.booleans(),
)
levels = st.floats(0, 1, allow_nan=False)


def change(*texts: str, poles: frozenset[str] = NOBODY) -> tuple[float, float]:
    """Return what the last of these messages does to rapport and to patience."""
    heard = hear(history(*texts))
    assert heard is not None
    before = Agenda()
    after = before.after(heard, poles)
    return after.rapport - before.rapport, after.patience - before.patience


def open_at(rapport: float, *told: str, poles: frozenset[str] = NOBODY) -> list[str]:
    """Return what may be told at this rapport."""
    agenda = Agenda(rapport=rapport, told=told)
    return [fact.said for fact in agenda.open_facts(FACTS, poles)]


def test_attention_raises_rapport_and_patience() -> None:
    rapport, patience = change(BEES, ATTENTIVE)
    assert rapport > 0.05 and patience > 0


@pytest.mark.parametrize(
    "texts",
    [
        (BEES, "Do you swim? Do you ski? Do you skate?"),
        (BEES, "Trains run every hour. Paper is made from wood."),
        (BEES, "Amazing. You are an incredible genius."),
        (BEES, "The sky was blue.", "So.", "The sky was blue."),
    ],
    ids=["interrogation", "ignoring", "flattery", "repetition"],
)
def test_bad_manners_cost_rapport_and_patience(texts: tuple[str, ...]) -> None:
    rapport, patience = change(*texts)
    assert rapport < 0 and patience < 0


def test_a_warm_person_gains_more_by_attention_and_a_cool_one_less() -> None:
    warm, cool = frozenset({"warm"}), frozenset({"cool"})
    gains = [change(BEES, ATTENTIVE, poles=poles)[0] for poles in (cool, NOBODY, warm)]
    assert gains == sorted(set(gains))


def test_a_sceptic_takes_flattery_worse() -> None:
    flattery = (BEES, "Amazing. You are an incredible genius.")
    assert change(*flattery, poles=frozenset({"sceptical"})) < change(*flattery)


def test_an_impatient_person_loses_patience_sooner() -> None:
    rude = (BEES, "Do you swim? Do you ski?")
    spent = [change(*rude, poles=frozenset({pole}))[1] for pole in ("impatient", "warm", "patient")]
    assert spent == sorted(set(spent))


@given(levels, levels, heards, temperaments)
def test_rapport_and_patience_stay_within_bounds(
    rapport: float, patience: float, heard: Heard, poles: frozenset[str]
) -> None:
    after = Agenda(rapport=rapport, patience=patience).after(heard, poles)
    assert 0 <= after.rapport <= 1 and 0 <= after.patience <= 1
    assert 0 <= after.chance_to_tell(heard, poles) <= 1
    assert 0 <= Agenda.at_first(poles).rapport <= 1


@given(levels, levels)
def test_more_rapport_never_makes_telling_less_likely(one: float, other: float) -> None:
    low, high = (Agenda(rapport=level) for level in sorted((one, other)))
    assert low.chance_to_tell(Heard(), NOBODY) <= high.chance_to_tell(Heard(), NOBODY)
    assert set(open_at(low.rapport)) <= set(open_at(high.rapport))


def test_an_open_trusting_person_begins_with_more_rapport() -> None:
    poles = (frozenset({"guarded", "sceptical"}), NOBODY, frozenset({"open", "trusting"}))
    first = [Agenda.at_first(each).rapport for each in poles]
    assert first == sorted(set(first))


def test_private_facts_open_with_rapport_only() -> None:
    light, deep = open_at(0.4), open_at(0.9)
    private = {fact.said for fact in FACTS if fact.depth == PRIVATE}
    assert len(private) == 2 and "I keep two dogs." in light
    assert private.isdisjoint(light) and private < {*deep}


def test_openness_opens_private_facts_earlier() -> None:
    assert len(open_at(0.72)) < len(open_at(0.72, poles=frozenset({"open"})))


def test_a_fact_waits_for_the_one_it_leans_on_and_none_comes_twice() -> None:
    first, second = FACTS[:2]
    assert second.leans_on == first.id
    assert first.said in open_at(0.9) and second.said not in open_at(0.9)
    assert first.said not in open_at(0.9, first.id) and second.said in open_at(0.9, first.id)


def test_telling_is_remembered_in_order() -> None:
    agenda = Agenda().telling(FACTS[:2]).telling(FACTS[2:3])
    assert agenda.told == tuple(fact.id for fact in FACTS[:3])
    assert agenda.latest == FACTS[2].id
    assert agenda.coming_back_to(FACTS[0]).latest == FACTS[0].id
    assert agenda.coming_back_to(FACTS[0]).told == agenda.told


def drawn(told: tuple[Fact, ...], *topics: str) -> list[str]:
    """Return the topics of the facts that are drawn in many tries after those told."""
    choices = [fact for fact in FACTS if fact not in told]
    draws = (next_fact(choices, told, frozenset(topics), Draws(seed)) for seed in range(40))
    return [fact.topic for fact in draws]


def test_the_lightest_facts_come_first() -> None:
    assert {"loss", "secret"}.isdisjoint(drawn(()))


def test_a_question_about_a_topic_draws_facts_of_it() -> None:
    assert set(drawn((), "animal")) == {"animal"}


def test_the_sentence_is_mostly_finished_before_another_one() -> None:
    assert FACTS[0].sentence == FACTS[1].sentence
    assert drawn(FACTS[:1]).count(FACTS[1].topic) > 20


@pytest.mark.parametrize("wish", sorted(OPPOSITE_WISH))
def test_every_wish_has_an_opposite_to_change_to(wish: str) -> None:
    assert OPPOSITE_WISH[OPPOSITE_WISH[wish]] == wish


@given(levels, st.lists(st.sampled_from([fact.id for fact in FACTS]), unique=True))
def test_an_agenda_survives_the_notes_it_travels_in(rapport: float, told: list[str]) -> None:
    agenda = Agenda(rapport=rapport, told=tuple(told), aside="drift", wish="short")
    assert Agenda.model_validate(agenda.model_dump(mode="json")) == agenda
