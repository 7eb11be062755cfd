"""Models on a server with an OpenAI-compatible API, through langchain-openai."""

import logging
import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from langchain_core.messages import AIMessage
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_random_exponential

from agents.models.counting import counted
from agents.models.errors import (
    GOES_ON,
    Refused,
    Rejected,
    ServerGone,
    Unreachable,
    can_pass,
    retry_after,
    told_by,
    translated,
)
from agents.models.form import Form
from agents.models.line import Line
from agents.models.model import Answer, answer_of
from agents.models.secrets import without_secrets
from agents.models.settings import Endpoint, Sampling
from dialogues.node import Message, Usage

if TYPE_CHECKING:
    from agents.models.chat import Chat

_LONGEST_WAIT, _LISTING_SECONDS = 120.0, 15.0
_GIVE_UP_AFTER = 20
_OF_SCHEMAS = re.compile(r"response_?format|schema|structured|guided.?decoding", re.IGNORECASE)
_backoff = wait_random_exponential(multiplier=0.5, max=30)

# These write every request of a run, and its headers at their finest, to whoever logs.
for _name in ("openai", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Remote:
    """One model on one server, with its sampling; see `Model`."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        sampling: Sampling,
        line: Line,
        seat: str = "",
    ) -> None:
        """Prepare to ask; no connection is made yet.

        Args:
            name: the model as the server calls it.
            endpoint: the server.
            sampling: temperature, top-p and length.
            line: the endpoint's connections.
            seat: for the traces.

        Raises:
            UsageError: the key is not set.
        """
        self.name = name
        self.endpoint = endpoint
        self.sampling = sampling
        self._key = endpoint.key()
        self._line = line
        self._config: Any = {"run_name": seat or name}
        self._http: Any = None
        self._chat: Chat | None = None
        self._structured = True

    async def ask(
        self, messages: Sequence[Message], seed: int, form: Form[Any] | None = None
    ) -> Answer:
        """Ask the server, again and again where its error may pass; see `Model.ask`."""
        if form is None or not self._structured:
            return await self._answer(messages, {"seed": seed})
        try:
            return await self._answer(messages, {"seed": seed, "response_format": _format(form)})
        except Rejected as error:
            # Perhaps it is the schema that it does not take; if it is not, this says so.
            answer = await self._answer(messages, {"seed": seed})
            if _OF_SCHEMAS.search(str(error).removeprefix(self._where)):
                self._stop_sending_schemas()
            return answer

    async def listed(self) -> set[str]:
        """Return the models the server lists.

        Raises:
            openai.OpenAIError: it lists none, cannot be reached, or does not take the key.
        """
        page = await self._client().root_async_client.models.list(timeout=_LISTING_SECONDS)
        return {model.id for model in page.data}

    def _stop_sending_schemas(self) -> None:
        if self._structured:
            self._structured = False
            told = "takes no JSON schema; the form of its answers is left to the prompt"
            warnings.warn(f"{self._where} {told}", stacklevel=2)

    @property
    def _where(self) -> str:
        return f"openai:{self.name} at {self.endpoint.place}"

    async def _answer(self, messages: Sequence[Message], options: dict[str, Any]) -> Answer:
        trying = AsyncRetrying(
            stop=stop_after_attempt(1 + self.endpoint.retries),
            retry=retry_if_exception(_worth_another_try),
            wait=_wait,
            reraise=True,
        )
        try:
            said: AIMessage = await trying(self._call, messages, options)
        except Exception as error:
            raise self._failure(error) from None
        self._line.lost_in_a_row = 0
        return self._read(said, messages)

    async def _call(self, messages: Sequence[Message], options: dict[str, Any]) -> AIMessage:
        return await self._client().ainvoke(list(messages), self._config, **options)

    def _read(self, said: AIMessage, messages: Sequence[Message]) -> Answer:
        text, key = str(said.text), self._key.get_secret_value()
        thought = str(said.additional_kwargs.get("reasoning_content", ""))
        usage = _usage(said) or counted(self.name, messages, thought + text)
        if refusal := said.additional_kwargs.get("refusal"):
            raise Refused(without_secrets(str(refusal), key)).after(usage)
        finish = str(said.response_metadata.get("finish_reason"))
        return answer_of(without_secrets(text, key), without_secrets(thought, key), finish, usage)

    def _failure(self, error: Exception) -> Exception:
        told = told_by(error)
        if isinstance(error, TimeoutError):
            told = f"no answer within {self.endpoint.timeout:g} s"
        said = " ".join(without_secrets(told, self._key.get_secret_value()).split())[:400]
        ours = translated(error, said, self._where, self.endpoint.api_key_env)
        if not isinstance(ours, Unreachable):
            return ours
        self._line.lost_in_a_row += 1
        return ours if self._line.lost_in_a_row < _GIVE_UP_AFTER else self._gone(ours)

    def _gone(self, last: Unreachable) -> ServerGone:
        lost = f"{_GIVE_UP_AFTER} calls in a row were lost ({last})"
        return ServerGone(f"{lost}; once the server is back, {GOES_ON}")

    def _client(self) -> "Chat":
        http = self._line.client()
        if self._chat is None or self._http is not http:
            self._chat, self._http = self._new_client(http), http
        return self._chat

    def _new_client(self, http: Any) -> "Chat":
        from agents.models.chat import Chat

        chat = Chat(
            model=self.name,
            base_url=self.endpoint.base_url,
            api_key=self._key,
            timeout=self.endpoint.timeout,
            max_retries=0,
            use_responses_api=False,
            stream_usage=True,
            openai_proxy=None,
            http_async_client=http,
            **self.sampling.model_dump(exclude_none=True),
        )
        if not chat.of_openai:
            # The account's names are in the environment, and nobody else's business.
            chat.root_async_client.organization = chat.root_async_client.project = None
        return chat


def _format(form: Form[Any]) -> dict[str, Any]:
    given = {"name": type(form.example).__name__, "schema": form.schema, "strict": True}
    return {"type": "json_schema", "json_schema": given}


def _worth_another_try(error: BaseException) -> bool:
    return can_pass(error) and (retry_after(error) or 0.0) <= _LONGEST_WAIT


def _wait(state: RetryCallState) -> float:
    asked = retry_after(state.outcome.exception() if state.outcome else None)
    return _backoff(state) if asked is None else asked + _backoff(state) / 10


def _usage(said: AIMessage) -> Usage | None:
    told = said.usage_metadata
    if not told or not (told["input_tokens"] or told["output_tokens"]):
        return None
    return Usage(
        calls=1,
        prompt_tokens=told["input_tokens"],
        cached_tokens=told.get("input_token_details", {}).get("cache_read") or 0,
        completion_tokens=told["output_tokens"],
    )
