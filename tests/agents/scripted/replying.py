"""Replies, beliefs and whole dialogues of the scripted agents, for the tests of their modules."""

import asyncio
import re
from collections.abc import Iterable
from functools import cache

from agents.scripted.assistant import ScriptedAssistant
from agents.scripted.inducer import ScriptedInducer
from agents.seats import AssistantBrief, InducerBrief
from dialogues.node import Belief, Message
from dialogues.persona import Persona
from dialogues.pool import load_pool
from dialogues.tree import Tree
from tests.graphs.stage import play
from tests.growing import a_cast

PERSONAS = load_pool().personas(1)
"""All shipped profiles, each with one personality."""

SEEDS = range(40)
CONTRACTION = re.compile(
    r"\w'(?:m|re|ve|d|ll|t)\b|\b(?:it|that|there|what|who|where|how|he|she|here|let)'s\b", re.I
)


def alternating(*texts: str) -> list[Message]:
    """Return these texts as a dialogue that the user began."""
    return [Message("assistant" if at % 2 else "user", text) for at, text in enumerate(texts)]


def reply(*texts: str, hint: Belief | None = None, variant: str = "", seed: int = 0) -> str:
    """Return the assistant's reply to a dialogue that ends with the user's message."""
    history = alternating(*texts)
    turn = (len(history) + 1) // 2
    brief = AssistantBrief(role="", history=history, turn=turn, seed=seed, place=0, hint=hint)
    return asyncio.run(ScriptedAssistant(variant).reply(brief)).text


def replies(*texts: str, hint: Belief | None = None, variant: str = "") -> list[str]:
    """Return the replies to the same dialogue under many seeds."""
    return [reply(*texts, hint=hint, variant=variant, seed=seed) for seed in SEEDS]


def conversation(
    said: Iterable[str], hint: Belief | None = None, variant: str = "", seed: int = 0
) -> list[str]:
    """Return the assistant's replies to messages, each given with all that went before."""
    texts: list[str] = []
    for at, message in enumerate(said):
        texts.append(message)
        texts.append(reply(*texts, hint=hint, variant=variant, seed=seed + at))
    return texts[1::2]


def induced(*texts: str, persona: Persona | None = None, belief: Belief | None = None) -> Belief:
    """Return the belief after a dialogue that ends with the user's message."""
    brief = InducerBrief(
        role="extract" if persona else "infer",
        history=alternating(*texts),
        turn=(len(texts) + 1) // 2,
        seed=0,
        belief=belief or Belief(),
        persona=persona,
    )
    return asyncio.run(ScriptedInducer().induce(brief)).belief


@cache
def dialogues(count: int, turns: int, *assistants: str) -> tuple[Tree, ...]:
    """Grow one tree for each of the first personas, with a candidate of every assistant."""
    troupe = a_cast(*assistants)
    width = len(troupe.assistants)
    return tuple(
        play(troupe, persona=persona, turns=turns, candidates=width) for persona in PERSONAS[:count]
    )
