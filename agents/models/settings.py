"""What a user says of the models: where they are, and how they are sampled in each seat."""

import os
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator

from dialogues.errors import UsageError
from dialogues.persona import Frozen

DEFAULT = "default"
OPENAI_URL = "https://api.openai.com/v1"
_OPENAI_KEY = "OPENAI_API_KEY"


class Endpoint(Frozen):
    """A server with an OpenAI-compatible API."""

    base_url: str = Field(description="URL up to and with /v1")
    api_key_env: str = Field(default="", description="environment variable that holds the key")
    timeout: float = Field(default=120.0, gt=0, description="seconds a call may take")
    retries: int = Field(default=6, ge=0, description="further tries after errors that can pass")
    concurrency: int | None = Field(
        default=None, ge=1, description="calls in flight, in place of --concurrency"
    )

    @field_validator("base_url")
    @classmethod
    def _is_a_plain_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("write a URL such as http://localhost:8000/v1")
        if parts.username or parts.password:
            place = url.replace(f"{parts.netloc.rpartition('@')[0]}@", "")
            raise ValueError(f"{place}: put no password in the URL; name its variable: api_key_env")
        return url

    @property
    def place(self) -> str:
        """The server as it may be shown: without a query, which may hold a key."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    @property
    def is_openai(self) -> bool:
        """Whether the server is OpenAI's own."""
        return self.base_url.startswith(OPENAI_URL)

    def key(self) -> SecretStr:
        """Read the key from the environment; a server that wants none gets a word for one.

        Raises:
            UsageError: the variable is not set.
        """
        if not self.api_key_env:
            return SecretStr("none")
        key = os.environ.get(self.api_key_env, "").strip()
        if not key:
            raise UsageError(
                f"{self.place} needs a key: set the environment variable {self.api_key_env}"
            )
        if not (key.isascii() and key.isprintable() and " " not in key):
            raise UsageError(
                f"the key in {self.api_key_env} has characters that no key has; set it again"
            )
        return SecretStr(key)


class Sampling(Frozen):
    """How a model is sampled; null leaves a value to the server."""

    temperature: float | None = Field(default=0.8, ge=0, description="null: the server's own")
    top_p: float | None = Field(default=None, gt=0, le=1, description="null: the server's own")
    max_tokens: int | None = Field(default=400, ge=1, description="longest answer, reasoning too")


class UserSampling(Sampling):
    """What a user has where nothing is said: lively and short."""

    temperature: float | None = Field(default=0.9, ge=0, description="null: the server's own")
    max_tokens: int | None = Field(default=300, ge=1, description="longest answer, reasoning too")


class ReaderSampling(Sampling):
    """What inducer and judge have where nothing is said: no chance, and room for reasons."""

    temperature: float | None = Field(default=0.0, ge=0, description="null: the server's own")
    max_tokens: int | None = Field(default=600, ge=1, description="longest answer, reasoning too")


class WriterSampling(Sampling):
    """What a writer of personas has where nothing is said: room for twenty of them."""

    max_tokens: int | None = Field(default=6000, ge=1, description="longest answer, reasoning too")


class PoolSampling(Frozen):
    """The sampling where a pool of personas is written."""

    writer: WriterSampling = WriterSampling()


class SeatSampling(Frozen):
    """The sampling of each seat of a dialogue."""

    user: UserSampling = UserSampling()
    inducer: ReaderSampling = ReaderSampling()
    assistant: Sampling = Sampling()
    judge: ReaderSampling = ReaderSampling()


class ModelSettings(Frozen):
    """All that a run says of its models."""

    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    sampling: SeatSampling | PoolSampling = SeatSampling()
    prompts: Path | None = None
    overflow: Literal["fail", "drop-oldest"] = "fail"

    def endpoint(self, name: str) -> Endpoint:
        """Return the endpoint a spec names: a URL, a name, or nothing for the default one.

        Raises:
            UsageError: the configuration has no such name.
        """
        if name.startswith(("http://", "https://")):
            return _at(name)
        if found := self.endpoints.get(name or DEFAULT):
            return found
        if name:
            known = ", ".join(sorted(self.endpoints)) or "none"
            raise UsageError(
                f"no endpoint {name!r} (known: {known}); add `endpoints: {{{name}: {{base_url: "
                "http://…/v1}}` to the --config file, or give a URL after the @"
            )
        url = os.environ.get("OPENAI_BASE_URL", "")
        key = _OPENAI_KEY if not url or os.environ.get(_OPENAI_KEY) else ""
        return _at(url or OPENAI_URL, "OPENAI_BASE_URL").model_copy(update={"api_key_env": key})


def _at(url: str, variable: str = "") -> Endpoint:
    try:
        return Endpoint(base_url=url)
    except ValidationError as error:
        reason = error.errors()[0]["msg"].removeprefix("Value error, ")
    raise UsageError(f"{variable}: {reason}" if variable else reason)
