"""What prompted assistants say they hold of their user, and from what they say it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agents.casting import ROLES
from agents.models.errors import Unparsable
from agents.prompted.prompts import load_prompts
from agents.seats import Induction
from dialogues.node import ASSISTANT, Belief
from tests.agents.prompted.asking import Call, Desk, Tags, assistant_brief, messages
from tests.growing import PERSONALITY, PROFILE, a_persona

TALK = ("I mend clocks.", "Which kind?", "Tall ones.", "Old?", "Some. I swim, too.")
LONG = tuple(text for turn in range(9) for text in (f"Bees {turn}.", f"Yes {turn}?"))
HELD = json.dumps({"facts": ["mends clocks", " mends\nclocks", ""], "traits": ["dry <& brief>"]})
REVEALED = json.dumps({"facts": ["swims"], "traits": [], "withdrawn": []})


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with Desk() as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    yield opened
    assert opened.says == []


def believed(desk: Desk, role: str, *said: str, **other: Any) -> tuple[Induction, list[Call]]:
    """Return what an assistant in a role says it holds, and the calls that took."""
    brief = assistant_brief(*(said or TALK), role=role, **other)
    before = len(desk.server.calls)
    told = desk.wait_for(desk.seated(ASSISTANT, role).agent.believe(brief))
    return told, desk.server.calls[before:]


@pytest.mark.parametrize("role", [role for role in ROLES[ASSISTANT] if role != "induce"])
def test_the_belief_is_what_the_model_answers(desk: Desk, role: str) -> None:
    desk.says = [HELD]
    told, calls = believed(desk, role, persona=a_persona())
    assert told.belief == Belief(facts=("mends clocks",), traits=("dry <& brief>",))
    assert (told.text, len(calls), told.usage and told.usage.calls) == (HELD, 1, 1)
    assert told.notes == {"prompt_hash": load_prompts()["probe"].hash}


@pytest.mark.parametrize("role", ["plain", "concise", "reminder", "cot", "self-critic", ""])
def test_the_whole_history_comes_before_the_question(desk: Desk, role: str) -> None:
    _, (call,) = believed(desk, role, system="Be kind.")
    brief = assistant_brief(*TALK, system="Be kind.")
    plain = desk.asked(ASSISTANT, brief)
    assert messages(call)[:-1] == plain[:-1]
    question = load_prompts()["probe"].fill("ask", example=EXAMPLE)
    assert call.last == f"{plain[-1].content}\n\n{question}"


EXAMPLE = '{"facts":["keeps bees"],"traits":["likes dry jokes"]}'


def test_each_role_has_the_view_that_it_replies_from(desk: Desk) -> None:
    _, (amnesic,) = believed(desk, "amnesic")
    assert len(amnesic.messages) == 1 and amnesic.last.startswith(TALK[-1])
    _, (oracle,) = believed(desk, "oracle", persona=a_persona())
    assert ("profile", PROFILE) in Tags(oracle.last).inside
    assert ("personality", PERSONALITY) in Tags(oracle.last).inside
    _, (hinted,) = believed(desk, "hinted", hint=Belief(facts=("owns a boat",)))
    assert "- owns a boat" in hinted.last
    _, (rag,) = believed(desk, "rag", *LONG)
    assert len(rag.messages) == 3
    assert [name for name, _ in Tags(rag.last).inside].count("user_message") == 4


def test_the_inducing_assistant_holds_its_belief_when_it_is_asked(desk: Desk) -> None:
    desk.says = [REVEALED, HELD]
    told, (_, asked) = believed(desk, "induce")
    assert "- swims" in asked.last
    assert told.belief.facts == ("mends clocks",) and told.usage and told.usage.calls == 2


@pytest.mark.parametrize("role", ["plain", "amnesic", "rag"])
def test_its_own_last_reply_tells_it_nothing_of_the_user(desk: Desk, role: str) -> None:
    _, (before,) = believed(desk, role)
    _, (after,) = believed(desk, role, *TALK, "How far do you swim?")
    assert after.messages == before.messages


@pytest.mark.parametrize("said", ["Nothing.", "{}", '{"facts": []}', '{"facts": 1, "traits": []}'])
def test_what_is_no_belief_fails_and_is_not_an_empty_one(desk: Desk, said: str) -> None:
    desk.says = [said] * 3
    with pytest.raises(Unparsable) as caught:
        believed(desk, "plain")
    assert caught.value.usage and caught.value.usage.calls == 3


def test_an_assistant_may_say_that_it_holds_nothing(desk: Desk) -> None:
    desk.says = ['{"facts": [], "traits": []}']
    assert believed(desk, "plain")[0].belief == Belief()
