"""The plan of a message: which acts it makes, as agenda, rates and temperament have it."""

from typing import Any

import pytest

from agents.scripted.agenda import OPPOSITE_WISH, Agenda
from agents.scripted.listening import Heard
from agents.scripted.plan import Act
from tests.agents.scripted.talking import ALL_OFF, a_planner

TRIES = range(60)
ATTENTIVE = Heard(question="invite", takes_up=True)
PRYING = Heard(question="yesno", topics=frozenset({"health"}), takes_up=True)
RUDE = Heard(question="how", interrogates=True)
DISTRUST, TRUST = Agenda(rapport=0.3), Agenda(rapport=0.9)


def plans(heard: Heard | None, options: str = ALL_OFF, **values: Any) -> list[list[Act]]:
    """Return the plans of many tries."""
    return [a_planner(heard, options, seed, **values).plan() for seed in TRIES]


def share(name: str, heard: Heard | None, options: str = ALL_OFF, **values: Any) -> float:
    """Return in how many of many plans an act is made."""
    made = [name in {act.name for act in plan} for plan in plans(heard, options, **values)]
    return sum(made) / len(made)


def with_rate(**rates: float) -> str:
    """Return options with all rates at 0 but these."""
    return ",".join([ALL_OFF, *(f"{name}={rate}" for name, rate in rates.items())])


def after_told(*places: int, **values: Any) -> Agenda:
    """Return the agenda of somebody who has told these of the facts."""
    facts = a_planner(None).facts
    return Agenda(**values).telling([facts[place] for place in places])


def test_a_dialogue_begins_with_a_greeting_and_a_fact() -> None:
    assert all([act.name for act in plan] == ["greet", "disclose"] for plan in plans(None))


def test_a_greeting_is_never_followed_by_something_private() -> None:
    assert all(fact.depth < 3 for plan in plans(None) for fact in plan[1].facts)


def test_an_age_is_not_told_alone_where_its_sentence_goes_on() -> None:
    told = [[fact.topic for fact in plan[1].facts] for plan in plans(None)]
    ages = [topics for topics in told if topics[0] == "age"]
    assert ages and all(len(topics) == 2 for topics in ages)


def test_an_attentive_assistant_is_told_more() -> None:
    trusted = share("disclose", ATTENTIVE, agenda=TRUST)
    assert trusted > share("disclose", RUDE, agenda=DISTRUST) > 0


def test_a_private_question_is_refused_at_low_rapport() -> None:
    assert share("refuse", PRYING, with_rate(refusal=1), agenda=DISTRUST) == 1
    assert 0.3 < share("refuse", PRYING, with_rate(refusal=0.6), agenda=DISTRUST) < 0.9


def test_where_there_is_trust_a_private_question_is_seldom_refused() -> None:
    assert 0 < share("refuse", PRYING, with_rate(refusal=1), agenda=TRUST) < 0.5


@pytest.mark.parametrize(
    ("heard", "agenda", "refusal"),
    [
        (PRYING, DISTRUST, 0),
        (Heard(question="why", topics=frozenset({"animal"})), DISTRUST, 1),
    ],
    ids=["rate 0", "small talk"],
)
def test_other_questions_are_not_refused(heard: Heard, agenda: Agenda, refusal: int) -> None:
    assert share("refuse", heard, with_rate(refusal=refusal), agenda=agenda) == 0


def test_who_refuses_neither_answers_nor_asks() -> None:
    plan = a_planner(PRYING, with_rate(refusal=1), agenda=DISTRUST).plan()
    assert {act.name for act in plan} <= {"complain", "refuse"}


@pytest.mark.parametrize(
    ("rate", "act", "left_open"),
    [("drift", "drift", "drift"), ("misunderstanding", "misunderstand", "misunderstanding")],
)
def test_an_aside_takes_the_turn_and_is_left_open(rate: str, act: str, left_open: str) -> None:
    planner = a_planner(PRYING, with_rate(**{rate: 1}))
    assert act in [each.name for each in planner.plan()]
    assert planner.agenda.aside == left_open
    assert not any(each.facts for each in planner.acts)
    assert share(act, PRYING) == 0


