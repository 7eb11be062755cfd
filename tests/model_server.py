"""A real OpenAI-compatible server on loopback, whose answers a test or a benchmark decides.

    with ModelServer(answer=my_function) as server:
        client = OpenAI(base_url=server.url, api_key="any")

It runs in a thread of its own, speaks real HTTP and fails in all the ways real servers do: error
statuses, truncated bodies, resets, silence.
"""

import asyncio
import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.model_wire import Answer, Call, chunks, completion, embeddings, problem
from tests.scripted_model import play

__all__ = ["Answer", "Call", "ModelServer", "play", "problem"]

Decide = Callable[[Call], str | Answer]
Write = Callable[[Answer, Call], dict[str, Any]]

_LONGEST_BODY = 2**26
_WORD = 0.005
"""Seconds between the words of a stream."""
_GRACE = 0.05
"""Seconds that running calls get when the server stops."""


class ModelServer:
    """Serves chat completions and embeddings at `url` while its context is entered.

    `answer` decides each answer to a chat, and `embed` whether texts get the vectors of their words
    or an error. Both run on the server's own loop, one call after the other, so they must not
    block. What they raise is answered with status 500 and raised when the context is left. Requests
    that are turned away (wrong key, unknown model) are in `calls` or `embedded` all the same.
    """

    def __init__(
        self,
        answer: Decide = play,
        *,
        embed: Decide = lambda call: Answer(),
        latency: float = 0,
        key: str | None = None,
        models: Sequence[str] = (),
        structured: bool = True,
        context: int | None = None,
        listing: bool = True,
    ) -> None:
        self.models = list(models) or ["stub"]
        self.in_flight = self.peak = 0
        self._answer, self._embed, self._latency, self._key = answer, embed, latency, key
        self._any_model, self._structured = not models, structured
        self._context, self._listing = context, listing
        self._calls: list[Call] = []
        self._embedded: list[Call] = []
        self._broken: Exception | None = None
        self._port: Future[int] = Future()
        self._thread = threading.Thread(target=self._run, name="model server", daemon=True)

    @property
    def url(self) -> str:
        """The base URL to give to a client."""
        return f"http://127.0.0.1:{self._port.result(0)}/v1"

    @property
    def calls(self) -> list[Call]:
        """The chats so far, in order of arrival: a copy, safe in any thread."""
        return self._calls.copy()

    @property
    def embedded(self) -> list[Call]:
        """The calls for embeddings so far, likewise."""
        return self._embedded.copy()

    def __enter__(self) -> Self:
        self._thread.start()
        self._port.result()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        if self._broken is not None and kind is None:
            raise self._broken

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self._port.done():
                raise
            self._port.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=_LONGEST_BODY)
        app.router.add_get("/v1/models", self._list)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/embeddings", self._vectors)
        runner = web.AppRunner(
            app, handler_cancellation=True, shutdown_timeout=_GRACE, access_log=None
        )
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        self._port.set_result(runner.addresses[0][1])
        await self._stop.wait()
        await runner.cleanup()

    async def _list(self, request: web.Request) -> web.Response:
        wrong_key = self._wrong_key(request.headers.get("authorization", ""))
        if wrong_key:
            return _response(wrong_key)
        if not self._listing:
            return _response(problem(404, "Not Found"))
        listed = [{"id": name, "object": "model", "owned_by": "tests"} for name in self.models]
        return web.json_response({"object": "list", "data": listed})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        return await self._counted(request, self._calls, self._answer, completion)

    async def _vectors(self, request: web.Request) -> web.StreamResponse:
        return await self._counted(request, self._embedded, self._embed, embeddings)

    async def _counted(self, request: web.Request, *how: Any) -> web.StreamResponse:
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            return await self._reply(request, *how)
        finally:
            self.in_flight -= 1

    async def _reply(
        self, request: web.Request, calls: list[Call], decide: Decide, write: Write
    ) -> web.StreamResponse:
        body = (_prompt if write is completion else _texts)(await request.read())
        if body is None:
            return _response(problem(400, "We could not parse the JSON body of your request."))
        headers = {name.lower(): value for name, value in request.headers.items()}
        call = Call(len(calls), body, headers, time.monotonic())
        calls.append(call)
        answer = self._rejection(call) or self._decide(decide, call)
        await asyncio.sleep(self._latency + answer.delay)
        if answer.reset:
            _reset(request)
        if answer.reset or answer.hang:
            await asyncio.Event().wait()  # until the connection is lost, or the server stops
        if call.body.get("stream") and answer.status == 200 and answer.raw is None:
            return await _streamed(request, answer, call)
        return _response(answer, call, write)

    def _rejection(self, call: Call) -> Answer | None:
        """Turn the call away, as the options have it, before anyone decides an answer."""
        wrong_key = self._wrong_key(call.headers.get("authorization", ""))
        if wrong_key:
            return wrong_key
        model = call.body.get("model")
        if not self._any_model and model not in self.models:
            return problem(404, f"The model `{model}` does not exist.", "model_not_found")
        if not self._structured and "response_format" in call.body:
            return problem(400, "response_format is not supported")
        if self._context is not None and call.words > self._context:
            limit = f"This model's maximum context length is {self._context} tokens."
            asked = f"However, your messages resulted in {call.words} tokens."
            return problem(400, f"{limit} {asked}", "context_length_exceeded")
        return None

    def _wrong_key(self, authorization: str) -> Answer | None:
        if self._key is None or authorization == f"Bearer {self._key}":
            return None
        masked = authorization.removeprefix("Bearer ")[:3] + "***"
        return problem(401, f"Incorrect API key provided: {masked}.", "invalid_api_key")

    def _decide(self, decide: Decide, call: Call) -> Answer:
        try:
            answer = decide(call)
        except Exception as error:
            self._broken = self._broken or error
            return problem(500, f"`answer` raised {error!r}", kind="server_error")
        return Answer(answer) if isinstance(answer, str) else answer


def _response(answer: Answer, call: Call | None = None, write: Write = completion) -> web.Response:
    if answer.raw is not None:
        body = answer.raw
    elif call is None or answer.error is not None or answer.status != 200:
        error = answer.error or problem(answer.status, "The server had an error.").error
        body = json.dumps(error).encode()
    else:
        body = json.dumps(write(answer, call)).encode()
    headers = {"content-type": "application/json"}
    headers |= {name.lower(): value for name, value in answer.headers.items()}
    return web.Response(body=body, status=answer.status, headers=headers)


async def _streamed(request: web.Request, answer: Answer, call: Call) -> web.StreamResponse:
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    for number, chunk in enumerate(chunks(answer, call)):
        if number == answer.broken_after:
            _reset(request)
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
        await asyncio.sleep(_WORD)
    await response.write(b"data: [DONE]\n\n")
    return response


def _prompt(data: bytes) -> dict[str, Any] | None:
    """Parse the body of a request; None if it is not JSON or holds no messages."""
    return _with_list(data, "messages", dict)


def _texts(data: bytes) -> dict[str, Any] | None:
    """Parse the body of a request; None if it is not JSON or holds no texts."""
    return _with_list(data, "input", str)


def _with_list(data: bytes, name: str, of: type) -> dict[str, Any] | None:
    try:
        body = json.loads(data)
    except ValueError:
        return None
    listed = body.get(name) if isinstance(body, dict) else None
    if not isinstance(listed, list) or not listed:
        return None
    return body if all(isinstance(one, of) for one in listed) else None


def _reset(request: web.Request) -> None:
    """Abort the connection; lingering for no time makes that an RST, never a polite FIN."""
    transport = request.transport
    if transport is not None:
        no_time = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_time)
        transport.abort()
