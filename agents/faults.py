"""The simulator-fault gate: what no simulated user may say, however good the model behind it.

A fault of the simulator would otherwise be held against the assistant, or be learnt. Each check is
a rule one can read; they are made to pass over anything a person might plausibly type.
"""

import re
import unicodedata
from collections.abc import Callable

from agents.scripted.words import content_words, coverage
from agents.seats import AgentError, EmptyReply, UserBrief
from dialogues.node import Message
from dialogues.prose import sentences

EMPTY, ROLE_FLIP, LEAK = "empty", "role_flip", "leaked_instructions"
DUMP, RESTART, REPETITION = "profile_dump", "restart", "repetition"
_SHORT, _REMEMBERED = 6, 10
_MOST_FACTS, _TOLD = 3, 0.8

_WORD = re.compile(r"\w+")
_END = r"(?=[.,!?;:]|\s*$)"
_ASSISTANT_TALK = (
    rf"\bas an? (?:ai|virtual assistant|chatbot)(?:{_END}| (?:language )?model| assistant|,? i\b)",
    r"\b(?:as|i am|i'm) a (?:large )?language model\b",
    rf"\bi(?:'m| am) (?:just |only )?an? (?:ai|language model|virtual assistant|chatbot)(?:{_END}| "
    r"(?:assistant|language model|model|and|so|but|that|created|trained|designed)\b)",
    r"\bhow (?:can|may) i (?:help|assist) you\b",
    rf"\bi(?:'m| am) here to (?:help|assist)(?: you)?(?:{_END}| with\b| if\b)",
    r"\banything else i can (?:help|assist|do for) (?:you|with)\b",
    r"\bfeel free to (?:reach out|ask me any|ask any|ask if|let me know)\b",
    rf"\bi(?:'d| would)? ?be (?:happy|glad) to (?:help|assist)(?: you)?(?:{_END}| with\b)",
    r"\bi can(?:'t|not| not) (?:help|assist)(?: you)? with (?:that|this)(?: request)?\s*(?:[.!]|$)",
    r"^i(?:'m| am) sorry, but i can",
    r"^[^\S\n]*(?:assistant|ai|bot|chatbot)[^\S\n]*:",
    r"^[^\S\n]*(?:user|human|me|person)[^\S\n]*:[\s\S]*^[^\S\n]*\w+[^\S\n]*:",
)
_LEAKED = (
    r"</?(?:think|profile|personality|user_message|assistant_message|notes\w*)\b|<\|\w+\|>",
    r"\bsystem prompt\b|^(?:okay|ok|so|alright)?,? ?the user (?:wants|is asking|said|asks|asked)\b",
    r"\b(?:i|me|to|must|should) (?:stay|remain|keep) in character\b|\bstaying in character,",
    r"\bas (?:the|this) (?:persona|character)\b",
    r"\b(?:the|this|my) (?:persona|profile) (?:is|says|states|describes|mentions)\b",
    r"\b(?:according to|based on|given|per) (?:the|my|this) (?:persona|profile|instruct)",
    r"\bmy instructions (?:say|are|tell|do not|don't)\b|\bfollow(?:ing)? (?:the|my) instructions\b",
    r"\b(?:i need to|i should|let me) (?:respond|reply|reveal)\b",
    r"\b(?:i need to|i should|let me) play (?:the|this) (?:person|role|part)\b",
    r"\b(?:i need to|i should|let me) write (?:a|the|my) (?:\w+ )?(?:message|response|reply)\b",
    r"\bhere(?:'s| is) (?:my|a|the) (?:next |first )?(?:message|response|reply)\s*:",
)
_GREETING = r"^(?:hi|hello|hey|good (?:morning|afternoon|evening))\b[^.!?\n]{0,20}[,.!]? *"
_OPENINGS = (rf"{_GREETING}[^.!?\n]{{0,20}}(?:my name is|nice to meet)\b",)
_INTRODUCTION = re.compile(
    rf"(?i:{_GREETING})(?:I'm|I am) [A-Z]\w+(?: [A-Z]\w+)?(?=[.,!]| and\b| from\b|\s*$)"
)


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE)


_FLIPS, _LEAKS, _RESTARTS = _any(_ASSISTANT_TALK), _any(_LEAKED), _any(_OPENINGS)


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
    plain = text.replace("’", "'")
    return next((name for name, check in _CHECKS.items() if check(plain, brief)), "")


def _is_empty(text: str, _: UserBrief) -> bool:
    return not any(char.isalnum() or unicodedata.category(char) == "So" for char in text)


def _flips_role(text: str, _: UserBrief) -> bool:
    return bool(_FLIPS.search(text))


def _leaks(text: str, _: UserBrief) -> bool:
    return bool(_LEAKS.search(text))


def _dumps_profile(text: str, brief: UserBrief) -> bool:
    """Tell whether it tells most of its facts at once, in whatever person."""
    said, facts = content_words(text), brief.persona.profile.facts
    told = sum(coverage(fact.text, said) >= _TOLD for fact in facts)
    return told > max(_MOST_FACTS, len(facts) // 2)


def _restarts(text: str, brief: UserBrief) -> bool:
    begins = text.strip()
    return brief.turn > 1 and bool(_RESTARTS.match(begins) or _INTRODUCTION.match(begins))


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
