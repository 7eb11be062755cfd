"""The contract every agent keeps, as tests to inherit for an agent of your own.

    from agents.contract import AgentContract

    class TestMirror(AgentContract):
        seat, spec = "assistant", "examples.new_agent:Mirror"

pytest then plays three turns of two dialogues with the agent and checks what its seat answers, that
equal seeds give equal answers, and that nothing is carried over from one dialogue to another.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from agents.casting import ROLES, Seated, seat
from agents.models.stock import Models
from agents.seats import (
    SEATS,
    AssistantBrief,
    Candidate,
    InducerBrief,
    Induction,
    JudgeBrief,
    Reply,
    UserBrief,
)
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Message, Node
from dialogues.persona import Persona, Personality, Profile

SAID = ("I keep bees.", "My sister taught me to weld. It is loud!", "I never learned to swim.")
REPLIED = ("Good to know that you keep bees.", "I see. What else would you like to talk about?")
CANDIDATES = (Candidate("aaaa", REPLIED[0]), Candidate("bbbb", REPLIED[1]))


def a_persona(profile: str, personality: str) -> Persona:
    """Return a persona made of two texts."""
    return Persona(profile=Profile.of(profile), personality=Personality.of(personality))


ONE = a_persona(
    "Ada Quill is 52 and mends clocks in Bath. She lives with two greyhounds above her shop. "
    "She swims in the river every Sunday. She sings alto in the abbey choir.",
    "She is dry and brief. She dislikes fuss.",
)
OTHER = a_persona("He is 20 and sells fish in Oslo. He owns a kayak.", "He is exuberant and warm.")


class Part:
    """One seat's part in a dialogue, played turn by turn on a given instance."""

    def __init__(self, seated: Seated, seed: int, persona: Persona) -> None:
        """Begin before the first turn."""
        self.seated, self.seed, self.persona = seated, seed, persona
        self.answers: list[Any] = []

    async def play_turn(self) -> None:
        """Ask the agent for its next answer."""
        call = getattr(self.seated.agent, SEATS[self.seated.seat].method)
        self.answers.append(await call(self._brief(len(self.answers) + 1)))

    async def tell_belief(self) -> None:
        """Ask an assistant that can say it what it holds of the user by now."""
        self.answers.append(await self.seated.agent.believe(self._brief(len(SAID))))

    def _brief(self, turn: int) -> Any:
        name, role = self.seated.seat, self.seated.spec.role
        before = self.answers[-1] if self.answers else None
        pairs = [(Message("user", SAID[at]), Message("assistant", REPLIED[at])) for at in range(2)]
        history = [message for pair in pairs[: turn - 1] for message in pair]
        if name != USER:
            history.append(Message("user", SAID[turn - 1]))
        common: dict[str, Any] = {"role": role, "history": history, "turn": turn}
        common["seed"] = self.seed + turn
        if name == USER:
            notes = before.notes if before else {}
            return UserBrief(persona=self.persona, turns=len(SAID), notes=notes, **common)
        if name == INDUCER:
            known = self.persona if role == "extract" else None
            belief = before.belief if before else Belief()
            return InducerBrief(belief=belief, persona=known, **common)
        if name == ASSISTANT:
            hint = Belief(facts=SAID[:turn]) if role == "hinted" else None
            known = self.persona if role == "oracle" else None
            return AssistantBrief(place=0, hint=hint, persona=known, **common)
        return JudgeBrief(persona=self.persona, candidates=CANDIDATES, **common)


class AgentContract:
    """Inherit this in a test class, and name the agent.

    Attributes:
        seat: user, inducer, assistant or judge.
        spec: how a command would name the agent, with or without a role.
        repeats: whether equal seeds must give equal answers; a server need not.
        models: the models for an agent that calls some.
    """

    seat: str
    spec: str
    repeats = True
    models: Models | None = None

    def seated(self, spec: str | None = None) -> Seated:
        """Make a new instance in the seat."""
        return seat(self.seat, spec or self.spec, self.models)

    def played(self, seed: int = 1, persona: Persona = ONE) -> list[Any]:
        """Return the answers of three turns, by an instance of their own."""
        part = Part(self.seated(), seed, persona)
        asyncio.run(self._play(part))
        return part.answers

    async def _play(self, *parts: Part) -> None:
        async def turns() -> None:
            for _ in SAID:
                for part in parts:
                    await part.play_turn()

        await self._finish(turns())

    async def _finish(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:
            if self.models:
                await self.models.close()

    def test_it_answers_what_its_seat_answers(self) -> None:
        """Every answer is of the seat's type, with a text where the seat speaks."""
        kind, speaks = SEATS[self.seat].answer, self.seat in (USER, ASSISTANT)
        for answer in self.played():
            assert isinstance(answer, kind), f"expected a {kind.__name__}, got {answer!r}"
            assert answer.text.strip() or not speaks, "the answer has no text"

    def test_it_ranks_the_candidates_it_was_shown(self) -> None:
        """A judge's verdict names every candidate once."""
        for answer in self.played() if self.seat == JUDGE else []:
            ranked = sorted(key for tier in answer.verdict.ranking for key in tier)
            assert ranked == [candidate.key for candidate in CANDIDATES]

    def test_it_says_what_it_holds_of_the_user_if_it_can(self) -> None:
        """An assistant's belief is of the type that an inducer's is."""
        part = Part(self.seated(), 1, ONE)
        if self.seat == ASSISTANT and hasattr(part.seated.agent, "believe"):
            asyncio.run(self._finish(part.tell_belief()))
            (told,) = part.answers
            assert isinstance(told, Induction), f"expected an Induction, got {told!r}"
            assert isinstance(told.belief, Belief)

    def test_it_repeats_itself_for_equal_seeds(self) -> None:
        """All randomness comes from the brief's seed."""
        if self.repeats:
            assert _said(self.played(seed=5)) == _said(self.played(seed=5))

    def test_it_keeps_nothing_between_calls(self) -> None:
        """Two dialogues played in turns on one instance are those of an instance each."""
        if self.repeats:
            seated = self.seated()
            first, second = Part(seated, 1, ONE), Part(seated, 100, OTHER)
            asyncio.run(self._play(first, second))
            assert _said(first.answers) == _said(self.played(1, ONE))
            assert _said(second.answers) == _said(self.played(100, OTHER))

    def test_it_leaves_what_a_node_can_hold(self) -> None:
        """Its answers can be stored."""
        for answer in self.played():
            given = {name: value for name, value in vars(answer).items() if value is not None}
            Node(parent="p", seat=self.seat, turn=1, agent="a:B", spec=self.spec, seed=1, **given)

    def test_its_role_is_one_of_the_seat(self) -> None:
        """The role of the spec is known, or there is none."""
        assert self.seated().spec.role in ("", *ROLES[self.seat])


def _said(answers: list[Reply]) -> list[dict[str, Any]]:
    return [{name: value for name, value in vars(a).items() if name != "usage"} for a in answers]
