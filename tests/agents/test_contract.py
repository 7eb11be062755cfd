"""The contract all agents keep: right answers, from the brief and its seed alone."""

from collections.abc import Iterator

import pytest

from agents.casting import PROMPTED, ROLES, SHORT_NAMES, seat
from agents.contract import AgentContract
from agents.models.settings import Endpoint, ModelSettings
from agents.models.stock import Models
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from tests.agents import troupe
from tests.model_server import ModelServer

TROUPE = {
    USER: ("NumberUser", "LeavingUser", "SlowUser"),
    INDUCER: ("CollectingInducer",),
    ASSISTANT: ("NumberAssistant",),
    JUDGE: ("DrawingJudge",),
}
VARIANTS = {
    USER: ("fixed", "uncooperative", "typos=1,drift=1", "misunderstanding=1,dislike=1,change=1"),
    ASSISTANT: ("ignores", "interrogates"),
}
MODEL = "openai:stub@desk"
OF_MODELS = frozenset({"reminder", "cot", "self-critic", "rag", *ROLES[JUDGE]})
"""Roles that change a model's prompt; a scripted agent has none of them."""
BARE = ("", "plain", "amnesic")
"""Roles of assistants that add no text to the deployed prompt."""
SPECS = [
    (name, f"{role}={agent}" if role else agent)
    for name in TROUPE
    for agent in (*SHORT_NAMES[name], MODEL, *(f"{troupe.PATH}:{kind}" for kind in TROUPE[name]))
    for role in ("", *ROLES[name])
    if not (role in OF_MODELS and agent in SHORT_NAMES[name])
] + [(name, f"scripted:{variant}") for name in VARIANTS for variant in VARIANTS[name]]


@pytest.fixture(scope="module")
def desk() -> Iterator[Models]:
    with ModelServer() as server:
        yield Models(ModelSettings(endpoints={"desk": Endpoint(base_url=server.url)}))


@pytest.mark.parametrize(("name", "agent"), SPECS)
class TestEveryAgent(AgentContract):
    @pytest.fixture(autouse=True)
    def _seated(self, name: str, agent: str, desk: Models) -> None:
        self.seat, self.spec, self.models = name, agent, desk


class Unkept(AgentContract):
    """Holds the contract up against an agent that does not keep it."""

    seat = USER

    def __init__(self, kind: str) -> None:
        self.spec = f"{__name__}:{kind}"


class Remembers(troupe.NumberUser):
    """Counts its calls, over all dialogues."""

    def __init__(self) -> None:
        self.calls = 0

    async def speak(self, brief: troupe.UserBrief) -> troupe.Utterance:
        self.calls += 1
        return troupe.Utterance(f"Call {self.calls}.")


class SaysNothing(troupe.NumberUser):
    async def speak(self, brief: troupe.UserBrief) -> troupe.Utterance:
        return troupe.Utterance(" ")


def test_the_contract_finds_what_is_kept_between_dialogues() -> None:
    with pytest.raises(AssertionError):
        Unkept("Remembers").test_it_keeps_nothing_between_calls()


def test_the_contract_finds_an_empty_answer() -> None:
    with pytest.raises(AssertionError, match="no text"):
        Unkept("SaysNothing").test_it_answers_what_its_seat_answers()


def test_every_seat_has_an_agent_on_models_with_a_prompt_where_its_role_adds_one(
    desk: Models,
) -> None:
    assert PROMPTED.keys() == SHORT_NAMES.keys()
    for name, spec in SPECS:
        if spec.endswith(MODEL):
            seated = seat(name, spec, desk)
            assert seated.limits_itself and seated.class_path == PROMPTED[name]
            bare = name == ASSISTANT and seated.spec.role in BARE
            assert bool(seated.prompt_hash) != bare


@pytest.mark.parametrize("name", [USER, ASSISTANT])
def test_scripted_speakers_vary_with_the_seed(name: str) -> None:
    contract = AgentContract()
    contract.seat, contract.spec = name, "scripted"
    texts = {contract.played(seed)[0].text for seed in range(0, 200, 10)}
    assert len(texts) > 5
