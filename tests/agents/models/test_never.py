"""Errors that no further call would mend, and prompts that are too long."""

import pytest

from agents.models.errors import ContextOverflow, Rejected
from dialogues.errors import UsageError
from tests.agents.models.asking import HELLO, asked, failed
from tests.agents.models.test_requests import FORM
from tests.model_server import Answer, ModelServer, problem

KEY = "LAB_KEY"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(KEY, "wrong-horse-battery")
    return KEY


async def refused(answer: Answer, **options: object) -> str:
    with ModelServer(lambda call: answer) as server:
        error = await failed(server, retries=3, **options)
        assert len(server.calls) == 1
    assert type(error) is UsageError
    message = str(error)
    assert message.startswith(f"openai:stub at {server.url}: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize("form", [None, FORM])
@pytest.mark.parametrize("status", [401, 403])
async def test_a_key_that_is_not_accepted_names_its_variable(status: int, form: object) -> None:
    message = await refused(problem(status, "Not\nyou."), api_key_env=KEY, form=form)
    assert KEY in message
    assert "Not you." in message


@pytest.mark.parametrize("status", [401, 403])
async def test_without_a_variable_it_is_told_where_to_name_one(status: int) -> None:
    told = await refused(problem(status, "Who are you?"))
    assert "name the endpoint in the --config file with base_url and api_key_env" in told
    assert "write @NAME" in told


async def test_the_real_check_of_a_key_is_met_with_one_line() -> None:
    with ModelServer(key="right-horse-battery") as server:
        error = await failed(server, api_key_env=KEY)
        assert len(server.calls) == 1
    assert type(error) is UsageError
    assert KEY in str(error)


async def test_the_right_key_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY, " right-horse-battery\n")
    with ModelServer(lambda call: "Hi.", key="right-horse-battery") as server:
        assert (await asked(server, api_key_env=KEY)).text == "Hi."


@pytest.mark.parametrize("form", [None, FORM])
async def test_an_unknown_model_is_named(form: object) -> None:
    with ModelServer(models=["other"]) as server:
        error = await failed(server, form=form, retries=3)
        assert len(server.calls) == 1
    assert type(error) is UsageError
    assert "openai:stub" in str(error)
    assert "model's name" in str(error)


async def test_a_path_that_is_not_there_names_the_url() -> None:
    message = await refused(Answer(status=404, raw=b"<html>not\nfound</html>"))
    assert "base_url" in message


OVERFLOWS = {
    "openai": problem(
        400,
        "Input tokens exceed the configured limit of 4096 tokens. Your messages resulted in 5000 "
        "tokens. Please reduce the length of the messages.",
        "context_length_exceeded",
    ),
    "vllm, older": Answer(status=400, error={"message": "maximum context length is 4096 tokens"}),
    "vllm": problem(
        400, "This model's maximum context length is 4096 tokens. However, you requested 5000."
    ),
    "vllm, newer": problem(
        400,
        "'max_tokens' or 'max_completion_tokens' is too large: 400. This model's maximum context "
        "length is 4096 tokens and your request has 4000 input tokens.",
    ),
    "sglang": problem(400, "The input (5000 tokens) is longer than the model's context length."),
    "lm studio": problem(400, "The model is loaded with context length of only 4096 tokens."),
    "openrouter": problem(400, "prompt is too long: 210000 tokens > 200000 maximum"),
    "responses": problem(400, "Your input exceeds the context window of this model."),
}


@pytest.mark.parametrize("form", [None, FORM])
@pytest.mark.parametrize("server_kind", OVERFLOWS)
async def test_a_prompt_that_is_too_long_is_an_overflow(server_kind: str, form: object) -> None:
    with ModelServer(lambda call: OVERFLOWS[server_kind]) as server:
        error = await failed(server, form=form, retries=3)
        assert len(server.calls) == 1
    assert type(error) is ContextOverflow


async def test_the_code_of_an_overflow_is_enough() -> None:
    long = problem(400, "Please shorten it.", "context_length_exceeded")
    with ModelServer(lambda call: long) as server:
        assert type(await failed(server)) is ContextOverflow


@pytest.mark.parametrize("name", ["error", "detail"])
async def test_what_a_server_says_in_a_form_of_its_own_is_read(name: str) -> None:
    said = "The model is loaded with context length of only 4096 tokens."
    with ModelServer(lambda call: Answer(status=400, error={name: said})) as server:
        error = await failed(server)
    assert said in str(error)
    assert type(error) is ContextOverflow


async def test_the_wording_of_llama_cpp_is_an_overflow_too() -> None:
    said = "request (4390 tokens) exceeds the available context size (4096 tokens)"
    error = problem(400, said, kind="exceed_context_size_error")
    with ModelServer(lambda call: error) as server:
        assert type(await failed(server)) is ContextOverflow


async def test_the_real_limit_of_a_server_is_met() -> None:
    with ModelServer(lambda call: "Hi.", context=10) as server:
        assert (await asked(server)).text == "Hi."
        long = [HELLO[0], HELLO[1]._replace(content="word " * 20)]
        assert type(await failed(server, messages=long)) is ContextOverflow


async def test_another_complaint_about_the_request_is_no_overflow() -> None:
    with ModelServer(lambda call: problem(400, "temperature must be below 1")) as server:
        assert type(await failed(server)) is Rejected
