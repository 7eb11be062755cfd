"""A model server that costs next to nothing and answers every call after a fixed time.

    python -m benchmarks.latency_stub PORT LATENCY_SECONDS

It speaks the OpenAI API (`/chat/completions`, streamed or not, and `/models`); `GET …/stats` tells
how many calls came, how many were in flight at once and what CPU they took, `POST …/reset` starts
the count anew. Port 0 is any free one; the first line it prints is `listening PORT`. What a seat of
the dialogue asks for is told by a search in the request's bytes, because parsing would cost more
than all the rest.
"""

import asyncio
import itertools
import json
import re
import subprocess
import sys
import time
import urllib.request
from typing import Any, NamedTuple, Self, cast

_BACKLOG = 4096
"""A refused connection is tried again a second later, which would be counted as the client's."""

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)")
_RESPONSE = b"HTTP/1.1 %b\r\ncontent-type: %b\r\ncontent-length: %d\r\n\r\n%b"
_USAGE = b'"usage":{"prompt_tokens":400,"completion_tokens":20,"total_tokens":420}'
_WHOLE = (
    b'{"id":"chatcmpl-%d","object":"chat.completion","created":1790000000,"model":"stub","choices":'
    b'[{"index":0,"message":{"role":"assistant","content":"%b"},"finish_reason":"stop"}],'
    + _USAGE
    + b"}"
)
_CHUNK = (
    b'data: {"id":"chatcmpl-%d","object":"chat.completion.chunk","created":1790000000,'
    b'"model":"stub","choices":'
)
_STREAMED = (
    _CHUNK
    + b'[{"index":0,"delta":{"role":"assistant","content":"%b"},"finish_reason":null}]}\n\n'
    + _CHUNK
    + b'[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    + _CHUNK
    + b"[],"
    + _USAGE
    + b"}\n\ndata: [DONE]\n\n"
)
_MODELS = b'{"object":"list","data":[{"id":"stub","object":"model","owned_by":"stub","created":1}]}'


def _escaped(text: str) -> bytes:
    return json.dumps(text)[1:-1].encode()


_RANKING = _escaped('{"reason": "r", "ranking": ["A", "B"]}')
_SCORES = _escaped('{"reason": "r", "style": 4, "content": 4, "engagement": 4}')
_REVEALED = _escaped('{"facts": ["I like number %d"], "traits": [], "withdrawn": []}')
_COVERED = _escaped('{"facts": [], "traits": []}')
_SENTENCES = (
    b"I walked %d steps along the canal before the rain came.",
    b"My grandmother baked %d loaves of rye bread every winter.",
    b"The fence behind the house took %d nails in the end.",
    b"We counted %d swifts over the roof this evening.",
    b"That novel has %d pages, and I read them all twice.",
    b"I planted %d beans, though the slugs had other plans.",
    b"The lake lies %d turns of the pedal from my door.",
    b"It took %d coats of green to please the kitchen door.",
    b"The quartet played to %d people and one sleeping dog.",
    b"Lentil soup number %d was the best so far.",
    b"Behind the shed stood %d flower pots, all of them cracked.",
    b"The river had %d shades of cold in it today.",
    b"I have lost %d games of chess to my neighbour.",
    b"An old map in the attic shows %d farms that are gone.",
    b"The new tune has %d notes and no mercy.",
    b"From one tree we picked %d plums and a wasp.",
    b"The slow train to the coast stops %d times.",
    b"In the box lay %d photographs of people nobody knows.",
    b"The clock in the hall struck %d, which cannot be right.",
    b"Next door's cat has heard my story %d times.",
    b"I wrote letter %d to my sister on Sunday.",
    b"The hill behind the church has %d steps and a bench.",
    b"The choir sang verse %d without the tenors.",
)
"""A prime number of them, so that dialogues in step do not get the same one every turn."""


