"""The contract all agents keep: right answers, from the brief and its seed alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from agents.casting import PROMPTED, ROLES, SHORT_NAMES, Seated, seat
from agents.seats import (
    SEATS,
    AssistantBrief,
    Candidate,
    InducerBrief,
    JudgeBrief,
    UserBrief,
)
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Message, Node
from dialogues.persona import Persona
from tests.agents import troupe
from tests.agents.prompted.asking import Desk
from tests.growing import a_persona

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
SPECS = [
    (name, f"{role}={agent}" if role else agent)
    for name in SHORT_NAMES
    for agent in (*SHORT_NAMES[name], MODEL, *(f"{troupe.PATH}:{kind}" for kind in TROUPE[name]))
    for role in ("", *ROLES[name])
] + [(name, f"scripted:{variant}") for name in VARIANTS for variant in VARIANTS[name]]
SAID = ("I keep bees.", "My sister taught me to weld. It is loud!", "I never learned to swim.")
REPLIED = ("Good to know that you keep bees.", "I see. What else would you like to talk about?")
OTHER = a_persona("He is 20 and sells fish in Oslo. He owns a kayak.", "He is exuberant and warm.")


_desks: list[Desk] = []


@pytest.fixture(scope="module", autouse=True)
def desk() -> Iterator[None]:
    """A server behind `MODEL`, and the event loop in which all agents answer."""
    with Desk() as opened:
        _desks.append(opened)
        yield
        _desks.clear()


def made(name: str, spec: str) -> Seated:
    """Seat a new instance of an agent."""
    return seat(name, spec, _desks[0].models)


def a_brief(name: str, role: str, turn: int, seed: int, persona: Persona, before: Any) -> Any:
    """Return the brief of a seat's turn in a dialogue; `before` is its answer a turn earlier."""
    pairs = [(Message("user", SAID[at]), Message("assistant", REPLIED[at])) for at in range(2)]
    history = [message for pair in pairs[: turn - 1] for message in pair]
    if name != USER:
        history.append(Message("user", SAID[turn - 1]))
    common: dict[str, Any] = {"role": role, "history": history, "turn": turn, "seed": seed}
    if name == USER:
        notes = before.notes if before else {}
        return UserBrief(persona=persona, turns=3, notes=notes, **common)
    if name == INDUCER:
        known = persona if role == "extract" else None
        return InducerBrief(belief=before.belief if before else Belief(), persona=known, **common)
    if name == ASSISTANT:
        hint = Belief(facts=tuple(SAID[:turn])) if role == "hinted" else None
        return AssistantBrief(place=0, hint=hint, **common)
    shown = [Candidate("aaaa", REPLIED[0]), Candidate("bbbb", REPLIED[1])]
    return JudgeBrief(persona=persona, candidates=shown, **common)


class Dialogue:
    """One seat's side of a dialogue, played turn by turn on a given instance."""

    def __init__(self, name: str, spec: str, agent: Any, seed: int, persona: Persona) -> None:
        self.name, self.seed, self.persona = name, seed, persona
        self.role = spec.partition("=")[0] if "=" in spec else ""
        self.call = getattr(agent, SEATS[name].method)
        self.answers: list[Any] = []

    def play_turn(self) -> None:
        turn, before = len(self.answers) + 1, self.answers[-1] if self.answers else None
        seed = self.seed + turn
        brief = a_brief(self.name, self.role, turn, seed, self.persona, before)
        self.answers.append(_desks[0].wait_for(self.call(brief)))


def played(name: str, spec: str, seed: int = 1, persona: Persona | None = None) -> list[Any]:
    """Return the answers of three turns, by an instance of their own."""
    dialogue = Dialogue(name, spec, made(name, spec).agent, seed, persona or a_persona())
    for _ in SAID:
        dialogue.play_turn()
    return dialogue.answers


@pytest.mark.parametrize(("name", "spec"), SPECS)
class TestEveryAgent:
    def test_answers_what_its_seat_answers(self, name: str, spec: str) -> None:
        assert all(isinstance(answer, SEATS[name].answer) for answer in played(name, spec))

    def test_says_something_where_it_speaks(self, name: str, spec: str) -> None:
        speaks = name in (USER, ASSISTANT)
        assert all(answer.text.strip() or not speaks for answer in played(name, spec))

    def test_ranks_the_candidates_it_was_shown(self, name: str, spec: str) -> None:
        verdicts = [answer.verdict for answer in played(name, spec) if name == JUDGE]
        ranked = [sorted(key for tier in verdict.ranking for key in tier) for verdict in verdicts]
        assert ranked == [["aaaa", "bbbb"]] * len(verdicts)
        assert len(verdicts) == (3 if name == JUDGE else 0)

    def test_repeats_itself_for_the_same_seeds(self, name: str, spec: str) -> None:
        assert played(name, spec, seed=5) == played(name, spec, seed=5)

    def test_keeps_nothing_between_calls(self, name: str, spec: str) -> None:
        shared = made(name, spec).agent
        first = Dialogue(name, spec, shared, 1, a_persona())
        second = Dialogue(name, spec, shared, 100, OTHER)
        for _ in SAID:
            first.play_turn()
            second.play_turn()
        assert first.answers == played(name, spec, 1, a_persona())
        assert second.answers == played(name, spec, 100, OTHER)

    def test_leaves_what_a_node_can_hold(self, name: str, spec: str) -> None:
        for answer in played(name, spec):
            given = {key: value for key, value in vars(answer).items() if value is not None}
            node = Node(parent="p", seat=name, turn=1, agent="a:B", spec=spec, seed=1, **given)
            assert len(node.content_hash) == 16


def test_every_seat_has_an_agent_on_models_with_a_prompt_where_its_role_adds_one() -> None:
    assert PROMPTED.keys() == SHORT_NAMES.keys()
    for name, spec in SPECS:
        if spec.endswith(MODEL):
            seated = made(name, spec)
            assert seated.limits_itself and seated.class_path == PROMPTED[name]
            assert bool(seated.prompt_hash) == (name != ASSISTANT or spec.startswith("hinted="))


@pytest.mark.parametrize("name", [USER, ASSISTANT])
def test_scripted_speakers_vary_with_the_seed(name: str) -> None:
    texts = {played(name, "scripted", seed)[0].text for seed in range(0, 200, 10)}
    assert len(texts) > 5
