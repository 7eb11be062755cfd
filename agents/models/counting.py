"""Counting tokens where the server does not: with tiktoken, or by a labelled estimate."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from dialogues.node import Message, Usage

_CHARACTERS_PER_TOKEN = 4
_PER_MESSAGE = 4


def counted(model: str, messages: Iterable[Message], text: str) -> Usage:
    """Return the usage of one call, marked as estimated: no count but the server's is exact."""
    prompt = sum(_PER_MESSAGE + tokens(model, message.content) for message in messages)
    return Usage(calls=1, prompt_tokens=prompt, completion_tokens=tokens(model, text), estimated=1)


def tokens(model: str, text: str) -> int:
    """Count the tokens of `text` as `model` would, or as about one for four characters."""
    encoding = _encoding(model)
    if encoding is None:
        return -(-len(text) // _CHARACTERS_PER_TOKEN)
    return len(encoding.encode(text, disallowed_special=()))


@lru_cache(maxsize=32)
def _encoding(model: str) -> Any:
    """Return tiktoken's encoding; None for a model it does not know, or without a network."""
    import tiktoken

    try:
        return tiktoken.encoding_for_model(model)
    except Exception:
        # KeyError for an unknown model; offline, whatever its download raises.
        return None
