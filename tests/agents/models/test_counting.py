"""Counting tokens where the server does not."""

import re
from pathlib import Path

import pytest
import tiktoken
import tiktoken.registry
from hypothesis import given
from hypothesis import strategies as st

from agents.models import counting
from agents.models.counting import counted, tokens
from dialogues.node import Message, Usage
from tests.agents.models.asking import asked, completion, failed
from tests.model_server import Answer, ModelServer


async def test_an_answer_without_usage_is_estimated_and_says_so() -> None:
    with ModelServer(lambda call: Answer("Good day to you.", usage=None)) as server:
        usage = (await asked(server)).usage
    assert (usage.calls, usage.estimated, usage.cached_tokens) == (1, 1, 0)
    assert usage.prompt_tokens == 4 + 3 + 4 + 3
    assert usage.completion_tokens == 4


async def test_reasoning_counts_as_written() -> None:
    said = Answer("Hi.", reasoning="x" * 400, usage=None)
    with ModelServer(lambda call: said) as server:
        assert (await asked(server)).usage.completion_tokens >= 100


async def test_a_usage_that_says_nothing_is_estimated() -> None:
    raw = completion({"role": "assistant", "content": "Hi."}, usage={})
    with ModelServer(lambda call: Answer(raw=raw)) as server:
        assert (await asked(server)).usage.estimated == 1


async def test_an_error_without_usage_is_estimated_too() -> None:
    with ModelServer(lambda call: Answer(None, refusal="No.", usage=None)) as server:
        usage = (await failed(server)).usage
    assert usage is not None
    assert (usage.calls, usage.estimated) == (1, 1)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_an_unknown_model_takes_a_token_for_four_characters(text: str) -> None:
    assert 4 * tokens("no-such-model", text) - 3 <= len(text) <= 4 * tokens("no-such-model", text)


@given(st.lists(st.text(max_size=40), max_size=5), st.text(max_size=40))
def test_a_longer_prompt_never_counts_less(texts: list[str], more: str) -> None:
    messages = [Message("user", text) for text in texts]
    usage = counted("no-such-model", messages, "")
    longer = counted("no-such-model", [*messages, Message("user", more)], more)
    assert longer.prompt_tokens > usage.prompt_tokens >= 4 * len(texts)
    assert longer.completion_tokens >= usage.completion_tokens == 0
    assert (longer.calls, longer.estimated) == (1, 1)


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give tiktoken an empty cache and a proxy that nobody runs."""
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    counting._encoding.cache_clear()
    yield
    counting._encoding.cache_clear()


@pytest.mark.usefixtures("offline")
def test_offline_a_known_model_is_estimated_as_well() -> None:
    assert tokens("gpt-4o", "x" * 400) == 100
    usage = counted("gpt-4o", [Message("user", "x" * 40)], "x" * 40)
    assert usage == Usage(calls=1, prompt_tokens=14, completion_tokens=10, estimated=1)


def test_a_known_encoding_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = tiktoken.Encoding(
        "letters",
        pat_str=r"[\s\S]",
        mergeable_ranks={bytes([at]): at for at in range(256)},
        special_tokens={"<|endoftext|>": 256},
    )
    monkeypatch.setattr(tiktoken, "encoding_for_model", lambda model: letters)
    counting._encoding.cache_clear()
    try:
        assert tokens("letters-1", "four") == 4
        assert tokens("letters-1", "<|endoftext|>") == len("<|endoftext|>")
    finally:
        counting._encoding.cache_clear()


def test_the_words_of_a_dialogue_are_about_its_tokens() -> None:
    text = "I walked along the canal on Sunday and baked two loaves of rye bread. " * 10
    words = len(re.findall(r"\w+", text))
    assert words <= tokens("no-such-model", text) <= 2 * words
