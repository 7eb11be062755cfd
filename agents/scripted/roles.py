"""Roles of the scripted assistant: what it is told of the user in each, and what it may say.

They are the scripted counterparts of an evaluation's baselines. A role that only changes how a
language model is prompted has none.
"""

from dataclasses import replace

from agents.scripted.inducer import ScriptedInducer
from agents.scripted.temperament import temperament_of
from agents.seats import AssistantBrief, InducerBrief
from dialogues.errors import UsageError
from dialogues.node import Belief
from dialogues.persona import Persona
from dialogues.prose import sentences

SCRIPTED_ROLES = ("hinted", "plain", "concise", "induce", "oracle", "amnesic")
"""The roles a scripted assistant can play."""

_CONCISE = 3


def refuse_unknown(role: str) -> None:
    """Pass over a role that a scripted assistant can play, or none.

    Raises:
        UsageError: the role only means something to a language model.
    """
    if role and role not in SCRIPTED_ROLES:
        raise UsageError(
            f"a scripted assistant has no role {role!r}, which changes a model's prompt; "
            f"its roles: {', '.join(SCRIPTED_ROLES)}"
        )


async def belief_in(brief: AssistantBrief) -> Belief:
    """Return what an assistant of the brief's role holds of the user.

    `oracle` knows every fact of the profile and the poles the personality shows; `induce` believes
    what the scripted inducer's rules find in the history; the others what they are given.

    Raises:
        UsageError: an `oracle` was not told who the user is.
    """
    if brief.role == "oracle":
        return _all_of(brief.persona)
    if brief.role == "induce":
        return await _induced(brief)
    return brief.hint or Belief()


def as_remembered(brief: AssistantBrief) -> AssistantBrief:
    """Return the brief with the history the role remembers: `amnesic` only the last message."""
    return replace(brief, history=brief.history[-1:]) if brief.role == "amnesic" else brief


def as_allowed(text: str, role: str) -> str:
    """Return as much of a reply as the role may say: `concise` at most three sentences."""
    return " ".join(sentences(text)[:_CONCISE]) if role == "concise" else text


def _all_of(persona: Persona | None) -> Belief:
    if persona is None:
        raise UsageError("role 'oracle' must be told the user's persona, and was told none")
    facts = tuple(fact.text for fact in persona.profile.facts)
    return Belief(facts=facts, traits=tuple(sorted(temperament_of(persona.personality))))


async def _induced(brief: AssistantBrief) -> Belief:
    belief, inducer = Belief(), ScriptedInducer()
    ends = [at for at, message in enumerate(brief.history, start=1) if message.role == "user"]
    for turn, end in enumerate(ends, start=1):
        heard = InducerBrief(
            role="infer", history=brief.history[:end], turn=turn, seed=brief.seed, belief=belief
        )
        belief = (await inducer.induce(heard)).belief
    return belief
