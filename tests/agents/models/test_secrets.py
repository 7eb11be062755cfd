"""Keys appear in nothing that is stored, shown or logged, whatever a server echoes."""

import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.casting import seat
from agents.models.form import ask_for
from agents.models.reach import check_reach
from agents.models.secrets import without_secrets
from agents.seats import AgentError
from dialogues.errors import UsageError
from tests.agents.models.asking import HELLO, models_on
from tests.agents.models.listing import Page, serving
from tests.agents.models.test_requests import FORM
from tests.model_server import Answer, Call, ModelServer, problem

SECRETS = ("correct-horse-battery", "sk-proj-abcdefghijklmnop0123456789", "key'with\"\\marks")
SPREAD = "The header was {}, indeed {}."


@pytest.fixture
def secret(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set a key: the first one, or what a test is parametrised with."""
    key: str = getattr(request, "param", SECRETS[0])
    monkeypatch.setenv("LAB_KEY", key)
    return key


any_secret = pytest.mark.parametrize("secret", SECRETS, indirect=True)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Log everything from every logger there is; returns what was logged."""
    import langchain_openai  # noqa: F401  so that its loggers exist

    for name in [*logging.root.manager.loggerDict]:
        caplog.set_level(logging.DEBUG, logger=name)
    caplog.set_level(logging.DEBUG)
    return lambda: "\n".join(
        f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records
    )


def heard(call: Call) -> str:
    header = call.headers["authorization"]
    return SPREAD.format(header, header.removeprefix("Bearer "))


ECHOES: dict[str, Callable[[Call], Answer]] = {
    "text": lambda call: Answer(heard(call)),
    "reasoning": lambda call: Answer("Hi.", reasoning=heard(call)),
    "thoughts": lambda call: Answer(f"<think>{heard(call)}</think>{heard(call)}"),
    "refusal": lambda call: Answer(None, refusal=heard(call)),
    "cut off": lambda call: Answer(heard(call), "length"),
    "filtered": lambda call: Answer(heard(call), "content_filter"),
    "unfinished thought": lambda call: Answer(f"<think>{heard(call)}"),
    "400": lambda call: problem(400, heard(call)),
    "401": lambda call: problem(401, heard(call)),
    "403": lambda call: problem(403, heard(call)),
    "404": lambda call: problem(404, heard(call)),
    "429": lambda call: problem(429, heard(call)),
    "500": lambda call: problem(500, heard(call)),
    "500 as text": lambda call: Answer(status=500, raw=heard(call).encode()),
    "400 of another form": lambda call: Answer(status=400, error={"detail": [heard(call)]}),
    "overflow": lambda call: problem(400, f"{heard(call)} is over the context length"),
    "broken body": lambda call: Answer(raw=heard(call).encode()),
    "an error with status 200": lambda call: Answer(error={"error": {"message": heard(call)}}),
    "headers": lambda call: Answer(status=500, headers={"X-Echo": call.headers["authorization"]}),
}


async def outcome(server: ModelServer | str, form: Any) -> Any:
    """Return the answer, or the error that came in its place."""
    models = models_on(server, api_key_env="LAB_KEY")
    model = models.open("openai:stub")
    try:
        return (await ask_for(model, HELLO, 7, form))[1] if form else await model.ask(HELLO, 7)
    except (AgentError, UsageError) as error:
        return error
    finally:
        await models.close()


def shown(result: Any) -> str:
    """Write out whatever anybody could print of an answer or an error."""
    if not isinstance(result, BaseException):
        return repr(result) + str(result)
    trace = "".join(traceback.format_exception(result))
    return "".join([str(result), repr(result), repr(result.args), repr(vars(result)), trace])


def parts(secret: str) -> list[str]:
    """Return the secret as it is and as `repr` and JSON write it."""
    return [secret, repr(secret)[1:-1], secret.replace("\\", "\\\\").replace('"', '\\"')]


@pytest.mark.parametrize("form", [None, FORM], ids=["plain", "form"])
@pytest.mark.parametrize("echo", ECHOES)
async def test_an_echoed_key_is_nowhere(
    echo: str, form: Any, secret: str, logged: Callable[[], str]
) -> None:
    with ModelServer(ECHOES[echo], key=secret) as server:
        result = shown(await outcome(server, form))
        assert server.calls
    assert secret not in result + logged()


@any_secret
@pytest.mark.parametrize("echo", ["text", "401", "400 of another form", "broken body"])
async def test_a_key_of_any_kind_is_nowhere(
    echo: str, secret: str, logged: Callable[[], str]
) -> None:
    with ModelServer(ECHOES[echo], key=secret) as server:
        everything = shown(await outcome(server, None)) + logged()
    assert not [part for part in parts(secret) if part in everything]


@any_secret
@pytest.mark.parametrize("seen", ["text", "400"])
async def test_what_is_not_the_key_stays(seen: str, secret: str) -> None:
    with ModelServer(ECHOES[seen], key=secret) as server:
        assert "The header was Bearer ***, indeed ***." in str(await outcome(server, None))


@pytest.mark.parametrize(
    "page",
    [
        Page('{"error": {"message": "Wrong key: {key}"}}', 401),
        Page('{"error": {"message": "Wrong key: {key}"}}', 403),
        Page('{"error": {"message": "Oops: {key}"}}', 500),
        Page('{"data": [{"id": "{key}"}]}'),
    ],
    ids=lambda page: str(page.status),
)
async def test_a_key_echoed_by_a_listing_is_nowhere(
    page: Page, secret: str, logged: Callable[[], str]
) -> None:
    with serving(page) as url:
        models = models_on(url, api_key_env="LAB_KEY")
        models.open("openai:stub")
        try:
            everything = repr(await check_reach(models))
        except UsageError as error:
            everything = shown(error)
    everything += logged()
    assert secret not in everything


def test_a_missing_key_or_endpoint_shows_no_other_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRETS[0])
    with pytest.raises(UsageError) as caught:
        models_on("http://127.0.0.1:1/v1", api_key_env="UNSET").open("openai:stub")
    assert SECRETS[0] not in shown(caught.value)


