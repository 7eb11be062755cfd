"""Manner of speaking: how long and how lively a personality's messages are."""

import re
from typing import Literal

from dialogues.persona import Personality

Style = Literal["brief", "even", "lively"]

_BRIEF = re.compile(
    r"\b(terse|blunt|short|reserved|guarded|impatient|formal|dry|shy|quiet|introverted|cool|"
    r"sceptical|skeptical|serious|private|concise)\b"
)
_LIVELY = re.compile(
    r"\b(talkative|exuberant|outgoing|sociable|enthusiastic|playful|energetic|cheerful|chatty|"
    r"emotional|storyteller|warm|optimistic|extroverted|lively|passionate)\b"
)


def style_of(personality: Personality) -> Style:
    """Return the manner most of the trait words in the text point to; `even` if they balance."""
    text = personality.text.lower()
    lean = len(set(_LIVELY.findall(text))) - len(set(_BRIEF.findall(text)))
    if lean == 0:
        return "even"
    return "lively" if lean > 0 else "brief"
