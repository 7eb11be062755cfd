"""Asking for an answer of a form, until it has it or is given up."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.errors import Refused, ServerFailed, Unparsable
from agents.models.form import UNPARSABLE, Form, ask_all, ask_for
from agents.models.model import Answer as Said
from agents.seats import AgentError, EmptyReply
from dialogues.hashing import derived_seed
from dialogues.node import Usage
from tests.agents.models.asking import HELLO, models_on
from tests.agents.models.test_requests import FORM, Verdict
from tests.model_server import Answer, Call, ModelServer, problem

GOOD = '{"reason": "Warm.", "best": 2}'
TOLD = {"prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13}
ONE = Usage(calls=1, prompt_tokens=10, completion_tokens=3)


def saying(*texts: str | Answer) -> Callable[[Call], Answer]:
    """Answer with these in turn, the last one for ever, at 10 and 3 tokens each."""

    def answer(call: Call) -> Answer:
        said = texts[min(call.number, len(texts) - 1)]
        return Answer(said, usage=TOLD) if isinstance(said, str) else said

    return answer


async def read(server: ModelServer, form: Form[Any] = FORM, times: int = 1) -> tuple[Any, Said]:
    """Ask for a form, as often as told; return the last value and answer."""
    models = models_on(server)
    model = models.open("openai:stub")
    try:
        for _ in range(times):
            value, answer = await ask_for(model, HELLO, 7, form)
    finally:
        await models.close()
    return value, answer


async def error_of(server: ModelServer, form: Form[Any] = FORM) -> AgentError:
    with pytest.raises(AgentError) as caught:
        await read(server, form)
    return caught.value


async def test_what_is_right_at_once_is_asked_once() -> None:
    with ModelServer(saying(GOOD)) as server:
        value, answer = await read(server)
        assert len(server.calls) == 1
    assert value == Verdict(reason="Warm.", best=2)
    assert (answer.text, answer.usage) == (GOOD, ONE)


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Here you are:\n\n```json\n{GOOD}\n```\nI hope this helps.",
        f"\n  {GOOD}\n",
        '{"reason": "Warm.",\n "best": 2}',
        '{"best": "2", "reason": "Warm.", "more": []}',
    ],
)
async def test_json_is_found_in_its_wrapping(text: str) -> None:
    with ModelServer(saying(text)) as server:
        value, answer = await read(server)
        assert len(server.calls) == 1
    assert value == Verdict(reason="Warm.", best=2)
    assert answer.usage.faults == ()


async def test_prose_is_asked_again_and_both_calls_are_counted() -> None:
    with ModelServer(saying("Number two is warm.", GOOD)) as server:
        value, answer = await read(server)
        first, second = server.calls
    assert value.best == 2
    assert answer.text == GOOD
    assert answer.usage == ONE + Usage(faults=(UNPARSABLE,)) + ONE
    assert [message["role"] for message in second.messages] == [
        *["system", "user", "assistant", "user"]
    ]
    assert second.messages[:2] == first.messages
    assert second.messages[2]["content"] == "Number two is warm."
    assert second.last == FORM.again


async def test_each_attempt_has_a_seed_of_its_own() -> None:
    with ModelServer(saying("One.", "Two.", GOOD)) as server:
        await read(server)
        seeds = [call.body["seed"] for call in server.calls]
    assert seeds == [7, derived_seed(7, "again", "1"), derived_seed(7, "again", "2")]
    assert len(set(seeds)) == 3


async def test_the_last_wrong_answer_alone_is_quoted_and_not_at_any_length() -> None:
    with ModelServer(saying("One.", "Two." * 1000, GOOD)) as server:
        await read(server)
        last = server.calls[2]
    assert len(last.messages) == 4
    assert last.messages[2]["content"] == ("Two." * 1000)[:1500]


@pytest.mark.parametrize(
    "text",
    [
        "I cannot say.",
        '{"best": 2}',
        '{"reason": 5}',
        '["Warm.", 2]',
        '"Warm."',
        "null",
        "{}",
        "{" * 50,
        '{"reason": "Warm.", "best": "second"}',
        '{"reason": "Warm.", "best": NaN}',
        "```json\n```",
    ],
)
async def test_what_is_wrong_thrice_is_unparsable(text: str) -> None:
    with ModelServer(saying(text)) as server:
        error = await error_of(server)
        assert len(server.calls) == 3
    assert type(error) is Unparsable
    assert error.usage == Usage(
        calls=3, prompt_tokens=30, completion_tokens=9, faults=(UNPARSABLE,) * 3
    )


async def test_a_check_may_turn_down_what_has_the_form() -> None:
    def check(verdict: Verdict) -> None:
        if verdict.best != 1:
            raise ValueError("only number 1 is there")

    form = Form(FORM.example, check, "There is only number 1.")
    with ModelServer(saying(GOOD, '{"reason": "Kind.", "best": 1}')) as server:
        value, answer = await read(server, form)
        assert server.calls[1].last == "There is only number 1."
    assert value.reason == "Kind."
    assert answer.usage.faults == (UNPARSABLE,)


async def test_json_cut_off_in_the_middle_is_not_taken_for_whole() -> None:
    with ModelServer(saying('{"best": 2, "reason": "Wa', GOOD)) as server:
        value, _ = await read(server)
    assert value.reason == "Warm."


@pytest.mark.parametrize("text", ["[" * 100_000, '{"reason": ' * 100_000])
async def test_json_nested_without_end_is_unparsable(text: str) -> None:
    with ModelServer(saying(text)) as server:
        assert type(await error_of(server)) is Unparsable


@pytest.mark.parametrize(
    ("fault", "kind", "spent"),
    [
        (Answer(None, refusal="No.", usage=TOLD), Refused, ONE),
        (Answer("", usage=TOLD), EmptyReply, ONE),
        (problem(500, "Oops."), ServerFailed, Usage()),
    ],
)
async def test_an_error_at_the_second_attempt_tells_what_both_took(
    fault: Answer, kind: type[AgentError], spent: Usage
) -> None:
    with ModelServer(saying("Prose.", fault)) as server:
        error = await error_of(server)
    assert type(error) is kind
    assert error.usage == ONE + Usage(faults=(UNPARSABLE,)) + spent


@pytest.mark.filterwarnings("ignore:openai.stub at")
async def test_a_server_without_schemas_is_asked_in_words_and_that_is_remembered() -> None:
    with ModelServer(saying(GOOD), structured=False) as server:
        value, answer = await read(server, times=3)
        structured = ["response_format" in call.body for call in server.calls]
    assert (value.best, answer.usage) == (2, ONE)
    assert structured == [True, False, False, False]


async def test_that_no_more_schemas_are_sent_is_told_once_and_in_one_line() -> None:
    with (
        ModelServer(saying(GOOD), structured=False) as server,
        pytest.warns(UserWarning) as warned,
    ):
        await read(server, times=3)
    (told,) = (str(one.message) for one in warned)
    assert told.startswith(f"openai:stub at {server.url} takes no JSON schema")
    assert "\n" not in told


@pytest.mark.parametrize("said", ["The response was filtered.", "openai:stub: bad request"])
async def test_a_rejection_for_another_reason_does_not_cost_the_schemas(said: str) -> None:
    def answer(call: Call) -> str | Answer:
        return GOOD if call.number else problem(400, said, "content_filter")

    with ModelServer(answer) as server:
        await read(server, times=2)
        structured = ["response_format" in call.body for call in server.calls]
    assert structured == [True, False, True]


async def test_a_request_that_is_wrong_in_itself_does_not_cost_the_schemas() -> None:
    def answer(call: Call) -> str | Answer:
        return GOOD if call.number > 1 else problem(400, "no such role")

    with ModelServer(answer) as server:
        models = models_on(server)
        model = models.open("openai:stub")
        with pytest.raises(AgentError, match="no such role"):
            await ask_for(model, HELLO, 7, FORM)
        await ask_for(model, HELLO, 7, FORM)
        await models.close()
        assert ["response_format" in call.body for call in server.calls] == [True, False, True]


async def test_an_error_that_may_pass_does_not_cost_the_schemas() -> None:

    def answer(call: Call) -> str | Answer:
        return problem(409, "Try later.") if call.number < 2 else GOOD

    with ModelServer(answer) as server:
        models = models_on(server)
        model = models.open("openai:stub")
        with suppress(AgentError):
            await ask_for(model, HELLO, 7, FORM)
        await ask_for(model, HELLO, 7, FORM)
        await models.close()
        assert "response_format" in server.calls[-1].body


async def test_all_are_asked_at_once_and_answered_in_order() -> None:
    def answer(call: Call) -> Answer:
        number = int(call.last)
        return Answer(json.dumps({"reason": "x", "best": number}), delay=0.2 - number / 20)

    with ModelServer(answer) as server:
        models = models_on(server)
        model = models.open("openai:stub")
        asked = [HELLO[1]._replace(content=str(number)) for number in range(4)]
        heard = await ask_all(ask_for(model, [one], 7, FORM) for one in asked)
        await models.close()
        assert server.peak == 4
    assert [value.best for value, _ in heard] == [0, 1, 2, 3]


@pytest.mark.parametrize("bad", [["no"], ["no", "no"]])
async def test_when_one_of_several_fails_its_error_tells_what_all_took(bad: list[str]) -> None:
    def answer(call: Call) -> Answer:
        refusal = "No." if "no" in call.last else None
        return Answer(None if refusal else GOOD, refusal=refusal, usage=TOLD, delay=0.05)

    with ModelServer(answer) as server:
        models = models_on(server)
        model = models.open("openai:stub")
        asked = [HELLO[1]._replace(content=text) for text in ("yes", *bad)]
        with pytest.raises(Refused) as caught:
            await ask_all([ask_for(model, [one], 7, FORM) for one in asked])
        await models.close()
    calls = 1 + len(bad)
    assert caught.value.usage == Usage(
        calls=calls, prompt_tokens=10 * calls, completion_tokens=3 * calls
    )


@given(
    reason=st.text(st.characters(exclude_categories=["Cs"])),
    best=st.integers(-(2**53), 2**53),
    before=st.sampled_from(["", "Sure!\n", "I think:\n\n"]),
    ascii_only=st.booleans(),
)
def test_any_value_is_read_from_its_json(
    reason: str, best: int, before: str, ascii_only: bool
) -> None:
    text = json.dumps({"reason": reason, "best": best}, ensure_ascii=ascii_only)
    if before:
        text = f"{before}```json\n{text}\n```"
    if "```" not in reason:
        assert FORM.read(text) == Verdict(reason=reason, best=best)


@given(st.text(max_size=200))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert isinstance(FORM.read(text), Verdict)