@any_secret
async def test_settings_and_models_show_no_key(secret: str) -> None:
    models = models_on("http://127.0.0.1:1/v1", api_key_env="LAB_KEY")
    model = models.open("openai:stub")
    dump = models.settings.model_dump_json() + repr(models.settings) + repr(vars(model))
    await models.close()
    assert not [part for part in parts(secret) if part in dump]


PLAIN = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=5, max_size=40)


@given(secret=PLAIN, around=st.lists(st.text(max_size=20), min_size=2, max_size=5))
def test_a_secret_of_more_than_four_characters_is_hidden(secret: str, around: list[str]) -> None:
    assert secret not in without_secrets(secret.join(around), secret)


@given(st.text(st.characters(exclude_characters="-_")))
def test_text_without_secrets_is_left_alone(text: str) -> None:
    if "Bearer " not in text:
        assert without_secrets(text, "correct-horse-battery") == text


@pytest.mark.parametrize(
    "key",
    ["sk-abcdefghijkl", "sk-proj-A1b2C3d4E5f6_x", "hf_abcdefghijklmnop", "gsk_0123456789abcdef"],
)
@pytest.mark.parametrize("around", ["{}", "key={}.", "'{}'", "({})\n"])
def test_what_looks_like_a_key_is_hidden(key: str, around: str) -> None:
    hidden = without_secrets(around.format(key))
    assert key not in hidden
    assert "***" in hidden


@pytest.mark.parametrize(
    "text", ["a task-oriented-dialogue-system", "risk-averse-investors", "sk-8"]
)
def test_ordinary_words_are_no_keys(text: str) -> None:
    assert without_secrets(text) == text


def test_a_word_for_a_key_is_not_hidden_from_answers() -> None:
    assert without_secrets("There are none left.", "none") == "There are none left."


@pytest.mark.parametrize("scheme", ["http", "HTTP", "ftp"])
@pytest.mark.parametrize("kind", ["openai:m", "hf:folder", "nosuch=openai:m", "no.such:Agent"])
def test_a_password_in_a_spec_is_not_shown(kind: str, scheme: str) -> None:
    with pytest.raises(UsageError) as caught:
        seat("user", f"{kind}@{scheme}://bob:hunter2@host/v1")
    assert "hunter2" not in str(caught.value) and "bob" not in str(caught.value)
    assert f"--user {kind}@{scheme}://***@host/v1: " in str(caught.value)
