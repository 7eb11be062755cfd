"""Users, an assistant and checkers of known properties, named by dotted path in the tests."""

from collections.abc import Sequence

from agents.seats import AssistantBrief, Reply, UserBrief, Utterance
from dialogues.node import Message
from dialogues.persona import Persona, Profile

PATH = "tests.eval.realism.users"
OPENING = "Good to be here, dear friend."
QUESTION = "Well, and do you keep bees?"
SIDELINES = ("The kettle hums.", "My chair creaks.", "A lamp flickers.", "Clouds drift by.")
AGES = (
    "I am 52 years old, mind you.",
    "I'm sixty-one, and glad of it.",
    "I am 52 and none the wiser.",
    "I'm 61, as it happens.",
)


class Opener:
    """Begins with the same words whoever it is; then speaks of what nobody asked about."""

    async def speak(self, brief: UserBrief) -> Utterance:
        return Utterance(OPENING if brief.turn == 1 else SIDELINES[brief.turn - 1])


class Liar:
    """Names its age in every message: the right one first, then a wrong one, in turns."""

    async def speak(self, brief: UserBrief) -> Utterance:
        return Utterance(AGES[brief.turn - 1])


class Dumper:
    """Tells its profile two facts a message, and afterwards says nothing of itself."""

    async def speak(self, brief: UserBrief) -> Utterance:
        facts = brief.persona.profile.facts[2 * brief.turn - 2 : 2 * brief.turn]
        return Utterance(" ".join(fact.text for fact in facts) or SIDELINES[brief.turn - 1])


class Willing:
    """Answers, asks back, and leaves after its third message; says so in gold labels."""

    async def speak(self, brief: UserBrief) -> Utterance:
        text = f"Yes, {brief.turn} hives, and you?"
        facts = brief.persona.profile.facts
        acts = ["answer:yesno", "leave"] if brief.turn == 3 else ["answer:yesno"]
        notes = {"acts": acts, "reveals": [facts[brief.turn - 1].id]}
        return Utterance(text, notes=notes, ends=brief.turn == 3)


class Slipping:
    """Talks as an assistant until it is asked again; in its third message it never stops."""

    async def speak(self, brief: UserBrief) -> Utterance:
        slips = not brief.faults or brief.turn == 3
        return Utterance("How can I help you?" if slips else SIDELINES[brief.turn - 1])


class Asker:
    """Asks the same question whatever it hears."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        return Reply(QUESTION)


class Strict:
    """Takes every message for a contradiction, and every question for unanswered."""

    async def against_persona(
        self, persona: Persona, history: Sequence[Message], seed: int
    ) -> str | None:
        return history[-1].content

    async def against_earlier(self, history: Sequence[Message], seed: int) -> str | None:
        return history[-1].content

    async def quizzed(
        self, profile: Profile, history: Sequence[Message], seed: int
    ) -> list[bool | None]:
        return [None] * len(profile.facts)


class Vague(Strict):
    """Answers what is no verdict: neither words nor None, and too few entries."""

    async def against_persona(
        self, persona: Persona, history: Sequence[Message], seed: int
    ) -> str | None:
        return ""

    async def against_earlier(self, history: Sequence[Message], seed: int) -> str | None:
        raise ValueError("no idea")

    async def quizzed(
        self, profile: Profile, history: Sequence[Message], seed: int
    ) -> list[bool | None]:
        return [True]


class NoChecker:
    """Cannot check."""
