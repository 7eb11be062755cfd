"""Asking a model on the loopback server, in one line."""

import json
import socket
from typing import Any

import pytest

from agents.models import remote
from agents.models.form import Form
from agents.models.model import Answer
from agents.models.settings import Endpoint, ModelSettings, Sampling, SeatSampling
from agents.models.stock import Models
from agents.seats import AgentError
from dialogues.errors import UsageError
from dialogues.node import Message
from tests.model_server import ModelServer

HELLO = (Message("system", "Be brief."), Message("user", "Hello there!"))
BACKOFF = remote._backoff
"""The real one; the fixture `no_waiting` takes it out of all tests."""


def models_on(
    server: ModelServer | str, sampling: Sampling | None = None, **endpoint: Any
) -> Models:
    """Return models whose default endpoint is `server`, with one further try unless told."""
    url = server if isinstance(server, str) else server.url
    default = Endpoint(base_url=url, **{"retries": 1, **endpoint})
    seats = SeatSampling(assistant=sampling or Sampling())
    return Models(ModelSettings(endpoints={"default": default}, sampling=seats))


async def asked(
    server: ModelServer | str,
    form: Form[Any] | None = None,
    *,
    seed: int = 7,
    sampling: Sampling | None = None,
    messages: Any = HELLO,
    **endpoint: Any,
) -> Answer:
    """Ask `openai:stub` on `server` once and close the connection."""
    models = models_on(server, sampling, **endpoint)
    try:
        return await models.open("openai:stub").ask(messages, seed, form)
    finally:
        await models.close()


async def failed(
    server: ModelServer | str, form: Form[Any] | None = None, **options: Any
) -> AgentError | UsageError:
    """Ask `openai:stub` on `server` and return the error it must raise."""
    with pytest.raises((AgentError, UsageError)) as caught:
        await asked(server, form, **options)
    return caught.value


def completion(message: dict[str, Any], **parts: Any) -> bytes:
    """Write a chat completion around one message, in which nothing is but what is given."""
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return json.dumps({"object": "chat.completion", "choices": [choice], **parts}).encode()


def closed_port() -> str:
    """Return the URL of a port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
