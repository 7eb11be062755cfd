"""The scripted assistant: answers from the belief if it has one, politely in general if not."""

from random import Random

from agents.scripted.pronouns import second_person
from agents.seats import AssistantBrief, Reply
from dialogues.node import Belief

_ECHOES = (
    "So {fact}.",
    "I hear that {fact}.",
    "You say {fact}, and I would like to know more.",
    "It stays with me that {fact}.",
)
_RECALLS = (
    "And you told me that {fact}.",
    "It goes together with what you told me before, that {fact}.",
    "I have not forgotten that {fact}, either.",
)
_QUESTIONS = (
    "How did that come about?",
    "What is that like for you?",
    "What would you want people to know about it?",
    "Who else knows that side of you?",
    "Has it always been that way?",
)
_PLAIN = (
    "That is interesting, thank you for telling me.",
    "I see what you mean.",
    "It sounds as if there is a lot behind that.",
    "Thanks for sharing that with me.",
)
_PLAIN_QUESTIONS = (
    "What else would you like to talk about?",
    "Is there something I can help with today?",
    "Would you like to say more?",
    "How has your week been otherwise?",
)


class ScriptedAssistant:
    """Speaks to what the hint says the user revealed; without a hint, attentive but generic."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Compose a reply of two or three sentences."""
        rng = Random(brief.seed)
        hint = brief.hint
        if hint is None or not hint.facts:
            return Reply(f"{rng.choice(_PLAIN)} {rng.choice(_PLAIN_QUESTIONS)}")
        parts = [rng.choice(_ECHOES).format(fact=second_person(hint.facts[-1]))]
        if _has_room(hint) and len(hint.facts) > 1 and rng.random() < 0.5:
            earlier = rng.choice(hint.facts[:-1])
            parts.append(rng.choice(_RECALLS).format(fact=second_person(earlier)))
        return Reply(" ".join([*parts, rng.choice(_QUESTIONS)]))


def _has_room(hint: Belief) -> bool:
    return "brief" not in hint.traits
