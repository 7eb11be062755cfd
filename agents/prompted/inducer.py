"""Inducers on a model, incremental: each call reads the last belief and the latest exchange."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from agents.models.form import Form, ask_for
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.prompted.transcript import numbered, transcript
from agents.seats import InducerBrief, Induction
from dialogues.node import Belief, Message
from dialogues.persona import Persona

_EXCHANGE = 2


class Revealed(BaseModel):
    """What a message newly reveals, in role `infer`; `withdrawn` numbers facts noted before."""

    model_config = ConfigDict(extra="forbid")

    facts: list[str]
    traits: list[str]
    withdrawn: list[int]


class Covered(BaseModel):
    """The numbers of the persona's statements a message newly reveals, in role `extract`."""

    model_config = ConfigDict(extra="forbid")

    facts: list[int]
    traits: list[int]


_REVEALED = Revealed(facts=["keeps bees"], traits=["dry humour"], withdrawn=[])
_COVERED = Covered(facts=[3], traits=[])


class PromptedInducer:
    """Infers from the messages alone or, where it is told the persona, extracts from that."""

    def __init__(self, backing: Backing) -> None:
        """Induce with the model and the prompts `infer` and `extract`."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt:
        """Return the prompt it is asked with in a role."""
        return self.backing.prompts["extract" if role == "extract" else "infer"]

    async def induce(self, brief: InducerBrief) -> Induction:
        """Form the belief after the user's latest message.

        Raises:
            Unparsable: the model never answered in the form asked for.
            AgentError: it gave no answer.
        """
        if brief.persona is None:
            return await self._infer(brief)
        return await self._extract(brief, brief.persona)

    async def _infer(self, brief: InducerBrief) -> Induction:
        believed = brief.belief
        ask = self.prompt("infer").fill(
            "ask",
            facts=numbered(believed.facts),
            traits=numbered(believed.traits),
            exchange=transcript(brief.history[-_EXCHANGE:]),
        )
        return await infer(self.backing, believed, ask, brief.seed)

    async def _extract(self, brief: InducerBrief, persona: Persona) -> Induction:
        prompt = self.prompt("extract")
        facts = [fact.text for fact in persona.profile.facts]
        traits = [trait.text for trait in persona.personality.traits]
        system = prompt.fill(
            "system",
            facts=numbered(facts),
            traits=numbered(traits),
            example=_COVERED.model_dump_json(),
        )
        ask = prompt.fill(
            "ask",
            known_facts=_numbers(facts, brief.belief.facts),
            known_traits=_numbers(traits, brief.belief.traits),
            exchange=transcript(brief.history[-_EXCHANGE:]),
        )
        messages = [Message("system", system), Message("user", ask)]
        new, answer = await ask_for(self.backing.model, messages, brief.seed, Form(_COVERED))
        belief = Belief(
            facts=_revealed(facts, brief.belief.facts, new.facts),
            traits=_revealed(traits, brief.belief.traits, new.traits),
        )
        return Induction(answer.text, {}, answer.reasoning, answer.usage, belief)


async def infer(backing: Backing, believed: Belief, ask: str, seed: int) -> Induction:
    """Ask what a chat reveals beyond what is `believed`, with the system text of prompt `infer`.

    Args:
        backing: the model and the prompts.
        believed: the notes so far, which the answer adds to and takes from.
        ask: the question, with all of the chat that it is about.
        seed: for the sampling.

    Raises:
        Unparsable: the model never answered in the form asked for.
        AgentError: it gave no answer.
    """
    system = backing.prompts["infer"].fill("system", example=_REVEALED.model_dump_json())
    messages = [Message("system", system), Message("user", ask)]
    new, answer = await ask_for(backing.model, messages, seed, Form(_REVEALED))
    kept = [fact for number, fact in enumerate(believed.facts, 1) if number not in new.withdrawn]
    belief = Belief(facts=_with(kept, new.facts), traits=_with(believed.traits, new.traits))
    return Induction(answer.text, {}, answer.reasoning, answer.usage, belief)


def distinct(statements: Sequence[str]) -> tuple[str, ...]:
    """Return statements on one line each, none of them empty or there twice."""
    told = (" ".join(text.split()) for text in statements)
    return tuple(dict.fromkeys(text for text in told if text))


def _with(known: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *distinct(new)]))


def _numbers(statements: Sequence[str], known: Sequence[str]) -> str:
    numbers = [str(number) for number, text in enumerate(statements, 1) if text in known]
    return ", ".join(numbers) or "none"


def _revealed(
    statements: Sequence[str], known: Sequence[str], new: Sequence[int]
) -> tuple[str, ...]:
    return tuple(
        text for number, text in enumerate(statements, 1) if text in known or number in new
    )
