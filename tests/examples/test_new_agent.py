"""The example agents, held to the contract of all agents: copy this for an agent of your own."""

import pytest

from agents.contract import AgentContract
from agents.models.settings import Endpoint, ModelSettings
from agents.models.stock import Models
from tests.model_server import ModelServer


class TestMirror(AgentContract):
    seat, spec = "assistant", "examples.new_agent:Mirror"


class TestPoet(AgentContract):
    seat, spec = "assistant", "examples.new_agent:Poet"

    @pytest.fixture(autouse=True)
    def _server(self, monkeypatch: pytest.MonkeyPatch) -> object:
        with ModelServer() as server:
            monkeypatch.setenv("POET_MODEL", "openai:stub")
            endpoints = {"default": Endpoint(base_url=server.url)}
            self.models = Models(ModelSettings(endpoints=endpoints))
            yield
            assert all(call.system.startswith("Answer the last") for call in server.calls)
