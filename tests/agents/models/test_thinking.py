"""Splitting reasoning off the answer, and what is no answer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.errors import Refused, TruncatedReasoning
from agents.models.model import CUT, answer_of
from agents.seats import AgentError, EmptyReply
from dialogues.node import Usage
from tests.agents.models.asking import asked, completion, failed
from tests.agents.models.test_requests import FORM
from tests.model_server import Answer, ModelServer

PLAIN = st.text(alphabet=st.characters(exclude_characters="<>\0", exclude_categories=["Cs"]))
USED = {"prompt_tokens": 50, "completion_tokens": 20, "total_tokens": 70}
SPENT = Usage(calls=1, prompt_tokens=50, completion_tokens=20)


async def said(answer: Answer) -> tuple[str, str]:
    with ModelServer(lambda call: answer) as server:
        heard = await asked(server)
    return heard.text, heard.reasoning


async def error_of(answer: Answer, **options: object) -> AgentError:
    with ModelServer(lambda call: answer) as server:
        error = await failed(server, **options)
        assert len(server.calls) == 1
    assert isinstance(error, AgentError)
    return error


async def test_reasoning_beside_the_text_is_kept_apart() -> None:
    assert await said(Answer("Hi.", reasoning="A greeting.")) == ("Hi.", "A greeting.")


async def test_reasoning_under_its_other_name_is_kept_apart() -> None:
    raw = completion({"role": "assistant", "content": "Hi.", "reasoning": "A greeting."})
    assert await said(Answer(raw=raw)) == ("Hi.", "A greeting.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<think>A greeting.</think>Hi.", ("Hi.", "A greeting.")),
        ("\n<think>\nA greeting.\n</think>\n\nHi.\n", ("Hi.", "A greeting.")),
        ("<think>\n\n</think>\n\nHi.", ("Hi.", "")),
        ("A greeting.\n</think>\nHi.", ("Hi.", "A greeting.")),
        ("I think <b>not</b>.", ("I think <b>not</b>.", "")),
    ],
)
async def test_reasoning_in_tags_is_split_off(text: str, expected: tuple[str, str]) -> None:
    heard = await said(Answer(text))
    assert (heard[0], heard[1].replace("\n", "")) == expected


async def test_no_tag_is_left_in_reasoning_that_began_twice() -> None:
    assert await said(Answer("<think>One.</think><think>Two.</think>Hi.")) == ("Hi.", "One.\nTwo.")


@given(thought=PLAIN, text=PLAIN.filter(str.strip))
@pytest.mark.parametrize("opening", ["<think>", "\n<think>", ""])
def test_any_thought_and_any_text_come_apart(opening: str, thought: str, text: str) -> None:
    answer = answer_of(f"{opening}{thought}</think>{text}", "", "stop", Usage())
    assert (answer.text, answer.reasoning) == (text.strip(), thought.strip())


@given(text=PLAIN.filter(str.strip), thought=PLAIN)
def test_without_tags_nothing_is_split(text: str, thought: str) -> None:
    answer = answer_of(text, thought, "stop", SPENT)
    assert (answer.text, answer.reasoning, answer.usage) == (text.strip(), thought, SPENT)


@pytest.mark.parametrize("finish", ["length", "stop"])
@pytest.mark.parametrize("text", ["<think>I wonder", " \n<think>"])
async def test_thoughts_that_do_not_end_are_no_answer(text: str, finish: str) -> None:
    error = await error_of(Answer(text, finish, usage=USED))
    assert isinstance(error, TruncatedReasoning)
    assert "max_tokens" in str(error)
    assert error.usage == SPENT


@pytest.mark.parametrize("text", [None, "", "  "])
async def test_reasoning_that_took_the_whole_length_is_no_answer(text: str | None) -> None:
    error = await error_of(Answer(text, "length", reasoning="I wonder", usage=USED))
    assert isinstance(error, TruncatedReasoning)
    assert error.usage == SPENT


async def test_tagged_reasoning_that_took_the_whole_length_is_no_answer() -> None:
    error = await error_of(Answer("<think>I wonder.</think>", "length"))
    assert isinstance(error, TruncatedReasoning)


async def test_thoughts_begun_again_and_not_ended_are_no_answer() -> None:
    error = await error_of(Answer("<think>One.</think>\n<think>Two, for", "length"))
    assert isinstance(error, TruncatedReasoning)


async def test_a_text_cut_by_the_length_limit_is_an_answer_with_a_fault() -> None:
    with ModelServer(lambda call: Answer("I was about to", "length", usage=USED)) as server:
        answer = await asked(server)
    assert answer.text == "I was about to"
    assert answer.usage == SPENT + Usage(faults=(CUT,))


async def test_a_text_cut_after_its_reasoning_is_an_answer_with_a_fault() -> None:
    with ModelServer(lambda call: Answer("<think>Hm.</think>I was", "length")) as server:
        answer = await asked(server)
    assert (answer.text, answer.usage.faults) == ("I was", (CUT,))


@pytest.mark.parametrize("text", [None, "", "half an ans"])
async def test_what_the_filter_held_back_is_refused(text: str | None) -> None:
    error = await error_of(Answer(text, "content_filter", usage=USED))
    assert isinstance(error, Refused)
    assert error.usage == SPENT


async def test_what_no_database_stores_is_replaced() -> None:
    raw = completion({"role": "assistant", "content": "a\0b\ud800c", "reasoning": "d\0e"})
    text, reasoning = await said(Answer(raw=raw))
    assert (text.encode(), reasoning) == ("a\ufffdb?c".encode(), "d\ufffde")


async def test_a_refusal_is_refused_in_its_own_words() -> None:
    error = await error_of(Answer(None, refusal="I will not judge people.", usage=USED))
    assert isinstance(error, Refused)
    assert str(error) == "I will not judge people."
    assert error.usage == SPENT


async def test_a_refusal_of_a_form_is_refused() -> None:
    error = await error_of(Answer(None, refusal="No.", usage=USED), form=FORM)
    assert (type(error), error.usage) == (Refused, SPENT)


@pytest.mark.parametrize("text", [None, "", " \n", "<think>Hm.</think>", "</think>  "])
async def test_no_text_is_an_empty_reply(text: str | None) -> None:
    error = await error_of(Answer(text, usage=USED))
    assert (type(error), error.usage) == (EmptyReply, SPENT)


async def test_a_form_cut_by_the_length_limit_is_not_asked_again_by_the_transport() -> None:
    with ModelServer(lambda call: Answer('{"reason": "x', "length", usage=USED)) as server:
        answer = await asked(server, FORM)
        assert len(server.calls) == 1
    assert answer.usage == SPENT + Usage(faults=(CUT,))


async def test_reasoning_cut_before_a_form_is_truncated_reasoning() -> None:
    error = await error_of(Answer(None, "length", reasoning="Hm", usage=USED), form=FORM)
    assert (type(error), error.usage) == (TruncatedReasoning, SPENT)


async def test_a_form_the_filter_held_back_is_refused() -> None:
    error = await error_of(Answer(None, "content_filter", usage=USED), form=FORM)
    assert (type(error), error.usage) == (Refused, SPENT)
