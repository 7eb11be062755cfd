"""Models share permits and connections, in one event loop and the next."""

import asyncio
import gc
from collections.abc import Sequence
from typing import Any

import openai
import pytest

from agents.models.model import Answer, Model
from agents.models.settings import Endpoint, ModelSettings
from agents.models.stock import Models
from dialogues.errors import UsageError
from dialogues.node import Message
from tests.agents.models.asking import HELLO, models_on
from tests.model_server import ModelServer


def stub(latency: float = 0.0) -> ModelServer:
    return ModelServer(lambda call: f"I am {call.body['model']}.", latency=latency)


def named(server: ModelServer, **names: int | None) -> ModelSettings:
    """Return settings whose endpoints are all this server, with these limits."""
    return ModelSettings(
        endpoints={
            name: Endpoint(base_url=server.url, concurrency=limit, retries=0)
            for name, limit in names.items()
        }
    )


async def many(models: Sequence[Model], calls: int) -> list[Answer]:
    asked = [models[at % len(models)].ask(HELLO, at) for at in range(calls)]
    return await asyncio.gather(*asked)


@pytest.mark.parametrize(
    ("concurrency", "share", "own", "peak"),
    [
        (5, 1, None, 5),
        (7, 2, None, 3),
        (2, 8, None, 1),
        (50, 1, 4, 4),
        (1, 1, 6, 6),
        (50, 2, 6, 3),
        (50, 2, 1, 1),
    ],
)
async def test_calls_in_flight_never_exceed_this_workers_share(
    concurrency: int, share: int, own: int | None, peak: int
) -> None:
    with stub(latency=0.05) as server:
        models = Models(named(server, default=own), concurrency, share)
        await many([models.open("openai:one"), models.open("openai:two", "user")], 3 * peak + 2)
        await models.close()
        assert server.peak == peak
        assert len(server.calls) == 3 * peak + 2


async def test_many_calls_at_once_have_many_connections() -> None:
    with stub(latency=0.8) as server:
        models = Models(named(server, default=None), concurrency=120)
        await many([models.open("openai:one")], 120)
        await models.close()
        assert server.peak > 100


async def test_each_endpoint_has_permits_of_its_own() -> None:
    with stub(latency=0.05) as server:
        models = Models(named(server, one=2, two=3))
        await many([models.open("openai:a@one"), models.open("openai:a@two")], 20)
        await models.close()
        assert server.peak == 5


async def test_the_default_endpoint_has_one_set_of_permits_by_both_its_names() -> None:
    with stub(latency=0.05) as server:
        models = Models(named(server, default=2))
        await many([models.open("openai:a"), models.open("openai:a@default")], 12)
        await models.close()
        assert server.peak == 2


async def test_a_failed_call_gives_its_permit_back() -> None:
    with ModelServer(models=["good"]) as server:
        models = models_on(server, concurrency=1)
        for _ in range(3):
            with pytest.raises(UsageError):
                await models.open("openai:bad").ask(HELLO, 1)
        assert (await models.open("openai:good").ask(HELLO, 1)).text
        await models.close()


async def test_a_cancelled_call_gives_its_permit_back() -> None:
    with stub(latency=0.2) as server:
        models = models_on(server, concurrency=1)
        model = models.open("openai:one")
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(model.ask(HELLO, 1), 0.05)
        assert (await asyncio.wait_for(model.ask(HELLO, 1), 5)).text == "I am one."
        await models.close()


async def test_all_models_of_an_endpoint_share_one_client(monkeypatch: Any) -> None:
    made: list[openai.DefaultAioHttpClient] = []
    original = openai.DefaultAioHttpClient.__init__

    def counting(self: Any, *args: Any, **kwargs: Any) -> None:
        made.append(self)
        original(self, *args, **kwargs)

    monkeypatch.setattr(openai.DefaultAioHttpClient, "__init__", counting)
    with stub() as server:
        models = models_on(server)
        await many([models.open(f"openai:{name}") for name in "abcd"], 20)
        assert len(made) == 1
        await models.close()
        assert made[0].is_closed


def rounds(models: Models, *calls: int) -> list[str]:
    """Ask so often, each time in an event loop of its own."""
    model = models.open("openai:one")

    async def ask(number: int) -> set[str]:
        return {answer.text for answer in await many([model], number)}

    return [*set().union(*(asyncio.run(ask(number)) for number in calls))]


def test_models_work_in_one_event_loop_and_in_the_next() -> None:
    with stub() as server:
        assert rounds(models_on(server), 1, 1, 3) == ["I am one."]


def test_models_that_waited_for_permits_work_in_the_next_event_loop() -> None:
    with stub(latency=0.02) as server:
        assert rounds(models_on(server, concurrency=1), 3, 3) == ["I am one."]


def test_models_that_were_closed_open_again() -> None:
    with stub() as server:
        models = models_on(server)
        model = models.open("openai:one")

        async def ask() -> str:
            text = (await model.ask(HELLO, 1)).text
            await models.close()
            return text + (await model.ask(HELLO, 1)).text

        assert asyncio.run(ask()) == asyncio.run(ask()) == "I am one.I am one."


async def test_closing_leaves_no_connection_open(caplog: pytest.LogCaptureFixture) -> None:
    gc.collect()
    caplog.clear()
    with stub() as server:
        models = models_on(server)
        await many([models.open("openai:one")], 5)
        await models.close()
    del models
    gc.collect()
    assert not [record for record in caplog.records if "Unclosed" in record.getMessage()]


async def test_closing_what_was_never_used_or_twice_is_fine() -> None:
    await Models().close()
    with stub() as server:
        models = models_on(server)
        model = models.open("openai:one")
        await models.close()
        await model.ask([Message("user", "Hi.")], 1)
        await models.close()
        await models.close()


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("scripted", "openai:MODEL"),
        ("package.module:Class", "openai:MODEL"),
        ("openai", "name the model"),
        ("openai:", "name the model"),
        ("hf:", "name the model"),
    ],
)
def test_what_names_no_model_is_told_in_one_line(spec: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        Models().open(spec)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("endpoints", [{}, {"lab": Endpoint(base_url="http://lab.example/v1")}])
def test_a_folder_takes_no_endpoint(endpoints: dict[str, Endpoint]) -> None:
    with pytest.raises(UsageError, match="takes no @lab"):
        Models(ModelSettings(endpoints=endpoints)).open("hf:folder@lab")


def test_a_folder_needs_no_endpoint_of_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "lab.example/v1")
    assert Models().open("hf:folder")


async def test_permits_are_there_for_endpoints_that_only_an_agent_knows() -> None:
    models = Models(concurrency=8, share=2)
    assert models.permits("its-own") is models.permits("its-own")
    assert models.permits("its-own") is not models.permits("")
