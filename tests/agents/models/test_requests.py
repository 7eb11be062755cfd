"""What is sent to a server, and how its plain answers are read."""

from typing import Any

import pytest
from pydantic import BaseModel

from agents.models.form import Form
from agents.models.settings import Sampling
from dialogues.node import Usage
from tests.agents.models.asking import HELLO, asked, completion, models_on
from tests.model_server import Answer, ModelServer


class Verdict(BaseModel):
    reason: str
    best: int = 0


FORM = Form(Verdict(reason="It is kind.", best=1))


async def test_an_answer_has_its_text_and_what_it_took() -> None:
    with ModelServer(lambda call: "Good day to you.") as server:
        answer = await asked(server)
    assert (answer.text, answer.reasoning) == ("Good day to you.", "")
    assert answer.usage == Usage(calls=1, prompt_tokens=4, completion_tokens=4)


async def test_space_around_the_text_is_dropped() -> None:
    with ModelServer(lambda call: "\n Hi.  \n") as server:
        assert (await asked(server)).text == "Hi."


@pytest.mark.parametrize(
    ("details", "cached"), [({"cached_tokens": 80}, 80), ({"cached_tokens": None}, 0), (None, 0)]
)
async def test_cached_tokens_are_told_beside_all_prompt_tokens(details: Any, cached: int) -> None:
    told = {"prompt_tokens": 100, "completion_tokens": 9, "total_tokens": 109}
    usage = told | {"prompt_tokens_details": details}
    with ModelServer(lambda call: Answer("Hi.", usage=usage)) as server:
        answer = await asked(server)
    expected = Usage(calls=1, prompt_tokens=100, cached_tokens=cached, completion_tokens=9)
    assert answer.usage == expected


async def test_messages_model_and_seed_arrive() -> None:
    with ModelServer(lambda call: "Hi.") as server:
        await asked(server, seed=2**31 - 1)
        (call,) = server.calls
    assert call.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello there!"},
    ]
    assert (call.body["model"], call.body["seed"]) == ("stub", 2**31 - 1)
    assert not call.body.get("stream")


async def test_a_long_history_with_every_alphabet_arrives_unchanged() -> None:
    text = "Zoë – 漢字 \U0001f44b \u2028 \x00 <|im_end|> \\ \"'"
    messages = [HELLO[0], *[HELLO[1]._replace(content=text * number) for number in range(1, 50)]]
    with ModelServer(lambda call: "Hi.") as server:
        await asked(server, messages=messages)
        (call,) = server.calls
    assert [message["content"] for message in call.messages] == [one.content for one in messages]


async def test_the_sampling_arrives() -> None:
    with ModelServer(lambda call: "Hi.") as server:
        await asked(server, sampling=Sampling(temperature=0.3, top_p=0.5, max_tokens=77))
        body = server.calls[0].body
    longest = body.get("max_tokens") or body.get("max_completion_tokens")
    assert (body["temperature"], body["top_p"], longest) == (0.3, 0.5, 77)


async def test_a_temperature_of_zero_arrives() -> None:
    with ModelServer(lambda call: "Hi.") as server:
        await asked(server, sampling=Sampling(temperature=0.0))
        assert server.calls[0].body["temperature"] == 0.0


async def test_sampling_that_is_null_is_not_sent() -> None:
    with ModelServer(lambda call: "Hi.") as server:
        await asked(server, sampling=Sampling(temperature=None, top_p=None, max_tokens=None))
        body = server.calls[0].body
    sampled = {"temperature", "top_p", "max_tokens", "max_completion_tokens"}
    assert not sampled & body.keys()


async def test_each_seat_is_sampled_as_it_says() -> None:
    with ModelServer(lambda call: "Hi.") as server:
        models = models_on(server)
        for seat in ("user", "inducer", "assistant", "judge"):
            await models.open("openai:stub", seat).ask(HELLO, 1)
        await models.close()
        assert [call.body["temperature"] for call in server.calls] == [0.9, 0.0, 0.8, 0.0]


async def test_a_form_is_sent_as_a_strict_schema() -> None:
    with ModelServer(lambda call: '{"reason": "x", "best": 2}') as server:
        answer = await asked(server, FORM)
        sent = server.calls[0].body["response_format"]
    assert answer.text == '{"reason": "x", "best": 2}'
    assert sent["type"] == "json_schema"
    assert sent["json_schema"]["name"] == "Verdict"
    assert sent["json_schema"]["strict"] is True
    assert sent["json_schema"]["schema"] == Verdict.model_json_schema()


async def test_without_a_form_no_schema_is_sent() -> None:
    with ModelServer(lambda call: "Hi.") as server:
        await asked(server)
        assert "response_format" not in server.calls[0].body


async def test_an_answer_of_text_parts_is_put_together() -> None:
    parts = [{"type": "text", "text": "Good "}, {"type": "text", "text": "day."}]
    raw = completion({"role": "assistant", "content": parts})
    with ModelServer(lambda call: Answer(raw=raw)) as server:
        assert (await asked(server)).text == "Good day."


async def test_a_completion_with_nothing_but_a_message_is_an_answer() -> None:
    raw = completion({"role": "assistant", "content": "Hi."})
    with ModelServer(lambda call: Answer(raw=raw)) as server:
        answer = await asked(server)
    assert (answer.text, answer.usage.estimated) == ("Hi.", 1)
