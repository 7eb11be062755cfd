"""The simulator-fault gate: what no simulated user may say, however good the model behind it.

A fault of the simulator would otherwise be held against the assistant, or be learnt. Each check is
a rule one can read; they are made to pass over anything a person might plausibly type.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from agents.seats import AgentError, EmptyReply, UserBrief
from dialogues.node import Message
from dialogues.persona import Profile
from dialogues.prose import sentences

EMPTY, ROLE_FLIP, LEAK = "empty", "role_flip", "leaked_instructions"
DUMP, RESTART, REPETITION = "profile_dump", "restart", "repetition"
_SHORT, _REMEMBERED = 6, 10
_MOST_FACTS, _TOLD = 3, 0.8

_WORD = re.compile(r"\w+")
_ASSISTANT_TALK = re.compile(
    r"\bas an? (?:ai|language model|virtual assistant|ai assistant)\b|\bi(?:'m| am) an? (?:ai|"
    r"language model|virtual assistant)\b|\bhow (?:can|may) i (?:help|assist) you\b|\bi(?:'m| am) "
    r"here to (?:help|assist)\b|\bis there anything else i can\b|\bfeel free to (?:ask|reach out|"
    r"share)\b|\bi(?:'d| would) be happy to (?:help|assist)\b|\bi can(?:no|')t (?:help|assist) "
    r"with (?:that|this)\b|^\s*(?:assistant|ai|bot)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_BOTH_PARTS = re.compile(r"^\s*(?:user|human|me|person)\s*:.*^\s*\w+\s*:", re.I | re.M | re.S)
_LEAKED = re.compile(
    r"</?(?:think|profile|personality|user_message|notes\w*)\b|<\|\w+\|>|\bthe user (?:wants|is "
    r"asking|said|asks)\b|\bstay(?:ing)? in character\b|\bas (?:the|this) (?:persona|character)\b|"
    r"\b(?:my|the) (?:persona|personality|profile) (?:is|says|states|describes)\b|\bsystem prompt\b"
    r"|\bmy instructions\b|\b(?:okay|ok|alright|so),? (?:i need to|let me) (?:write|respond|reply|"
    r"play)\b|\bhere(?:'s| is) (?:my|a|the) (?:next )?(?:message|response|reply)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^.!?\n]{0,20}[,.!]? *"
    r"(?:there[,.!]? *)?(?:i'm|i am|my name is|nice to meet)",
    re.IGNORECASE,
)


class RoleFlip(AgentError):
    """The user kept talking as the assistant, or for both."""


class LeakedInstructions(AgentError):
    """The user kept telling its thoughts or its instructions."""


class ProfileDump(AgentError):
    """The user kept reciting its profile."""


class Restart(AgentError):
    """The user kept beginning the dialogue anew."""


class Repetition(AgentError):
    """The user kept repeating itself or the assistant."""


ERRORS: dict[str, type[AgentError]] = {
    EMPTY: EmptyReply,
    ROLE_FLIP: RoleFlip,
    LEAK: LeakedInstructions,
    DUMP: ProfileDump,
    RESTART: Restart,
    REPETITION: Repetition,
}


def fault_in(text: str, brief: UserBrief) -> str:
    """Return what is wrong with a user's message, in one word, or nothing."""
    return next((name for name, check in _CHECKS.items() if check(text, brief)), "")


def _is_empty(text: str, _: UserBrief) -> bool:
    return not _WORD.search(text)


def _flips_role(text: str, _: UserBrief) -> bool:
    return bool(_ASSISTANT_TALK.search(text) or _BOTH_PARTS.search(text))


def _leaks(text: str, brief: UserBrief) -> bool:
    return bool(_LEAKED.search(text))


def _dumps_profile(text: str, brief: UserBrief) -> bool:
    """Tell whether it tells most of its facts at once."""
    said, facts = set(_words(text)), _facts(brief.persona.profile)
    told = sum(len(fact & said) >= _TOLD * len(fact) for fact in facts if fact)
    return told > max(_MOST_FACTS, len(facts) // 2)


@lru_cache(maxsize=4096)
def _facts(profile: Profile) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(_words(fact.text)) for fact in profile.facts)


def _restarts(text: str, brief: UserBrief) -> bool:
    return brief.turn > 1 and bool(_GREETING.match(text.strip()))


def _repeats(text: str, brief: UserBrief) -> bool:
    """Tell whether it has been said: by the user itself lately, or just now by the other.

    A few words may come again, as they do with people, but not twice in a row.
    """
    said = " ".join(_words(text))
    own = [" ".join(_words(message.content)) for message in _own(brief)]
    if len(said.split()) < _SHORT:
        return said in own[-1:]
    return said in own or said in _latest(brief) or _mostly_said(text, brief)


def _latest(brief: UserBrief) -> list[str]:
    return [" ".join(_words(message.content)) for message in brief.history[-1:]]


def _mostly_said(text: str, brief: UserBrief) -> bool:
    parts = [part for part in sentences(text) if len(part.split()) >= _SHORT]
    before = {part for message in _own(brief) for part in sentences(message.content)}
    return len(parts) > 1 and all(part in before for part in parts)


def _own(brief: UserBrief) -> list[Message]:
    return [message for message in brief.history if message.role == "user"][-_REMEMBERED:]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


_CHECKS: dict[str, Callable[[str, UserBrief], bool]] = {
    EMPTY: _is_empty,
    LEAK: _leaks,
    ROLE_FLIP: _flips_role,
    DUMP: _dumps_profile,
    RESTART: _restarts,
    REPETITION: _repeats,
}
