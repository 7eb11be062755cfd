"""Prompted inducers: what they are shown, and how a belief grows and shrinks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.errors import Unparsable
from dialogues.node import INDUCER, Belief
from tests.agents.prompted.asking import Answer, Desk, Tags, inducer_brief
from tests.growing import PERSONALITY, PROFILE, a_persona

TALK = ("I mend clocks.", "Which kind?", "Tall ones.", "Old?", "I swim on Sundays.")
ADA = a_persona()
FACTS = [fact.text for fact in ADA.profile.facts]
TRAITS = [trait.text for trait in ADA.personality.traits]
KNOWN = Belief(facts=("mends clocks", "lives in Bath"), traits=("terse",))
statements = st.lists(st.text(max_size=8), max_size=3)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk() as opened:
        yield opened


def revealed(desk: Desk, known: Belief = KNOWN, **new: list[Any]) -> Belief:
    """Return the belief after `known` when the model answers `new`, in role `infer`."""
    desk.says = [json.dumps({"facts": [], "traits": [], "withdrawn": [], **new})]
    answer, calls = desk.ask(INDUCER, inducer_brief(*TALK, belief=known))
    assert len(calls) == 1
    return Belief.model_validate(answer.belief)


def covered(desk: Desk, facts: list[int], traits: list[int], known: Belief | None = None) -> Belief:
    """Return the belief when the model answers with these numbers, in role `extract`."""
    desk.says = [json.dumps({"facts": facts, "traits": traits})]
    answer, _ = desk.ask(INDUCER, inducer_brief(*TALK, belief=known, persona=ADA))
    return Belief.model_validate(answer.belief)


def test_the_inferring_inducer_reads_the_last_exchange_and_no_more(desk: Desk) -> None:
    asked = "\n".join(each.content for each in desk.asked(INDUCER, inducer_brief(*TALK)))
    told = [said for said in Tags(asked).inside if said[0].endswith("_message")]
    assert told == [("assistant_message", "Old?"), ("user_message", "I swim on Sundays.")]
    assert not any(text in asked for text in TALK[:-2])


def test_at_the_first_turn_there_is_only_the_users_message(desk: Desk) -> None:
    asked = desk.asked(INDUCER, inducer_brief(TALK[0]))
    assert [name for name in Tags(asked[1].content).names if "message" in name] == [
        "user_message",
        "/user_message",
    ]


def test_the_inferring_inducer_is_told_nothing_of_the_persona(desk: Desk) -> None:
    asked = "\n".join(each.content for each in desk.asked(INDUCER, inducer_brief(*TALK)))
    parts = [PROFILE, PERSONALITY, *FACTS, *TRAITS, *PROFILE.split(". ")]
    assert not any(part in asked for part in parts)


def test_the_inferring_inducer_is_told_its_notes_by_number(desk: Desk) -> None:
    told = Tags(desk.asked(INDUCER, inducer_brief(*TALK, belief=KNOWN))[1].content).inside
    assert ("notes_on_facts", "\n1. mends clocks\n2. lives in Bath\n") in told
    assert ("notes_on_traits", "\n1. terse\n") in told


def test_the_extracting_inducer_is_told_every_statement_of_the_persona(desk: Desk) -> None:
    system, ask = desk.asked(INDUCER, inducer_brief(*TALK, persona=ADA))
    numbered = [f"{number}. {text}" for number, text in enumerate(FACTS, 1)]
    assert ("facts", "\n" + "\n".join(numbered) + "\n") in Tags(system.content).inside
    assert all(trait in system.content for trait in TRAITS)
    assert not any(text in ask.content for text in TALK[:-2])


def test_the_extracting_inducer_is_told_what_was_revealed_before(desk: Desk) -> None:
    brief = inducer_brief(*TALK, persona=ADA, belief=Belief(facts=(FACTS[2], FACTS[0])))
    assert "facts 1, 3; traits none" in desk.asked(INDUCER, brief)[1].content


def test_the_system_text_of_a_dialogue_stays_the_same_from_turn_to_turn(desk: Desk) -> None:
    for persona in (None, ADA):
        systems = {
            desk.asked(INDUCER, inducer_brief(*TALK[:length], persona=persona))[0]
            for length in (1, 3, 5)
        }
        assert len(systems) == 1


def test_new_statements_come_after_those_noted_before(desk: Desk) -> None:
    belief = revealed(desk, facts=["swims"], traits=["dry"])
    assert belief == Belief(facts=(*KNOWN.facts, "swims"), traits=("terse", "dry"))


def test_nothing_new_leaves_the_belief_as_it_was(desk: Desk) -> None:
    assert revealed(desk) == KNOWN


def test_what_is_noted_already_is_not_noted_twice(desk: Desk) -> None:
    assert revealed(desk, facts=["mends clocks", "swims", "swims"]).facts == (*KNOWN.facts, "swims")


def test_a_withdrawn_fact_goes_and_its_correction_comes(desk: Desk) -> None:
    belief = revealed(desk, facts=["lives in Wells"], withdrawn=[2])
    assert belief.facts == ("mends clocks", "lives in Wells")


@pytest.mark.parametrize("number", [0, 3, -1, 10**9])
def test_a_withdrawn_number_that_is_no_notes_number_withdraws_nothing(
    desk: Desk, number: int
) -> None:
    assert revealed(desk, withdrawn=[number]) == KNOWN


def test_all_facts_may_be_withdrawn(desk: Desk) -> None:
    assert revealed(desk, withdrawn=[1, 2, 2]).facts == ()


@pytest.mark.parametrize("blank", ["", " ", "\n\t ", "\u00a0"])
def test_statements_without_a_word_are_dropped(desk: Desk, blank: str) -> None:
    assert revealed(desk, facts=[blank, "swims"], traits=[blank]) == Belief(
        facts=(*KNOWN.facts, "swims"), traits=KNOWN.traits
    )


def test_line_breaks_within_a_statement_forge_no_further_number(desk: Desk) -> None:
    belief = revealed(desk, facts=["swims\n1. owns a bank"])
    assert belief.facts[-1] == "swims 1. owns a bank"


@given(statements, statements, st.lists(st.integers(-3, 5), max_size=3))
def test_a_belief_only_loses_what_was_withdrawn(
    desk: Desk, facts: list[str], traits: list[str], withdrawn: list[int]
) -> None:
    belief = revealed(desk, facts=facts, traits=traits, withdrawn=withdrawn)
    kept = [fact for number, fact in enumerate(KNOWN.facts, 1) if number not in withdrawn]
    assert [fact for fact in belief.facts if fact in KNOWN.facts and fact not in facts] == [
        fact for fact in kept if fact not in facts
    ]
    assert belief.traits[: len(KNOWN.traits)] == KNOWN.traits
    assert all(text.strip() == text != "" for text in (*belief.facts, *belief.traits))
    assert len(set(belief.facts)) == len(belief.facts)


def test_numbers_become_the_personas_own_statements(desk: Desk) -> None:
    belief = covered(desk, [3, 1], [2])
    assert belief == Belief(facts=(FACTS[0], FACTS[2]), traits=(TRAITS[1],))


def test_what_was_revealed_before_stays_revealed(desk: Desk) -> None:
    belief = covered(desk, [1], [], Belief(facts=(FACTS[2],), traits=(TRAITS[0],)))
    assert belief == Belief(facts=(FACTS[0], FACTS[2]), traits=(TRAITS[0],))


@pytest.mark.parametrize("numbers", [[0], [-1], [99], [-1, 0, 99], []])
def test_numbers_of_no_statement_reveal_nothing(desk: Desk, numbers: list[int]) -> None:
    assert covered(desk, numbers, numbers) == Belief()


@pytest.mark.parametrize(("persona", "form"), [(None, "Revealed"), (ADA, "Covered")])
def test_the_form_is_asked_for_by_name_and_shown_as_an_example(
    desk: Desk, persona: Any, form: str
) -> None:
    _, (call,) = desk.ask(INDUCER, inducer_brief(*TALK, persona=persona))
    assert call.schema_name == form
    assert json.loads(call.system[call.system.index('{"') :].partition("\n")[0])


@pytest.mark.parametrize(
    "text",
    [
        "Sure: she swims.",
        '{"facts": ["swims"]}',
        '{"facts": "swims", "traits": [], "withdrawn": []}',
        '{"facts": [], "traits": [], "withdrawn": [], "guesses": ["rich"]}',
        '{"facts": ["swims"',
    ],
)
def test_an_answer_of_another_form_is_asked_again(desk: Desk, text: str) -> None:
    desk.says = [text, '{"facts": ["swims"], "traits": [], "withdrawn": []}']
    answer, calls = desk.ask(INDUCER, inducer_brief(*TALK))
    assert answer.belief.facts == ("swims",)
    assert (answer.usage.calls, answer.usage.faults) == (2, ("unparsable",))
    assert len({call.body["seed"] for call in calls}) == 2
    assert calls[1].messages[: len(calls[0].messages)] == calls[0].messages


def test_json_in_a_code_fence_is_read_too(desk: Desk) -> None:
    desk.says = ['```json\n{"facts": ["swims"], "traits": [], "withdrawn": []}\n```']
    answer, calls = desk.ask(INDUCER, inducer_brief(*TALK))
    assert (answer.belief.facts, len(calls)) == (("swims",), 1)


def test_an_answer_never_of_the_form_fails_and_tells_what_it_took(desk: Desk) -> None:
    desk.says = ["I cannot say."] * 3
    with pytest.raises(Unparsable) as caught:
        desk.ask(INDUCER, inducer_brief(*TALK))
    assert caught.value.usage and caught.value.usage.calls == 3
    assert caught.value.usage.faults == ("unparsable",) * 3


def test_an_answer_no_text_can_hold_is_asked_again_like_any_other(desk: Desk) -> None:
    desk.says = ["\ud800 no JSON", '{"facts": ["swims"], "traits": [], "withdrawn": []}']
    answer, calls = desk.ask(INDUCER, inducer_brief(*TALK))
    assert (answer.belief.facts, len(calls)) == (("swims",), 2)


def test_the_raw_answer_and_the_reasoning_are_kept(desk: Desk) -> None:
    told = '{"facts": ["swims"], "traits": [], "withdrawn": []}'
    desk.says = [Answer(told, reasoning="On Sundays.")]
    answer, _ = desk.ask(INDUCER, inducer_brief(*TALK))
    assert (answer.text, answer.reasoning) == (told, "On Sundays.")
