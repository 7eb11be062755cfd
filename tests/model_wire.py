"""What goes over the wire to and from the loopback server: the call, the answer, the completion."""

import base64
import hashlib
import json
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.scripted_model import SEATS, task_of, text_of

DIMENSIONS = 256
"""The length of a vector."""


@dataclass(frozen=True)
class Call:
    """A request for a chat completion, or for the embeddings of `texts`."""

    number: int
    body: dict[str, Any]
    headers: dict[str, str]
    at: float

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The messages of the prompt; none where embeddings are asked for."""
        messages: list[dict[str, Any]] = self.body.get("messages", [])
        return messages

    @property
    def texts(self) -> list[str]:
        """The texts whose embeddings are asked for."""
        texts: list[str] = self.body["input"]
        return texts

    @property
    def system(self) -> str:
        """The text of the leading system message, or nothing."""
        first = self.messages[0]
        return text_of(first) if first.get("role") in ("system", "developer") else ""

    @property
    def last(self) -> str:
        """The text of the last message."""
        return text_of(self.messages[-1])

    @property
    def schema_name(self) -> str:
        """The name of the structured output asked for, or nothing."""
        return str(_within(_within(self.body, "response_format"), "json_schema").get("name", ""))

    @property
    def seat(self) -> str:
        """The seat that seems to ask: judge, inducer, user or assistant."""
        task = task_of(self)
        return SEATS.get(task, task)

    @property
    def words(self) -> int:
        """The words of all messages: what stands for the prompt's tokens."""
        return sum(len(text_of(message).split()) for message in self.messages)


@dataclass(frozen=True)
class Answer:
    """What the server does with a call; by default it says `text`."""

    text: str | None = None
    finish_reason: str = "stop"
    reasoning: str | None = None
    refusal: str | None = None
    usage: Mapping[str, Any] | Literal["counted"] | None = "counted"
    """Words counted as tokens, or what is given; None leaves the usage out."""
    delay: float = 0
    """Seconds before answering, beside the server's latency."""
    status: int = 200
    error: Mapping[str, Any] | None = None
    """The whole JSON body in place of a completion; a status other than 200 has one anyway."""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Exactly the body to send."""
    reset: bool = False
    """Reset the TCP connection instead of answering."""
    hang: bool = False
    """Never answer."""
    broken_after: int | None = None
    """Reset the TCP connection after so many pieces of a stream."""


def problem(
    status: int, message: str, code: str | None = None, kind: str = "invalid_request_error"
) -> Answer:
    """Answer with an error in the form OpenAI gives it."""
    error = {"message": message, "type": kind, "param": None, "code": code}
    return Answer(status=status, error={"error": error})


def completion(answer: Answer, call: Call) -> dict[str, Any]:
    """Write the completion; it too depends on nothing but the request and the answer."""
    message = {"role": "assistant", "content": answer.text, "refusal": answer.refusal}
    if answer.reasoning is not None:
        message["reasoning_content"] = answer.reasoning
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason}
    digest = hashlib.sha256(json.dumps(call.body, sort_keys=True).encode()).hexdigest()
    written: dict[str, Any] = {"id": f"chatcmpl-{digest[:24]}", "object": "chat.completion"}
    written |= {"created": 0, "model": call.body.get("model"), "choices": [choice]}
    if answer.usage == "counted":
        spoken = len((answer.text or "").split())
        counts = {"prompt_tokens": call.words, "completion_tokens": spoken}
        written["usage"] = counts | {"total_tokens": call.words + spoken}
    elif answer.usage is not None:
        written["usage"] = answer.usage
    return written


def chunks(answer: Answer, call: Call) -> Iterator[dict[str, Any]]:
    """Write the completion word by word, as `stream` asks for it, at last what it took."""
    whole = completion(answer, call)
    usage, base = whole.pop("usage", None), {**whole, "object": "chat.completion.chunk"}
    deltas = [{"content": word} for word in re.findall(r"\s*\S+", answer.text or "")]
    for delta, finish in [*((delta, None) for delta in deltas), ({}, answer.finish_reason)]:
        yield {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
    if usage and call.body.get("stream_options", {}).get("include_usage"):
        yield {**base, "choices": [], "usage": usage}


def embeddings(_answer: Answer, call: Call) -> dict[str, Any]:
    """Write the vectors of the words in the texts of `call`, encoded as it asks."""
    encode = _encoded if call.body.get("encoding_format") == "base64" else list
    data = [
        {"object": "embedding", "index": at, "embedding": encode(vector_of(text))}
        for at, text in enumerate(call.texts)
    ]
    words = sum(len(text.split()) for text in call.texts)
    usage = {"prompt_tokens": words, "total_tokens": words}
    return {"object": "list", "data": data, "model": call.body.get("model"), "usage": usage}


def vector_of(text: str) -> list[float]:
    """Count the words of a text, each at the place and with the sign that its hash gives it."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        place, sign = hashlib.sha256(word.encode()).digest()[:2]
        vector[place % DIMENSIONS] += 1 - sign % 2 * 2
    return vector


def _encoded(vector: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def _within(outer: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the object called `name` within another; an empty one if there is none."""
    inner = outer.get(name)
    return inner if isinstance(inner, dict) else {}
