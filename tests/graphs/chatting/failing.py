"""Agents that fail as often as FAILURES says, and hostile ones; named by dotted path."""

import asyncio
from pathlib import Path

from agents.scripted.assistant import ScriptedAssistant
from agents.scripted.inducer import ScriptedInducer
from agents.scripted.judge import ScriptedJudge
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

FAILURES: dict[str, int] = {}
"""How often the agent in a seat has still to fail."""

HOSTILE = (
    "[bold red]markup[/] :smile: \x1b[31mred\x1b[0m \x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\ "
    "\x9b2J \u202egnp.exe \u2066x\u2069 <b>html</b> &#x202e;entity &#8238; "
    "[here](http://evil.example) \x07 `code \x1b[2J`\n\n```\x1b[5m\n\x1b]0;title\x07\n```\n"
)


def _fail(seat: str) -> None:
    if FAILURES.get(seat, 0) > 0:
        FAILURES[seat] -= 1
        raise ValueError(f"the {seat} [bold]has[/] \x1b[31mno mood")


class User(ScriptedUser):
    async def speak(self, brief: UserBrief) -> Utterance:
        _fail("user")
        return await super().speak(brief)


class Inducer(ScriptedInducer):
    async def induce(self, brief: InducerBrief) -> Induction:
        _fail("inducer")
        return await super().induce(brief)


class Assistant(ScriptedAssistant):
    async def reply(self, brief: AssistantBrief) -> Reply:
        _fail("assistant")
        return await super().reply(brief)


class Judge(ScriptedJudge):
    async def judge(self, brief: JudgeBrief) -> Judgement:
        _fail("judge")
        return await super().judge(brief)


class Hostile:
    async def reply(self, brief: AssistantBrief) -> Reply:
        return Reply(HOSTILE)


class Sleeping:
    """Says in a file that it was asked; the first time it never answers."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        asked = Path("asked")
        if not asked.exists():
            asked.touch()
            await asyncio.sleep(60)
        return Reply("I am awake.")
