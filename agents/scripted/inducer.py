"""The scripted inducer: believes only what the user has said of themselves in so many words."""

import re

from agents.scripted.pronouns import own_names
from agents.scripted.words import content_words
from agents.seats import InducerBrief, Induction
from dialogues.node import Belief
from dialogues.persona import Persona
from dialogues.prose import sentences

_STATEMENT = re.compile(r"(?:I|I'm|I've|I'd|My|We)\b")
_LEAD = re.compile(r"(?<=[.:!?])\s+(?=I\b|My\b|We\b)")
_OPINION = re.compile(r"I (?:suppose|love that you|keep coming back|mean|guess|think)\b")
_EVIDENCE = 0.8
_MESSAGES_FOR_A_TRAIT = 3


class ScriptedInducer:
    """Quotes the user's statements; in role `extract`, names the persona's clauses they cover."""

    async def induce(self, brief: InducerBrief) -> Induction:
        """Add what the latest message reveals to the belief of the turn before."""
        said = [message.content for message in brief.history if message.role == "user"]
        if brief.persona is not None:
            return Induction(belief=_covered(brief.persona, said))
        new = [part for part in _parts(said[-1]) if _is_statement(part)]
        facts = tuple(dict.fromkeys([*brief.belief.facts, *new]))
        return Induction(belief=Belief(facts=facts, traits=_manner(said)))


def _parts(message: str) -> list[str]:
    return [part for sentence in sentences(message) for part in _LEAD.split(sentence)]


def _is_statement(sentence: str) -> bool:
    stated = _STATEMENT.match(sentence) and not _OPINION.match(sentence)
    return bool(stated) and not sentence.endswith("?")


def _covered(persona: Persona, said: list[str]) -> Belief:
    heard = content_words(" ".join([*said, *own_names(persona.profile)]))
    facts = tuple(
        fact.text for fact in persona.profile.facts if _share(fact.text, heard) >= _EVIDENCE
    )
    return Belief(facts=facts, traits=_manner(said))


def _share(statement: str, heard: frozenset[str]) -> float:
    words = content_words(statement)
    return len(words & heard) / len(words) if words else 0.0


def _manner(said: list[str]) -> tuple[str, ...]:
    if len(said) < _MESSAGES_FOR_A_TRAIT:
        return ()
    exclaiming = sum("!" in message for message in said) / len(said)
    words = sum(len(message.split()) for message in said) / len(said)
    if exclaiming > 0.5:
        return ("lively",)
    return ("brief",) if words < 14 and exclaiming == 0 else ()
