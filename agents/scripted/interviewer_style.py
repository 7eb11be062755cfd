"""Style of the interviewer: a few habits of writing, read from the words of a personality."""

import re
from functools import lru_cache
from random import Random

from dialogues.persona import Frozen, Personality

_HABITS = {
    "brief": r"terse|blunt|brief|short|curt|laconic|few words|tight lipped|quiet|withdrawn|"
    r"monosyllab|taciturn|as little as|line at a time|three words|clipped",
    "wordy": r"talkative|at (?:great )?length|chatty|chatter|verbose|long (?:grave )?messages|"
    r"without pause|rambl|long-winded|garrulous|screen or two",
    "loud": r"enthusias|exuberant|excited|exclamation|cheerful|merry|bouncy|bubbly|sparkling|"
    r"lively|energetic|overjoyed",
    "stiff": r"formal(?!ity)|polite|courteous|courtesy|full sentences|complete sentences|proper",
    "loose": r"casual|slang|sloppily|lower case|easygoing|informal|laid-back|loose",
    "unsure": r"anxious|hesita|timid|shy|nervous|insecure|hedge|unsure|apologi|permission",
}
_DENIES = re.compile(r"\b(?:no|not|never|avoids?|drop all|seldom|rarely|hardly)\b[^.,;]{0,20}$")
_IN_FULL = {
    "it's": "it is", "that's": "that is", "there's": "there is", "here's": "here is",
    "let's": "let us", "won't": "will not", "wasn't": "was not", "isn't": "is not",
    "don't": "do not", "doesn't": "does not", "didn't": "did not", "you'd": "you would",
    "you've": "you have", "we're": "we are", "there'd": "there would", "what's": "what is",
    "who's": "who is", "wouldn't": "would not",
}  # fmt: skip
_SHORT_FORM = re.compile(r"\b(?:" + "|".join(_IN_FULL) + r")\b", re.IGNORECASE)


class Style(Frozen):
    """Habits of writing, by name; none is a plain manner."""

    habits: frozenset[str] = frozenset()

    @property
    def asks(self) -> float:
        """How likely a question goes with a fact."""
        return 0.2 if "brief" in self.habits else 0.8 if "wordy" in self.habits else 0.55

    @property
    def reacts(self) -> float:
        """How much of what it thinks of a reply it says."""
        return 0.5 if "brief" in self.habits else 1.0

    @property
    def frames(self) -> float:
        """How likely a fact gets words around it."""
        return 0.25 if "brief" in self.habits else 0.8

    def extras(self) -> list[tuple[str, float]]:
        """Return what this person adds to a message, each with how often."""
        often = {"wordy": ("more", 0.6), "unsure": ("hedge", 0.4), "loose": ("grin", 0.3)}
        return [extra for habit, extra in often.items() if habit in self.habits]

    def voiced(self, line: str, rng: Random) -> str:
        """Say a line as this person would: in full, or louder."""
        if "stiff" in self.habits:
            line = _SHORT_FORM.sub(_in_full, line)
        elif "loud" in self.habits and rng.random() < 0.6:
            line = re.sub(r"\.$", "!", line)
        return line


@lru_cache(maxsize=4096)
def style_of(personality: Personality) -> Style:
    """Read the habits that a personality's text names and does not deny."""
    text = " ".join(personality.text.lower().split())
    shown = {habit for habit, words in _HABITS.items() if _is_named(words, text)}
    # Of two that exclude each other, neither says how this person writes.
    for one, other in (("brief", "wordy"), ("stiff", "loose")):
        if {one, other} <= shown:
            shown -= {one, other}
    return Style(habits=frozenset(shown))


def _is_named(words: str, text: str) -> bool:
    found = re.finditer(rf"\b(?:{words})", text)
    return any(not _DENIES.search(text[: match.start()]) for match in found)


def _in_full(found: re.Match[str]) -> str:
    whole = _IN_FULL[found[0].lower()]
    return whole.capitalize() if found[0][0].isupper() else whole
