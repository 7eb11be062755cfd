"""The model server, met by the real client of OpenAI."""

import json
import socket
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion
from pydantic import BaseModel

from tests.model_server import Answer, Call, ModelServer, play, problem

PLAYING = {"role": "system", "content": "You are playing Ada Quill."}


def client(server: ModelServer, key: str = "sk-right", timeout: float = 10) -> OpenAI:
    return OpenAI(base_url=server.url, api_key=key, timeout=timeout, max_retries=0)


def ask(server: ModelServer, text: str = "Hello there!", **options: Any) -> ChatCompletion:
    with client(server, options.pop("key", "sk-right"), options.pop("timeout", 10)) as openai:
        messages = options.pop("messages", None) or [{"role": "user", "content": text}]
        options.setdefault("model", "stub")
        done: ChatCompletion = openai.chat.completions.create(messages=messages, **options)
        return done


def told(messages: Iterable[dict[str, str]], schema: str = "", **body: Any) -> str:
    """Return what `play` says to these messages."""
    if schema:
        body["response_format"] = {"type": "json_schema", "json_schema": {"name": schema}}
    return play(Call(0, {"model": "stub", "messages": list(messages), **body}, {}, 0.0))


def says(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_an_answer_arrives_whole_and_the_call_is_recorded() -> None:
    with ModelServer(lambda call: Answer("Hi, \ud800!", "length", "It greets me.")) as server:
        done = ask(server, messages=[PLAYING, says("Hello there!")], seed=7)
        (call,) = server.calls
    choice = done.choices[0]
    assert (choice.message.content, choice.finish_reason) == ("Hi, \ud800!", "length")
    assert choice.message.model_extra == {"reasoning_content": "It greets me."}
    assert done.usage and (done.usage.prompt_tokens, done.usage.completion_tokens) == (7, 2)
    assert (call.number, call.seat, call.body["seed"]) == (0, "user", 7)
    assert (call.system, call.last) == (PLAYING["content"], "Hello there!")
    assert call.headers["authorization"] == "Bearer sk-right"


def test_usage_is_left_out_or_given() -> None:
    usage = {"prompt_tokens": 5, "completion_tokens": 6, "total_tokens": 11}
    with ModelServer(lambda call: Answer("x", usage=usage if call.number else None)) as server:
        assert ask(server).usage is None
        assert (given := ask(server).usage) and given.total_tokens == 11


def test_a_wrong_key_is_turned_away() -> None:
    with ModelServer(key="sk-right") as server:
        with pytest.raises(openai.AuthenticationError, match="Incorrect API key") as caught:
            ask(server, key="sk-wrong")
        assert caught.value.code == "invalid_api_key"
        with client(server, "sk-wrong") as wrong, pytest.raises(openai.AuthenticationError):
            wrong.models.list()
        with client(server) as right:
            assert [model.id for model in right.models.list()] == ["stub"]
        assert ask(server).choices[0].message.content


def test_an_unknown_model_and_a_missing_list_are_not_found() -> None:
    with ModelServer(models=["one", "two"], listing=False) as server:
        assert ask(server, model="two").model == "two"
        with pytest.raises(openai.NotFoundError) as caught:
            ask(server, model="three")
        assert caught.value.code == "model_not_found"
        with client(server) as listing, pytest.raises(openai.NotFoundError):
            listing.models.list()


def test_a_reset_is_a_reset() -> None:
    with ModelServer(lambda call: Answer(reset=True)) as server:
        with pytest.raises(openai.APIConnectionError):
            ask(server)
        host, port = server.url.split("/")[2].split(":")
        with socket.create_connection((host, int(port)), timeout=10) as raw:
            body = b'{"messages": [{}]}'
            head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
            raw.sendall(head % len(body) + body)
            with pytest.raises(ConnectionResetError):
                raw.recv(1)
        assert len(server.calls) == 2


def test_a_client_that_hangs_up_is_no_longer_in_flight() -> None:
    with ModelServer(lambda call: Answer(hang=True)) as server:
        with pytest.raises(openai.APITimeoutError):
            ask(server, timeout=0.1)
        ends = time.monotonic() + 5
        while server.in_flight and time.monotonic() < ends:
            time.sleep(0.01)
        assert (server.in_flight, server.peak) == (0, 1)


def test_leaving_is_fast_though_calls_hang() -> None:
    started = threading.Event()

    def hang(call: Call) -> Answer:
        started.set()
        return Answer(hang=True)

    with ThreadPoolExecutor(1) as pool:
        with ModelServer(hang) as server:
            waiting = pool.submit(ask, server)
            assert started.wait(5)
            left = time.monotonic()
        assert time.monotonic() - left < 1
        assert isinstance(waiting.exception(5), openai.APIConnectionError)
    assert not [thread for thread in threading.enumerate() if thread.name == "model server"]


def test_a_truncated_body_arrives_as_it_is() -> None:
    cut = b'{"id": "x", "object": "chat.compl'
    with ModelServer(lambda call: Answer(raw=cut)) as server:
        with pytest.raises(json.JSONDecodeError):
            ask(server)
        with client(server) as openai:
            raw = openai.chat.completions.with_raw_response.create(
                model="stub", messages=[{"role": "user", "content": "Hello"}]
            )
        assert raw.content == cut


class Ranking(BaseModel):
    reason: str
    ranking: list[str]


def test_a_structured_answer_is_given_or_refused_or_not_supported() -> None:
    asked: Any = [says('<reply label="A">Hm.</reply>\n<reply label="B">A fuller reply.</reply>')]

    def parsed(server: ModelServer) -> Any:
        with client(server) as openai:
            return (
                openai.chat.completions.parse(model="stub", messages=asked, response_format=Ranking)
                .choices[0]
                .message
            )

    with ModelServer() as server:
        assert parsed(server).parsed.ranking == ["B", "A"]
        assert (server.calls[0].schema_name, server.calls[0].seat) == ("Ranking", "judge")
    with ModelServer(lambda call: Answer(refusal="I will not judge.")) as server:
        assert (parsed(server).refusal, parsed(server).parsed) == ("I will not judge.", None)
    with (
        ModelServer(structured=False) as server,
        pytest.raises(openai.BadRequestError, match="response_format is not supported"),
    ):
        parsed(server)


def test_a_prompt_longer_than_the_context_is_turned_away() -> None:
    with ModelServer(context=5) as server:
        assert ask(server, "one two three four five")
        with pytest.raises(openai.BadRequestError, match="maximum context length is 5") as caught:
            ask(server, "one two three four five six")
        assert caught.value.code == "context_length_exceeded"


def test_errors_carry_their_status_and_headers() -> None:
    busy = Answer(status=429, error={"error": {"message": "Slow."}}, headers={"Retry-After": "3"})
    with ModelServer(lambda call: problem(503, "Down.") if call.number else busy) as server:
        with pytest.raises(openai.RateLimitError, match="Slow") as caught:
            ask(server)
        assert caught.value.response.headers["retry-after"] == "3"
        with pytest.raises(openai.InternalServerError, match="Down"):
            ask(server)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"messages": []}', b'{"messages": ["x"]}', b"\xff"]
)
def test_what_is_no_request_is_turned_away(body: bytes) -> None:
    with ModelServer() as server:
        answered = httpx.post(f"{server.url}/chat/completions", content=body)
        assert (answered.status_code, server.calls) == (400, [])


