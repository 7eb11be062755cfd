"""Phrases: lines drawn from banks by manner, no sentence twice within a few turns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from agents.scripted.contractions import contracted, in_full
from agents.scripted.draws import Draws
from agents.scripted.temperament import Temperament
from dialogues.node import Message
from dialogues.prose import sentences

Lines = Sequence[str]
Bank = Lines | Mapping[str, Lines]
"""Lines for everybody, or lines by pole of temperament beside those for `any`."""

MEMORY = 10
"""No sentence is said again within so many messages of a speaker."""

_OWN_POLE = 0.85
_SHOWN_IN_FORM = frozenset({"terse", "talkative", "lively", "formal", "casual", "curious"})
_SHOWN_IN_WORDS = 0.35
_GOES_WITH_FORMAL = frozenset(
    {"formal", "serious", "warm", "cool", "patient", "guarded", "sceptical", "trusting", "hesitant"}
)
_SAME_FRAME, _FRAME_LETTERS = 4, 8


@lru_cache(maxsize=16384)
def bare_sentences(text: str) -> frozenset[str]:
    """Return the sentences of `text` as they are compared: by the letters of each word.

    A slip that swaps two letters does not make it another sentence.
    """
    bare = (_bare(part) for part in sentences(text))
    return frozenset(part for part in bare if part)


def _bare(sentence: str) -> str:
    return " ".join("".join(sorted(word)) for word in re.findall(r"[\w']+", sentence.lower()))


def in_manner(text: str, manner: Temperament) -> str:
    """Write out contractions for formal speakers, contract for the others."""
    return in_full(text) if "formal" in manner else contracted(text)


class Phrasebook:
    """One speaker's choice of words in one message.

    Attributes:
        poles: the poles whose lines were used, for the record.
    """

    def __init__(
        self, rng: Draws, manner: Temperament, history: Iterable[Message], role: str
    ) -> None:
        """Choose by `rng` for a speaker of this manner, who has said what `history` holds."""
        self._rng = rng
        self._manner = manner
        own = [message.content for message in history if message.role == role]
        self._ever = {bare for text in own for bare in bare_sentences(text)}
        self._lately = {bare for text in own[1 - MEMORY :] for bare in bare_sentences(text)}
        self._last_words = " ".join(own[-_SAME_FRAME:])
        self.poles: set[str] = set()

    def pick(self, bank: Bank, *, sober: bool = False, fact: str = "", without: str = "") -> str:
        """Draw a line, with `fact` in its place, but none of the pole `without`.

        Lines that were never said come first; the answer is empty if all were said lately.
        """
        for pole, lines in self._order(bank, sober, without):
            ready = [self._ready(line, fact) for line in lines if not self._is_worn(line)]
            fresh = [line for line in ready if self.is_fresh(line)]
            if fresh:
                unused = [line for line in fresh if not bare_sentences(line) & self._ever]
                line = self._rng.choice(unused or fresh)
                self.poles |= {pole} & self._manner
                self.note(line)
                return line
        return ""

    def _ready(self, line: str, fact: str) -> str:
        return in_manner(_filled(line, fact), self._manner)

    def _is_worn(self, line: str) -> bool:
        """Tell whether the words around the fact stand in one of the last messages."""
        around = re.split(r"\{[fF]act\}", line) if "{" in line else []
        frame = max(around, key=len, default="").strip(" .,")
        return len(frame) >= _FRAME_LETTERS and in_manner(frame, self._manner) in self._last_words

    def is_fresh(self, text: str) -> bool:
        """Tell whether no sentence of `text` was said lately."""
        return not bare_sentences(text) & self._lately

    def note(self, text: str) -> None:
        """Remember `text` as said."""
        self._lately |= bare_sentences(text)

    def _order(self, bank: Bank, sober: bool, without: str) -> list[tuple[str, Lines]]:
        if not isinstance(bank, Mapping):
            return [("any", bank)]
        if sober:
            return [("sober", bank["sober"])] if "sober" in bank else [("any", bank["any"])]
        own = [pole for pole in bank if pole in self._manner and pole != without]
        if "formal" in own:
            own = [pole for pole in own if pole in _GOES_WITH_FORMAL]
        own.sort(key=self._turn_of)
        everybody = ["any"] if "any" in bank else []
        at_own_pole = self._rng.happens(_OWN_POLE) or "terse" in own
        order = own + everybody if at_own_pole else everybody + own
        return [(pole, bank[pole]) for pole in order]

    def _turn_of(self, pole: str) -> float:
        """Draw when a pole has its turn; those that show in form as well mostly come later."""
        return self._rng.random() * (1.0 if pole in _SHOWN_IN_FORM else _SHOWN_IN_WORDS)


def _filled(line: str, fact: str) -> str:
    # One pass of plain replacement: a fact is somebody else's text and never a template.
    capital = fact[:1].upper() + fact[1:]
    return re.sub(r"\{[fF]act\}", lambda slot: fact if slot[0] == "{fact}" else capital, line)
