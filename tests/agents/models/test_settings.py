"""Which server and which key a spec means."""

import traceback

import pytest
from pydantic import ValidationError

from agents.models.settings import Endpoint, ModelSettings, Sampling
from agents.models.stock import Models
from dialogues.errors import UsageError
from tests.agents.models.asking import HELLO
from tests.model_server import Call, ModelServer

SECRET = "correct-horse-battery"
LAB = Endpoint(base_url="http://lab.example/v1", api_key_env="LAB_KEY")


async def call_of(spec: str, server: ModelServer, settings: ModelSettings | None = None) -> Call:
    """Ask the model of a spec on `server` and return what arrived."""
    models = Models(settings)
    try:
        await models.open(spec).ask(HELLO, 1)
    finally:
        await models.close()
    return server.calls[-1]


def one_line(error: pytest.ExceptionInfo[UsageError]) -> str:
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_url_is_its_own_endpoint_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    found = ModelSettings(endpoints={"default": LAB}).endpoint("https://other.example/v1")
    assert found == Endpoint(base_url="https://other.example/v1")
    assert found.key().get_secret_value() == "none"


async def test_a_url_is_not_sent_the_key_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, SECRET)
    with ModelServer(lambda call: "Hi.") as server:
        call = await call_of(f"openai:m@{server.url}", server)
    assert SECRET not in str(call.headers)


async def test_a_url_is_not_told_the_organisation_at_openai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-ours")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-ours")
    with ModelServer(lambda call: "Hi.") as server:
        call = await call_of(f"openai:m@{server.url}", server)
    assert "ours" not in str(call.headers)


async def test_a_proxy_for_openai_does_not_break_other_endpoints(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_PROXY", "http://127.0.0.1:9")
    with ModelServer(lambda call: "Hi.") as server:
        settings = ModelSettings(endpoints={"lab": Endpoint(base_url=server.url, retries=0)})
        assert (await call_of("openai:m@lab", server, settings)).last == "Hello there!"


async def test_a_named_endpoint_has_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    monkeypatch.setenv("LAB_KEY", SECRET)
    with ModelServer(lambda call: "Hi.", key=SECRET) as server:
        endpoint = Endpoint(base_url=server.url, api_key_env="LAB_KEY")
        settings = ModelSettings(endpoints={"lab": endpoint})
        call = await call_of("openai:m@lab", server, settings)
    assert call.headers["authorization"] == f"Bearer {SECRET}"


async def test_the_default_endpoint_is_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ModelServer(lambda call: "Hi.", key=SECRET) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", SECRET)
        assert (await call_of("openai:m", server)).headers["authorization"] == f"Bearer {SECRET}"


async def test_a_server_of_ones_own_by_environment_needs_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ModelServer(lambda call: "Hi.") as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        assert (await call_of("openai:m", server)).body["model"] == "m"


async def test_the_configured_default_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    with ModelServer(lambda call: "Hi.") as server:
        settings = ModelSettings(endpoints={"default": Endpoint(base_url=server.url)})
        assert SECRET not in str((await call_of("openai:m", server, settings)).headers)


def test_openai_itself_is_the_last_resort(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    endpoint = ModelSettings().endpoint("")
    assert endpoint.base_url == "https://api.openai.com/v1"
    assert endpoint.key().get_secret_value() == SECRET


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_names_its_variable(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(UsageError) as caught:
        Models().open("openai:gpt-4o")
    assert "OPENAI_API_KEY" in one_line(caught)
    with pytest.raises(UsageError) as caught:
        Models(ModelSettings(endpoints={"lab": LAB})).open("openai:m@lab")
    assert "http://lab.example/v1 needs a key" in one_line(caught)
    assert "LAB_KEY" in one_line(caught)


def test_an_unknown_endpoint_is_told_how_to_add_it() -> None:
    settings = ModelSettings(endpoints={"lab": LAB, "attic": LAB})
    with pytest.raises(UsageError) as caught:
        settings.endpoint("cellar")
    message = one_line(caught)
    assert "no endpoint 'cellar' (known: attic, lab)" in message
    assert "endpoints: {cellar: {base_url:" in message
    assert message.count("{") == message.count("}")


def test_without_any_endpoint_none_are_known() -> None:
    with pytest.raises(UsageError, match="known: none"):
        ModelSettings().endpoint("lab")


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://lab.example:8000/v1", "http://lab.example:8000/v1"),
        ("https://lab.example/v1?key=pass#pass", "https://lab.example/v1"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1"),
    ],
)
def test_a_place_shows_no_password(url: str, place: str) -> None:
    assert Endpoint(base_url=url).place == place


PASSWORDS = [
    "http://joe:pass123@lab.example/v1",
    "https://pass123@lab.example",
    "http://:pass123@l",
]
NO_URLS = ["lab.example/v1", "ftp://lab.example/v1", "http://", "http:///v1", "lab:8000", "/v1"]


@pytest.mark.parametrize("url", [*PASSWORDS, *NO_URLS])
def test_a_url_that_holds_a_password_or_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="base_url"):
        Endpoint(base_url=url)


@pytest.mark.parametrize("url", PASSWORDS)
def test_a_password_in_the_url_of_a_spec_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(UsageError, match="password") as caught:
        Models().open(f"openai:m@{url}")
    assert "pass123" not in one_line(caught)
    assert "pass123" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("url", [PASSWORDS[0], NO_URLS[0]])
def test_a_wrong_url_in_the_environment_names_its_variable(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    with pytest.raises(UsageError, match="OPENAI_BASE_URL"):
        Models().open("openai:m")


@pytest.mark.parametrize("key", ["two words", "kéy", "line\nbreak", "tab\there", "“quoted”"])
def test_what_can_be_no_key_is_refused_and_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_KEY", key)
    with pytest.raises(UsageError, match="LAB_KEY") as caught:
        Models(ModelSettings(endpoints={"lab": LAB})).open("openai:m@lab")
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"retries": -1},
        {"timeout": 0},
        {"concurrency": 0},
        {"api_key": "sk-in-the-file"},
    ],
)
def test_an_endpoint_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Endpoint(base_url="http://lab.example/v1", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": -0.1}, {"top_p": 0}, {"top_p": 1.1}, {"max_tokens": 0}, {"seed": 1}],
)
def test_sampling_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Sampling(**wrong)  # type: ignore[arg-type]
