"""Scripted agents that write the seed of every call to a file, to prove none is made twice."""

import asyncio
import os

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

LOG_VARIABLE = "GROVE_CALL_LOG"


async def _log(seed: int) -> None:
    """Append a line in one write, which is atomic, then think for 0-3 ms."""
    descriptor = os.open(os.environ[LOG_VARIABLE], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{seed}\n".encode())
    os.close(descriptor)
    await asyncio.sleep(seed % 4 / 1000)


class LoggedUser(ScriptedUser):
    """The scripted user, logged."""

    async def speak(self, brief: UserBrief) -> Utterance:
        """Log, then speak."""
        await _log(brief.seed)
        return await super().speak(brief)


class LoggedInducer(ScriptedInducer):
    """The scripted inducer, logged."""

    async def induce(self, brief: InducerBrief) -> Induction:
        """Log, then induce."""
        await _log(brief.seed)
        return await super().induce(brief)


class LoggedAssistant(ScriptedAssistant):
    """The scripted assistant, logged."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Log, then reply."""
        await _log(brief.seed)
        return await super().reply(brief)


class LoggedJudge(ScriptedJudge):
    """The scripted judge, logged."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Log, then judge."""
        await _log(brief.seed)
        return await super().judge(brief)
