"""The chat model behind `openai:` specs: langchain-openai's, with two things changed."""

from typing import Any

import openai
from langchain_core.language_models import LanguageModelInput
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI

REASONING = "reasoning_content"


class Chat(ChatOpenAI):
    """ChatOpenAI that keeps the reasoning servers send beside the text, and spends less CPU."""

    def _get_request_payload(
        self, input_: LanguageModelInput, *, stop: list[str] | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        # openai walks through every field of `messages` by its type annotations, which takes half
        # of a call's CPU; what is in `extra_body` goes into the same JSON as it is.
        payload = super()._get_request_payload(input_, stop=stop, **kwargs)
        extra = {**(payload.get("extra_body") or {}), "messages": payload["messages"]}
        return {**payload, "messages": [], "extra_body": extra}

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
