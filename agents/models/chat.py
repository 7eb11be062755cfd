"""The chat model behind `openai:` specs: langchain-openai's, made cheaper and more talkative."""

from typing import Any

import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from langchain_openai.chat_models.base import _handle_openai_api_error, _handle_openai_bad_request

from agents.models.settings import OPENAI_URL

REASONING = "reasoning_content"
_NOT_IN_THE_BODY = {"model", "stream", "extra_body", "extra_headers", "extra_query", "timeout"}


class Chat(ChatOpenAI):
    """ChatOpenAI that keeps the reasoning servers send beside the text, and spends less CPU."""

    @property
    def of_openai(self) -> bool:
        """Whether the server is OpenAI's own."""
        return str(self.openai_api_base).startswith(OPENAI_URL)

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        # openai walks through every field of a request by its type annotations, which takes half
        # of a call's CPU; what is in `extra_body` goes into the same JSON as it is.
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        body = {name: payload.pop(name) for name in [*payload] if name not in _NOT_IN_THE_BODY}
        body |= payload.pop("extra_body", None) or {}
        if not self.of_openai and "max_completion_tokens" in body:
            # Other servers may not know the new name, and would write on and on.
            body["max_tokens"] = body.pop("max_completion_tokens")
        return {"messages": [], "extra_body": body, **payload}

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # As ChatOpenAI's, without the raw response and the thread that it goes through.
        payload = self._get_request_payload(messages, stop=stop, **kwargs)
        try:
            response = await self.async_client.create(**payload)
        except openai.BadRequestError as error:
            _handle_openai_bad_request(error)
        except openai.APIError as error:
            _handle_openai_api_error(error)
        return self._create_chat_result(response)

    def _create_chat_result(
        self,
        response: dict[str, Any] | openai.BaseModel,
        generation_info: dict[str, Any] | None = None,
    ) -> ChatResult:
        result = super()._create_chat_result(response, generation_info)
        given = response if isinstance(response, dict) else response.model_dump(warnings=False)
        for generation, choice in zip(result.generations, given["choices"], strict=True):
            said = choice["message"]
            thought = said.get(REASONING) or said.get("reasoning")
            if isinstance(thought, str):
                generation.message.additional_kwargs[REASONING] = thought
        return result