class Stats(NamedTuple):
    """What the server has seen since it was started or reset."""

    calls: int
    peak: int
    """The most calls in flight at once."""
    cpu: float
    """Seconds of the server's CPU."""
    seconds: float
    """From the first call to the last answer."""


class _Count:
    """What is counted over all connections."""

    def __init__(self) -> None:
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        self.calls, self.peak = 0, self.in_flight
        self.cpu_before = time.process_time()
        self.first = self.last = 0.0

    def stats(self) -> Stats:
        cpu = time.process_time() - self.cpu_before
        return Stats(self.calls, self.peak, cpu, self.last - self.first)


class _Connection(asyncio.Protocol):
    """One client's connection, kept open."""

    def __init__(self, latency: float, count: _Count, numbers: "itertools.count[int]") -> None:
        self._latency, self._count, self._numbers = latency, count, numbers
        self._loop = asyncio.get_running_loop()
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (blank := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:blank].lower()
            length = _CONTENT_LENGTH.search(head)
            end = blank + 4 + (int(length[1]) if length else 0)
            if len(self._received) < end:
                return
            request, self._received = self._received[:end], self._received[end:]
            self._serve(head.partition(b" http/")[0], request)

    def _serve(self, line: bytes, request: bytes) -> None:
        if line.endswith(b"/chat/completions"):
            self._count.calls += 1
            self._count.first = self._count.first or time.monotonic()
            self._count.in_flight += 1
            self._count.peak = max(self._count.peak, self._count.in_flight)
            answer = _answer(request, next(self._numbers))
            self._loop.call_later(self._latency, self._reply, answer)
        elif line.endswith(b"/models"):
            self._write(_response(_MODELS))
        elif line.endswith(b"/stats"):
            self._write(_response(json.dumps(self._count.stats()._asdict()).encode()))
        elif line.endswith(b"/reset"):
            self._count.reset()
            self._write(_response(b"{}"))
        else:
            self._write(_response(b"{}", status=b"404 Not Found"))

    def _reply(self, answer: bytes) -> None:
        self._count.in_flight -= 1
        self._count.last = time.monotonic()
        self._write(answer)

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(answer)


def _answer(request: bytes, number: int) -> bytes:
    content = _content(request, number)
    if b'"stream":true' in request or b'"stream": true' in request:
        events = _STREAMED % (number, content, number, number)
        return _response(events, kind=b"text/event-stream")
    return _response(_WHOLE % (number, content))


def _content(request: bytes, number: int) -> bytes:
    if b'"Ranking"' in request:
        return _RANKING
    if b'"Scores"' in request:
        return _SCORES
    if b'"Revealed"' in request:
        return _REVEALED % number
    if b'"Covered"' in request:
        return _COVERED
    return _SENTENCES[number % len(_SENTENCES)] % number


def _response(body: bytes, kind: bytes = b"application/json", status: bytes = b"200 OK") -> bytes:
    return _RESPONSE % (status, kind, len(body), body)


class LatencyStub:
    """The server as a process of its own, while the context lasts."""

    def __init__(self, latency: float) -> None:
        self._latency = latency

    def __enter__(self) -> Self:
        """Start the server and wait until it listens."""
        command = [sys.executable, __file__, "0", str(self._latency)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        port = self._process.stdout.readline().removeprefix("listening ").strip()
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._process.terminate()
        self._process.communicate()

    def stats(self) -> Stats:
        """Return what the server has seen since it was started or reset."""
        return Stats(**self._fetch("GET", "stats"))

    def reset(self) -> None:
        """Start the count anew."""
        self._fetch("POST", "reset")

    def _fetch(self, method: str, name: str) -> Any:
        asked = urllib.request.Request(f"{self.url}/{name}", method=method)
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return json.load(answer)


async def serve(port: int, latency: float) -> None:
    count, numbers = _Count(), itertools.count(1)
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(latency, count, numbers), "127.0.0.1", port, backlog=_BACKLOG
    )
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
