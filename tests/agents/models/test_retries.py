"""Errors that may pass are tried again, and become typed errors when they do not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from tenacity import RetryCallState

from agents.models.errors import (
    BrokenResponse,
    QuotaSpent,
    RateLimited,
    Rejected,
    ServerFailed,
    ServerGone,
    TimedOut,
    Unreachable,
)
from agents.models.remote import _GIVE_UP_AFTER
from agents.seats import AgentError
from tests.agents.models.asking import (
    BACKOFF,
    HELLO,
    asked,
    closed_port,
    completion,
    failed,
    models_on,
)
from tests.agents.models.test_requests import FORM
from tests.model_server import Answer, Call, ModelServer, problem

HTML = b"<!doctype html><html><body>Bad gateway</body></html>"
CUT = completion({"role": "assistant", "content": "Hello"})[:-20]
FAULTS: dict[str, tuple[Answer, type[AgentError]]] = {
    "429": (problem(429, "Slow down."), RateLimited),
    "429 without a body": (Answer(status=429, raw=b""), RateLimited),
    "500": (problem(500, "Oops."), ServerFailed),
    "502 with a page": (Answer(status=502, raw=HTML), ServerFailed),
    "503": (problem(503, "Overloaded."), ServerFailed),
    "hang": (Answer(hang=True), TimedOut),
    "empty body": (Answer(raw=b""), BrokenResponse),
    "truncated body": (Answer(raw=CUT), BrokenResponse),
    "a page": (Answer(raw=HTML, headers={"Content-Type": "text/html"}), BrokenResponse),
    "a page called JSON": (Answer(raw=HTML), BrokenResponse),
    "no choices": (Answer(raw=b'{"choices": []}'), BrokenResponse),
    "null choices": (Answer(raw=b'{"choices": null}'), BrokenResponse),
    "null message": (Answer(raw=b'{"choices": [{"message": null}]}'), BrokenResponse),
    "JSON null": (Answer(raw=b"null"), BrokenResponse),
    "JSON list": (Answer(raw=b"[]"), BrokenResponse),
    "an error with status 200": (Answer(raw=b'{"error": {"message": "Busy."}}'), BrokenResponse),
}
RESET = Answer(reset=True)
named = pytest.mark.parametrize("name", FAULTS)


def first(*answers: Answer) -> Any:
    """Answer with these, one after the other, and then say that all is well."""
    return lambda call: answers[call.number] if call.number < len(answers) else "All is well."


def patience(name: str) -> dict[str, float]:
    return {"timeout": 0.3 if name == "hang" else 20}


@named
async def test_what_passes_is_not_seen(name: str) -> None:
    with ModelServer(first(FAULTS[name][0])) as server:
        answer = await asked(server, **patience(name))
        assert len(server.calls) == 2
    assert (answer.text, answer.usage.calls) == ("All is well.", 1)


@named
async def test_what_does_not_pass_becomes_an_error_of_its_type(name: str) -> None:
    fault, kind = FAULTS[name]
    with ModelServer(lambda call: fault) as server:
        error = await failed(server, **patience(name))
        assert len(server.calls) == 2
    assert type(error) is kind
    assert str(error).startswith(f"openai:stub at {server.url}: ")
    assert "\n" not in str(error)
    assert error.usage is None


@named
async def test_it_is_the_same_for_a_form(name: str) -> None:
    fault, kind = FAULTS[name]
    with ModelServer(lambda call: fault) as server:
        assert type(await failed(server, FORM, retries=0, **patience(name))) is kind


async def test_a_reset_connection_is_tried_again() -> None:
    with ModelServer(first(RESET)) as server:
        assert (await asked(server)).text == "All is well."
        assert len(server.calls) == 2


async def test_a_connection_that_is_always_reset_is_unreachable() -> None:
    with ModelServer(lambda call: RESET) as server:
        assert type(await failed(server)) is Unreachable


async def test_a_port_nobody_listens_on_is_unreachable() -> None:
    assert type(await failed(closed_port())) is Unreachable


async def test_a_server_that_is_gone_stops_the_run_instead_of_failing_all_of_it() -> None:
    models = models_on(closed_port(), retries=0)
    model = models.open("openai:stub")
    for _ in range(_GIVE_UP_AFTER - 1):
        with pytest.raises(Unreachable):
            await model.ask(HELLO, 7)
    with pytest.raises(ServerGone, match=r"20 calls in a row were lost .*goes on"):
        await model.ask(HELLO, 7)
    await models.close()


async def test_one_answer_shows_that_the_server_is_there() -> None:
    with ModelServer(lambda call: RESET if call.number % 19 else "Still here.") as server:
        models = models_on(server, retries=0)
        model = models.open("openai:stub")
        for _ in range(3 * _GIVE_UP_AFTER):
            with suppress(Unreachable):
                await model.ask(HELLO, 7)
        await models.close()


async def test_a_host_that_does_not_exist_is_unreachable() -> None:
    assert type(await failed("http://no-such-host.invalid/v1", retries=0)) is Unreachable


@asynccontextmanager
async def sending(body: bytes, every: float) -> AsyncIterator[str]:
    """Serve an answer said to be long: `body` again and again, or once and then hang up."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n"
        writer.write(head + body)
        with suppress(ConnectionError):
            while every:
                await asyncio.sleep(every)
                writer.write(body)
                await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def test_a_server_that_trickles_has_no_more_time_than_others() -> None:
    async with sending(b" ", every=0.05) as url:
        began = time.monotonic()
        assert type(await failed(url, timeout=0.3, retries=0)) is TimedOut
        assert 0.3 <= time.monotonic() - began < 3


