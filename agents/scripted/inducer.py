"""The scripted inducer: believes only what the user has said of themselves in so many words."""

from agents.scripted.impression import impression
from agents.scripted.pronouns import own_names
from agents.scripted.statements import statements
from agents.scripted.words import content_words, coverage
from agents.seats import InducerBrief, Induction
from dialogues.node import Belief
from dialogues.persona import Persona

_EVIDENCE = 0.8


class ScriptedInducer:
    """Quotes the user's statements; in role `extract`, names the persona's clauses they cover."""

    async def induce(self, brief: InducerBrief) -> Induction:
        """Add what the latest message reveals to the belief of the turn before."""
        said = [message.content for message in brief.history if message.role == "user"]
        traits = impression(said)
        if brief.persona is not None:
            return Induction(belief=Belief(facts=_covered(brief.persona, said), traits=traits))
        facts = list(brief.belief.facts)
        facts += (new for new in statements(said[-1]) if not _is_known(new, facts))
        return Induction(belief=Belief(facts=tuple(dict.fromkeys(facts)), traits=traits))


def _is_known(statement: str, facts: list[str]) -> bool:
    words = content_words(statement)
    return not words or any(words <= content_words(fact) for fact in facts)


def _covered(persona: Persona, said: list[str]) -> tuple[str, ...]:
    heard = content_words(" ".join([*said, *own_names(persona.profile)]))
    return tuple(
        fact.text for fact in persona.profile.facts if coverage(fact.text, heard) >= _EVIDENCE
    )