@pytest.mark.parametrize(
    ("left_open", "act"), [("drift", "return"), ("misunderstanding", "repair")]
)
def test_the_turn_after_an_aside_comes_back(left_open: Any, act: str) -> None:
    planner = a_planner(ATTENTIVE, agenda=Agenda(aside=left_open))
    assert planner.plan()[0].name == act
    assert planner.agenda.aside == ""


def test_a_remark_cannot_be_misunderstood_as_a_question() -> None:
    assert share("misunderstand", Heard(takes_up=True), with_rate(misunderstanding=1)) == 0


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (RUDE, "questions"),
        (Heard(acknowledges=True, repeats=True), "repeat"),
        (Heard(acknowledges=True, flatters=True), "flattery"),
        (Heard(), "ignored"),
    ],
)
def test_bad_manners_are_complained_about(heard: Heard, kind: str) -> None:
    complaints = {act.kind for plan in plans(heard) for act in plan if act.name == "complain"}
    assert complaints == {kind}
    assert share("complain", heard, temperament=frozenset({"patient"})) < share("complain", heard)


def test_nobody_complains_about_attention() -> None:
    assert share("complain", ATTENTIVE) == 0


def test_a_dislike_is_said_once_and_remembered() -> None:
    planner = a_planner(ATTENTIVE, with_rate(dislike=1))
    wishes = [act.kind for act in planner.plan() if act.name == "dislike"]
    assert wishes == [planner.agenda.wish] != [""]
    assert share("dislike", ATTENTIVE, with_rate(dislike=1), agenda=planner.agenda) == 0


def test_a_wish_is_kept_for_a_while_then_turned_round_once() -> None:
    wished = Agenda(wish="short", wished_at=2)
    options = with_rate(dislike=1, change=1)
    assert share("change", ATTENTIVE, options, agenda=wished, turn=3) == 0
    planner = a_planner(ATTENTIVE, options, agenda=wished, turn=9)
    assert Act("change", OPPOSITE_WISH["short"]) in planner.plan()
    assert planner.agenda.wish == OPPOSITE_WISH["short"]
    assert share("change", ATTENTIVE, options, agenda=planner.agenda, turn=30) == 0


@pytest.mark.parametrize(
    ("pole", "wish"), [("terse", "short"), ("talkative", "long"), ("humorous", "light")]
)
def test_a_wish_suits_the_temperament(pole: str, wish: str) -> None:
    options = with_rate(dislike=1)
    made = plans(ATTENTIVE, options, temperament=frozenset({pole}))
    assert {act.kind for plan in made for act in plan if act.name == "dislike"} == {wish}


def test_the_curious_ask_more_than_the_incurious() -> None:
    asks = [
        share("ask", ATTENTIVE, temperament=frozenset({pole})) for pole in ("curious", "incurious")
    ]
    assert asks[0] > 0.3 > asks[1]


def test_nobody_asks_right_after_telling_something_private() -> None:
    agenda = TRUST.telling([fact for fact in a_planner(None).facts if fact.depth < 3])
    made = plans(ATTENTIVE, agenda=agenda, temperament=frozenset({"curious"}))
    private = [plan for plan in made if any(f.depth == 3 for act in plan for f in act.facts)]
    assert private and not any(act.name == "ask" for plan in private for act in plan)


def test_when_all_is_told_it_says_more_about_what_was_told() -> None:
    facts = a_planner(None).facts
    agenda = after_told(*range(len(facts)), rapport=0.9)
    assert share("disclose", ATTENTIVE, agenda=agenda) == 0
    acts = [act for plan in plans(ATTENTIVE, agenda=agenda) for act in plan]
    spoken_of = {fact.id for act in acts for fact in act.facts}
    assert spoken_of < set(agenda.told) and len(spoken_of) > 1