async def test_how_long_was_waited_for_an_answer_is_told() -> None:
    with ModelServer(lambda call: Answer(hang=True)) as server:
        error = await failed(server, timeout=0.2, retries=0)
        assert str(error) == f"openai:stub at {server.url}: no answer within 0.2 s"


async def test_a_connection_lost_within_the_answer_is_unreachable() -> None:
    async with sending(b'{"choices": [', every=0) as url:
        assert type(await failed(url)) is Unreachable


async def test_a_slow_answer_within_its_time_is_waited_for() -> None:
    with ModelServer(lambda call: Answer("Slowly.", delay=0.15)) as server:
        assert (await asked(server, timeout=5)).text == "Slowly."
        assert len(server.calls) == 1


@pytest.mark.parametrize("retries", [0, 1, 4])
async def test_there_are_as_many_further_tries_as_said(retries: int) -> None:
    with ModelServer(lambda call: problem(500, "Oops.")) as server:
        await failed(server, retries=retries)
        assert len(server.calls) == 1 + retries


async def test_every_try_sends_the_same_request() -> None:
    with ModelServer(first(problem(500, "Oops."), RESET)) as server:
        await asked(server, FORM, retries=3)
        bodies = [call.body for call in server.calls]
    assert len(bodies) == 3
    assert bodies[0] == bodies[1] == bodies[2]


def spacing(calls: list[Call]) -> float:
    return calls[1].at - calls[0].at


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header", [{"Retry-After": "0.2"}, {"Retry-After-Ms": "200"}])
async def test_the_server_is_left_alone_as_long_as_it_asks(
    status: int, header: dict[str, str]
) -> None:
    busy = Answer(status=status, headers=header)
    with ModelServer(first(busy)) as server:
        await asked(server)
        assert 0.2 <= spacing(server.calls) < 2


@pytest.mark.parametrize("value", ["soon", "-5", "nan", "", "Wed, 21 Oct 2015 07:28:00 GMT"])
async def test_a_wait_nobody_can_read_is_no_wait(value: str) -> None:
    with ModelServer(first(Answer(status=429, headers={"Retry-After": value}))) as server:
        assert (await asked(server)).text == "All is well."
        assert spacing(server.calls) < 2


@pytest.mark.parametrize("value", ["121", "3600", "inf"])
async def test_a_wait_of_more_than_two_minutes_is_not_waited_for(value: str) -> None:
    began = time.monotonic()
    with ModelServer(first(Answer(status=429, headers={"Retry-After": value}))) as server:
        assert type(await failed(server)) is RateLimited
        assert len(server.calls) == 1
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("form", [None, FORM])
@pytest.mark.parametrize(("status", "code"), [(429, "insufficient_quota"), (402, None)])
async def test_a_used_up_quota_stops_the_run_at_once(
    status: int, code: str | None, form: Any
) -> None:
    empty = problem(status, "You exceeded your current quota.", code)
    with ModelServer(lambda call: empty) as server:
        with pytest.raises(QuotaSpent, match="exceeded your current quota") as caught:
            await asked(server, form, retries=3)
        assert len(server.calls) == 1
    assert "quota is used up" in str(caught.value) and "goes on" in str(caught.value)


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_a_request_the_server_does_not_accept_is_not_tried_again(status: int) -> None:
    with ModelServer(lambda call: problem(status, "No such parameter: seed.")) as server:
        error = await failed(server, retries=3)
        assert len(server.calls) == 1
    assert type(error) is Rejected
    assert "No such parameter: seed." in str(error)


@pytest.mark.parametrize("status", [408, 409])
async def test_a_conflict_may_pass(status: int) -> None:
    with ModelServer(first(problem(status, "Again, please."))) as server:
        assert (await asked(server)).text == "All is well."


async def test_a_long_message_of_the_server_is_cut() -> None:
    with ModelServer(lambda call: problem(500, "blah \n" * 10_000)) as server:
        error = await failed(server, retries=0)
    assert len(str(error)) < 500
    assert "\n" not in str(error)


async def test_a_rate_limit_on_tokens_is_no_context_overflow() -> None:
    busy = problem(429, "Too many tokens, please wait before trying again.")
    with ModelServer(lambda call: busy) as server:
        assert type(await failed(server)) is RateLimited


async def test_an_error_sent_with_status_200_says_what_it_is() -> None:
    raw = b'{"error": {"message": "Provider is down.", "code": 502}}'
    with ModelServer(lambda call: Answer(raw=raw)) as server:
        assert "Provider is down." in str(await failed(server))


@pytest.mark.parametrize(("attempt", "longest"), [(1, 0.5), (2, 1), (4, 4), (7, 30), (50, 30)])
def test_the_random_wait_doubles_up_to_thirty_seconds(attempt: int, longest: float) -> None:
    state = RetryCallState(None, None, (), {})  # type: ignore[arg-type]
    state.attempt_number = attempt
    waits = [BACKOFF(state) for _ in range(200)]
    assert 0 <= min(waits) <= max(waits) <= longest
    assert max(waits) > longest / 2
