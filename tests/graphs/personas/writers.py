"""Writers made for tests, named by dotted path also in other processes."""

import asyncio
from random import Random
from typing import ClassVar

from agents.scripted.writer import ScriptedWriter
from agents.seats import AgentError, WriterBrief, Written
from dialogues.errors import GroveError, UsageError
from dialogues.node import Usage

PATH = "tests.graphs.personas.writers"

_START, _VOWELS = "bdfgklmnprst", "aeiou"
_SYLLABLES = [start + vowel for start in _START for vowel in _VOWELS]
_WORDS = [one + other for one in _SYLLABLES for other in _SYLLABLES]
GOOD = "He sings low. He paints boats. He bakes bread. He walks far. He sleeps late."


def of_nonsense(draw: Random) -> str:
    """Five sentences of words that hardly any other text has."""
    return " ".join(" ".join(draw.sample(_WORDS, 6)).capitalize() + "." for _ in range(5))


class Nonsense:
    """Writes texts that are all far from each other, and costs three tokens a call."""

    async def write(self, brief: WriterBrief) -> Written:
        draw = Random(brief.seed)
        texts = tuple(of_nonsense(draw) for _ in range(brief.count))
        return Written(texts=texts, usage=Usage(prompt_tokens=1, completion_tokens=2))


class Slow(ScriptedWriter):
    """The scripted writer, who thinks a little first."""

    async def write(self, brief: WriterBrief) -> Written:
        await asyncio.sleep(0.1)
        return await super().write(brief)


class Witness(Nonsense):
    """Keeps every brief it gets."""

    briefs: ClassVar[list[WriterBrief]] = []

    async def write(self, brief: WriterBrief) -> Written:
        self.briefs.append(brief)
        return await super().write(brief)


class Silent:
    """Brings nothing."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=())


class Prosy:
    """Brings what is no description."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=("Sure! Here they are:", "...", "", "He is tall.", "long " * 1000))


class Parrot:
    """Brings one text for ever."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=(GOOD,) * brief.count)


class Echo:
    """Brings what it was shown, hardly changed."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=tuple(f"{text} And so on." for text in brief.examples))


class Refusing:
    """Fails always, as agents do, after some tokens."""

    async def write(self, brief: WriterBrief) -> Written:
        raise AgentError("not [red]today").after(Usage(prompt_tokens=5, completion_tokens=0))


class Broken:
    """Fails always, as programs do."""

    async def write(self, brief: WriterBrief) -> Written:
        raise ZeroDivisionError("division by zero")


class Chatty:
    """Fails with a message of several lines, and with every line break Unicode knows."""

    async def write(self, brief: WriterBrief) -> Written:
        raise ValueError("one\ntwo\x85three\u2028four\x0bfive")


class OddlySpent(Exception):
    """An error of somebody else's, with a `usage` of its own."""

    usage: ClassVar = {"total": 7}


class Overspent:
    """Fails with an error that has a `usage` which is none of ours."""

    async def write(self, brief: WriterBrief) -> Written:
        raise OddlySpent("out of credits")


class Stringy:
    """Answers with a text instead of an answer."""

    async def write(self, brief: WriterBrief) -> str:
        return GOOD


class Numbers:
    """Answers with numbers where texts should be."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=(1, None, 2.5))  # type: ignore[arg-type]


class Nothings:
    """Answers with None where texts should be."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=None)  # type: ignore[arg-type]


class Unbilled:
    """Answers with a usage that is none."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=(), usage="a lot")  # type: ignore[arg-type]


class Ending:
    """Says at once that nothing more can come."""

    async def write(self, brief: WriterBrief) -> Written:
        return Written(texts=(), last=True)


class Moody(Nonsense):
    """Writes only while it is in the mood."""

    in_the_mood = False

    async def write(self, brief: WriterBrief) -> Written:
        if not self.in_the_mood:
            raise AgentError("no")
        return await super().write(brief)


class Meagre(Nonsense):
    """Brings one text every third call, else nothing."""

    async def write(self, brief: WriterBrief) -> Written:
        texts = (await super().write(brief)).texts[:1] if brief.number % 3 == 2 else ()
        return Written(texts=texts)


class Hostile(Nonsense):
    """Writes texts with control characters, markup, line breaks and half characters."""

    async def write(self, brief: WriterBrief) -> Written:
        texts = (await super().write(brief)).texts
        return Written(texts=tuple(f"[red]\x1b[31m\x00\ud800\u2028{text}\n\n" for text in texts))


class Misused:
    """Says that it is wrongly used."""

    async def write(self, brief: WriterBrief) -> Written:
        raise UsageError("give me\n[bold]a pen")


class Gone:
    """Says that the work cannot go on."""

    async def write(self, brief: WriterBrief) -> Written:
        raise GroveError("the server is gone")
