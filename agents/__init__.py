"""The seats of a dialogue and the agents that fill them."""

from agents.casting import Cast, cast
from agents.seats import (
    AgentError,
    Assistant,
    AssistantBrief,
    Candidate,
    Inducer,
    InducerBrief,
    Induction,
    Judge,
    JudgeBrief,
    Judgement,
    Reply,
    User,
    UserBrief,
    Utterance,
)

__all__ = [
    "AgentError",
    "Assistant",
    "AssistantBrief",
    "Candidate",
    "Cast",
    "Inducer",
    "InducerBrief",
    "Induction",
    "Judge",
    "JudgeBrief",
    "Judgement",
    "Reply",
    "User",
    "UserBrief",
    "Utterance",
    "cast",
]