def test_the_peak_counts_the_calls_in_flight_at_once() -> None:
    with ModelServer(lambda call: "x", latency=0.3) as server, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: ask(server), range(8)))
        assert (server.peak, server.in_flight, len(server.calls)) == (8, 0, 8)
        assert [call.number for call in server.calls] == list(range(8))


def test_what_answer_raises_is_raised_on_leaving() -> None:
    def broken(call: Call) -> str:
        raise ValueError("mistake in a test")

    with (
        pytest.raises(ValueError, match="mistake in a test"),
        ModelServer(broken) as server,
        pytest.raises(openai.InternalServerError),
    ):
        ask(server)


def test_play_answers_the_same_request_always_the_same() -> None:
    with ModelServer() as one, ModelServer() as two:
        for messages in ([says("I fed the cat.")], [PLAYING, says("What did you do?")]):
            assert ask(one, messages=messages, seed=1) == ask(two, messages=messages, seed=1)
    replies = {told([says("I fed the cat.")], seed=seed) for seed in range(20)}
    assert len(replies) > 3 and all("I fed the cat" in reply for reply in replies)


def test_play_ranks_by_the_replies_and_not_by_their_places() -> None:
    replies = ["Yes.", "A long reply\nof two lines.", "No!!"]
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        lines = zip("ABC", (replies[place] for place in order), strict=True)
        asked = "\n".join(f'<reply label="{label}">{text}</reply>' for label, text in lines)
        ranking = json.loads(told([says(asked + '\n{"reason": "", "ranking": ["A"]}')]))["ranking"]
        assert [order["ABC".index(label)] for label in ranking] == [1, 2, 0]


def test_play_scores_and_induces() -> None:
    heard = "<user_message>\nI mend clocks.\n</user_message>"
    scores = json.loads(told([says(f"{heard} Rate it.")], "Scores"))
    assert scores.keys() == {"reason", "style", "content", "engagement"}
    assert {scores[key] for key in ("style", "content", "engagement")} <= set(range(1, 6))
    assert scores == json.loads(told([says(f"{heard} Rate it.")], "Scores"))
    revealed = {"facts": ["I mend clocks."], "traits": [], "withdrawn": []}
    assert (
        json.loads(told([says(heard + '{"facts": [], "traits": [], "withdrawn": []}')])) == revealed
    )
    assert json.loads(told([says('{"facts": [], "traits": []}')])) == {"facts": [1], "traits": []}


def test_play_never_repeats_what_the_user_said() -> None:
    messages, said = [PLAYING, says("Begin.")], []
    for _turn in range(100):
        said.append(told(messages, seed=3))
        reply = says(told([says(said[-1])]))
        messages += [{"role": "assistant", "content": said[-1]}, reply]
    assert len(set(said)) == 100
    assert len({line.split()[1] for line in said[:40]}) == 40  # the templates differ in their verb
