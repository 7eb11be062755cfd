"""Looking whether the servers answer, take the key and know the model."""

import threading
from contextlib import suppress

import pytest

from agents.models import remote
from agents.models.reach import check_reach
from agents.models.settings import Endpoint, ModelSettings
from agents.models.stock import Models
from dialogues.errors import UsageError
from tests.agents.models.asking import HELLO, closed_port, models_on
from tests.agents.models.listing import Page, serving
from tests.model_server import ModelServer, problem


async def reached(server: ModelServer | str, *names: str, **endpoint: object) -> None:
    models = models_on(server, **endpoint)
    for name in names or ("stub",):
        models.open(f"openai:{name}")
    await check_reach(models)


async def unreached(server: ModelServer | str, *names: str, **endpoint: object) -> str:
    with pytest.raises(UsageError) as caught:
        await reached(server, *names, **endpoint)
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_a_good_server_is_only_asked_for_its_list() -> None:
    with ModelServer(models=["one", "two"]) as server:
        await reached(server, "one", "two", "one")
        assert server.calls == []


async def test_nothing_to_reach_is_reached() -> None:
    await check_reach(Models())


async def test_a_server_that_is_not_there_is_named() -> None:
    url = closed_port()
    message = await unreached(url)
    assert f"no answer from {url}" in message
    assert "openai:stub" in message


async def test_a_server_that_never_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "_LISTING_SECONDS", 0.2)
    with serving(Page("{}", wait=threading.Event())) as url:
        assert f"no answer from {url}" in await unreached(url)


async def test_a_wrong_key_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", "wrong-horse-battery")
    with ModelServer(key="right-horse-battery") as server:
        message = await unreached(server, api_key_env="LAB_KEY")
    assert "does not accept the key" in message
    assert "LAB_KEY" in message
    assert "horse" not in message


async def test_a_key_that_is_missing_altogether_is_asked_for() -> None:
    with ModelServer(key="right-horse-battery") as server:
        message = await unreached(server)
    assert "it wants a key: name the endpoint in the --config file" in message
    assert "write @NAME" in message and "the right one" not in message


async def test_an_unknown_model_is_named() -> None:
    with ModelServer(models=["other"]) as server:
        message = await unreached(server)
        assert len(server.calls) == 1
    assert "openai:stub" in message
    assert server.url in message


async def test_a_model_that_is_not_listed_may_answer_all_the_same() -> None:
    with ModelServer(lambda call: "yes") as server:
        await reached(server, "an-alias")
        assert [call.body["model"] for call in server.calls] == ["an-alias"]


async def test_a_request_that_is_refused_beforehand_stops_the_run() -> None:
    fixed = problem(400, "temperature is fixed")
    with ModelServer(lambda call: fixed) as server, pytest.raises(UsageError, match="is fixed"):
        await reached(server, "an-alias")


async def test_what_may_pass_is_left_to_the_run() -> None:
    with ModelServer(lambda call: problem(500, "busy")) as server:
        await reached(server, "an-alias")


async def test_a_server_without_a_list_is_asked_for_a_word() -> None:
    with ModelServer(lambda call: "yes", listing=False) as server:
        await reached(server, "one", "two", "one")
        assert [call.body["model"] for call in server.calls] == ["one", "two"]


async def test_a_server_without_a_list_does_not_know_a_model_either() -> None:
    with ModelServer(models=["other"], listing=False) as server:
        assert "openai:stub" in await unreached(server)


@pytest.mark.parametrize(
    "page",
    [
        Page("<html>Welcome!</html>", kind="text/html"),
        Page("<html>Welcome!</html>"),
        Page('{"data": null}'),
        Page('{"models": [{"name": "stub"}]}'),
        Page('{"data": [{"name": "stub"}]}'),
        Page('["stub"]'),
        Page("null"),
        Page(""),
        Page('{"error": "no list"}', 500),
        Page("slow down", 429, "text/plain"),
        Page("", 405),
    ],
    ids=lambda page: f"{page.status} {page.kind} {page.body[:12]}",
)
async def test_a_listing_of_another_form_is_no_list(page: Page) -> None:
    with serving(page) as url:
        models = models_on(url, retries=0)
        models.open("openai:stub")
        with suppress(UsageError):
            await check_reach(models)


async def test_each_key_for_one_server_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RIGHT_KEY", "right-horse-battery")
    monkeypatch.setenv("WRONG_KEY", "wrong-horse-battery")
    with ModelServer(key="right-horse-battery") as server:
        endpoints = {
            name: Endpoint(base_url=server.url, api_key_env=f"{name.upper()}_KEY")
            for name in ("right", "wrong")
        }
        models = Models(ModelSettings(endpoints=endpoints))
        models.open("openai:stub@right")
        models.open("openai:stub@wrong")
        with pytest.raises(UsageError, match="WRONG_KEY"):
            await check_reach(models)


async def test_models_can_be_asked_after_the_look() -> None:
    with ModelServer(lambda call: "yes") as server:
        models = models_on(server)
        model = models.open("openai:stub")
        await check_reach(models)
        assert (await model.ask(HELLO, 1)).text == "yes"
        await models.close()
