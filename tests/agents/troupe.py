"""The troupe: agents and policies made for tests, named by dotted path also in other processes."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import Any

from agents.scripted.user import ScriptedUser
from agents.seats import (
    AssistantBrief,
    InducerBrief,
    Induction,
    JudgeBrief,
    Judgement,
    Reply,
    UserBrief,
    Utterance,
)
from dialogues.node import Belief
from dialogues.persona import Persona
from dialogues.verdict import Verdict
from graphs.expansion import Siblings, waiting

PATH = "tests.agents.troupe"


class NumberUser:
    """Says which turn it is and a number drawn from the seed; counts its messages in its notes."""

    async def speak(self, brief: UserBrief) -> Utterance:
        said = brief.notes.get("said", 0) + 1
        return Utterance(f"Message {said}, number {brief.seed}.", notes={"said": said})


class CollectingInducer:
    """Adds every message of the user to the belief."""

    async def induce(self, brief: InducerBrief) -> Induction:
        return Induction(belief=Belief(facts=(*brief.belief.facts, brief.history[-1].content)))


class NumberAssistant:
    """Says its place among the candidates and a number drawn from the seed."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        return Reply(f"Reply {brief.place}, number {brief.seed}.")


class DrawingJudge:
    """Ranks the candidates in an order drawn from the seed, with a confidence drawn likewise."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        rng = Random(brief.seed)
        keys = [candidate.key for candidate in brief.candidates]
        rng.shuffle(keys)
        ranking = tuple((key,) for key in keys)
        verdict = Verdict(ranking=ranking, margin=rng.random(), confidence=rng.random())
        return Judgement(verdict=verdict)


class TakesAVariant(NumberUser):
    """A user whose constructor takes the variant of its spec."""

    def __init__(self, variant: str = "none") -> None:
        self.variant = variant


class LeavingUser(NumberUser):
    """Leaves with its second message."""

    async def speak(self, brief: UserBrief) -> Utterance:
        return Utterance(f"Message {brief.turn}.", ends=brief.turn == 2)


class SlowUser(ScriptedUser):
    """The scripted user, who thinks a little before each message."""

    async def speak(self, brief: UserBrief) -> Utterance:
        await asyncio.sleep(0.02)
        return await super().speak(brief)


class RemarkingUser(NumberUser):
    """Has something to say of the personas before a run, not all of it harmless to print."""

    def remarks(self, personas: Sequence[Persona]) -> list[str]:
        return [f"{len(personas)} personas, 1 persona at a time", "[red]\x1b[31m looks odd"]


class MoodyUser(NumberUser):
    """Falls silent with an error at the second turn, in about half of the dialogues."""

    async def speak(self, brief: UserBrief) -> Utterance:
        if brief.turn == 2 and brief.seed % 2:
            raise TimeoutError("no answer in 60 s")
        return await super().speak(brief)


class BrokenJudge:
    """Never comes to a verdict."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        raise ValueError("no verdict in: [maybe]")


class NeedsArguments(NumberUser):
    """Cannot be made from a spec alone."""

    def __init__(self, model: str, temperature: float) -> None:
        self.model, self.temperature = model, temperature


class CannotBeMade(NumberUser):
    """Finds out when it is made that something is missing, and says so on two lines."""

    def __init__(self) -> None:
        raise ValueError("no weights found\nin the usual place")


class SpeaksAtOnce:
    """Has the method of the user's seat, but not as a coroutine."""

    def speak(self, brief: UserBrief) -> Utterance:
        return Utterance("Hi.")


NOT_A_CLASS = "a text"

Frontier = Sequence[Siblings]


def continue_last(frontier: Frontier, width: int, rng: Random) -> list[str]:
    """Continue the candidate of the highest place."""
    return [siblings.candidates[-1].key for siblings in frontier]


def continue_everything(frontier: Frontier, width: int, rng: Random) -> list[str]:
    """Continue all candidates, twice, without a look at the width."""
    keys = [candidate.key for siblings in frontier for candidate in siblings.candidates]
    return keys + keys


@waiting
def continue_together(frontier: Frontier, width: int, rng: Random) -> list[str]:
    """Like `continue_everything`, but see all sets of a turn at once."""
    return continue_everything(frontier, width, rng)


def continue_nothing(frontier: Frontier, width: int, rng: Random) -> list[str]:
    """Continue no candidate."""
    return []


def continue_stranger(frontier: Frontier, width: int, rng: Random) -> list[str]:
    """Name a key that is no candidate."""
    return ["0123456789abcdef"]


def continue_wrongly(frontier: Frontier, width: int, rng: Random) -> list[str]:
    """Fail with a message of two lines."""
    raise ValueError("nothing\nto go by")


class Witness:
    """Stands before an agent, writes down every brief, and passes it on."""

    def __init__(self, agent: Any, briefs: list[Any]) -> None:
        self.agent, self.briefs = agent, briefs

    async def speak(self, brief: UserBrief) -> Utterance:
        self.briefs.append(brief)
        return await self.agent.speak(brief)

    async def induce(self, brief: InducerBrief) -> Induction:
        self.briefs.append(brief)
        return await self.agent.induce(brief)

    async def reply(self, brief: AssistantBrief) -> Reply:
        self.briefs.append(brief)
        return await self.agent.reply(brief)

    async def judge(self, brief: JudgeBrief) -> Judgement:
        self.briefs.append(brief)
        return await self.agent.judge(brief)
