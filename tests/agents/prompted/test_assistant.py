"""Prompted assistants: the deployed prompt to the letter, and a hint of the belief alone."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.node import ASSISTANT, Belief
from dialogues.rendering import conversation
from tests.agents.prompted.asking import Answer, Desk, assistant_brief, chat

TALK = ("I mend clocks.", "Which kind?", "Tall ones.")
BELIEF = Belief(facts=("mends clocks", "owns <two> dogs"), traits=("dry & brief",))
texts = st.text(min_size=1, max_size=12).filter(str.strip)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with Desk() as opened:
        yield opened


@pytest.mark.parametrize("role", ["plain", ""])
@pytest.mark.parametrize("system", ["", "Be kind."])
def test_without_a_hint_the_request_is_the_conversation_as_all_render_it(
    desk: Desk, role: str, system: str
) -> None:
    _, (call,) = desk.ask(ASSISTANT, assistant_brief(*TALK, role=role, system=system))
    assert call.messages == conversation(chat(*TALK), system)
    assert ("response_format" in call.body, call.body["seed"]) == (False, 7)


@given(st.lists(texts, min_size=1, max_size=5).filter(lambda said: len(said) % 2 == 1), texts)
def test_whatever_was_said_the_request_is_that_conversation(
    desk: Desk, said: list[str], system: str
) -> None:
    _, (call,) = desk.ask(ASSISTANT, assistant_brief(*said, system=system))
    assert call.messages == conversation(chat(*said), system)


@pytest.mark.parametrize("system", ["", "Be kind."])
def test_the_hint_comes_after_the_last_message_and_changes_nothing_before(
    desk: Desk, system: str
) -> None:
    plain = desk.asked(ASSISTANT, assistant_brief(*TALK, system=system))
    hinted = desk.asked(ASSISTANT, assistant_brief(*TALK, system=system, hint=BELIEF))
    assert hinted[:-1] == plain[:-1]
    assert hinted[-1].role == "user"
    assert hinted[-1].content.startswith(plain[-1].content + "\n\n<notes_on_the_user>")


def test_the_hint_lists_the_belief_and_nothing_else_of_anybody(desk: Desk) -> None:
    def hint(belief: Belief) -> str:
        asked = desk.asked(ASSISTANT, assistant_brief(*TALK, hint=belief))
        return asked[-1].content.removeprefix(TALK[-1])

    told = hint(BELIEF)
    for line in ("- mends clocks", "- owns &lt;two&gt; dogs", "- dry &amp; brief"):
        assert told.count(line) == 1
        told = told.replace(line, "- x")
    assert told == hint(Belief(facts=("x", "x"), traits=("x",)))


def test_a_belief_of_one_half_says_that_the_other_is_empty(desk: Desk) -> None:
    asked = desk.asked(ASSISTANT, assistant_brief(*TALK, hint=Belief(traits=("dry",))))
    assert "(none)" in asked[-1].content and "- dry" in asked[-1].content


@pytest.mark.parametrize("hint", [None, Belief()])
def test_an_empty_belief_is_no_hint(desk: Desk, hint: Belief | None) -> None:
    brief = assistant_brief(*TALK, role="hinted", hint=hint)
    assert desk.asked(ASSISTANT, brief) == desk.asked(ASSISTANT, assistant_brief(*TALK))


def test_the_deployed_prompt_holds_no_text_of_ours(desk: Desk) -> None:
    assert desk.seated(ASSISTANT, "hinted").prompt_hash
    assert desk.seated(ASSISTANT, "plain").prompt_hash == ""
    assert desk.seated(ASSISTANT).prompt_hash == ""


def test_reasoning_is_stored_apart_from_the_reply(desk: Desk) -> None:
    desk.says = ["<think>They like clocks.</think>\nDo they chime?"]
    reply, _ = desk.ask(ASSISTANT, assistant_brief(*TALK))
    assert (reply.text, reply.reasoning) == ("Do they chime?", "They like clocks.")


def test_a_reply_that_was_cut_is_marked(desk: Desk) -> None:
    desk.says = [Answer("Do they", finish_reason="length")]
    reply, _ = desk.ask(ASSISTANT, assistant_brief(*TALK))
    assert (reply.text, reply.usage.faults) == ("Do they", ("cut",))