def test_a_fact_that_was_asked_for_needs_no_reminder() -> None:
    facts = a_planner(None).facts
    agenda = after_told(*range(len(facts)), rapport=0.9)
    heard = Heard(question="how", topics=frozenset({"animal"}), takes_up=True)
    kinds = {
        (act.kind, act.facts[0].topic)
        for plan in plans(heard, agenda=agenda)
        for act in plan
        if act.name == "elaborate"
    }
    assert kinds == {("", "animal")}


@pytest.mark.parametrize("heard", [ATTENTIVE, PRYING, RUDE, Heard()])
def test_fixed_tells_one_fact_whatever_it_hears(heard: Heard) -> None:
    plan = a_planner(heard, "fixed", agenda=after_told(0, rapport=0)).plan()
    assert plan == [Act("disclose", facts=(a_planner(None).facts[1],))]


def test_fixed_says_more_when_all_is_told() -> None:
    facts = a_planner(None).facts
    made = plans(RUDE, "fixed", agenda=after_told(*range(len(facts))))
    assert {act.name for plan in made for act in plan} == {"elaborate", "deflect"}


def test_only_the_uncooperative_leaves_and_only_out_of_patience() -> None:
    spent, calm = Agenda(patience=0.0), Agenda(patience=1.0)
    assert share("leave", RUDE, "uncooperative", agenda=spent) > 0.4
    assert share("leave", RUDE, "uncooperative", agenda=calm) == 0
    assert share("leave", RUDE, agenda=spent) == share("leave", RUDE, "fixed", agenda=spent) == 0


def test_nobody_leaves_who_may_not() -> None:
    spent = {"agenda": Agenda(patience=0.0), "may_leave": False}
    assert share("leave", RUDE, "uncooperative", **spent) == 0


@pytest.mark.parametrize("rate", [0, 1])
@pytest.mark.parametrize("heard", [ATTENTIVE, PRYING, RUDE])
def test_flip_speaks_of_its_wish_in_two_turns_and_no_other(heard: Heard, rate: int) -> None:
    options = f"flip,typos={rate},drift={rate},misunderstanding={rate},refusal={rate}"
    options += f",dislike={rate},change={rate}"
    wished = Agenda(wish="long", wished_at=2)
    for turn, agenda in ((2, Agenda(will_wish="long")), (6, wished)):
        spoken = {"dislike" if turn == 2 else "change"}
        for plan in plans(heard, options, turn=turn, agenda=agenda):
            named = {act.name for act in plan}
            assert named & {"dislike", "change"} == spoken
            assert not named & {"drift", "misunderstand", "refuse", "complain"}
    for turn in (3, 4, 5, 7, 30):
        for act in ("dislike", "change"):
            assert share(act, heard, options, turn=turn, agenda=wished) == 0


def test_flip_makes_up_its_mind_before_it_has_heard_anything() -> None:
    minds = set()
    for seed in TRIES:
        first = a_planner(None, "flip", seed, turn=1, temperament=frozenset({"humorous"}))
        first.plan()
        mind = first.agenda.will_wish
        minds.add(mind)
        for heard in (ATTENTIVE, PRYING, RUDE):
            second = a_planner(heard, "flip", seed, agenda=first.agenda)
            assert Act("dislike", mind) in second.plan()
    assert minds == {"short", "long", "fewer_questions", "more_questions"}


def test_only_flip_makes_up_its_mind() -> None:
    planner = a_planner(None, turn=1)
    planner.plan()
    assert planner.agenda.will_wish == ""


def test_flip_asks_for_the_opposite() -> None:
    planner = a_planner(ATTENTIVE, "flip", agenda=Agenda(wish="long", wished_at=2), turn=6)
    assert Act("change", "short") in planner.plan()
    assert (planner.agenda.wish, planner.agenda.wished_at, planner.agenda.changed) == (
        "short", 6, True,
    )  # fmt: skip


def test_the_uncooperative_tells_less_and_refuses_more() -> None:
    uncooperative = f"uncooperative,{ALL_OFF}"
    assert share("disclose", ATTENTIVE, uncooperative, agenda=TRUST) < 0.7
    assert share("refuse", Heard(question="why", takes_up=True), uncooperative) > 0.1
