"""Phrases: lines drawn from banks by manner, no sentence twice within a few turns."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from random import Random

from agents.scripted.contractions import contracted, in_full
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
        self, rng: Random, manner: Temperament, history: Iterable[Message], role: str
    ) -> None:
        """Choose by `rng` for a speaker of this manner, who has said what `history` holds."""
        self._rng = rng
        self._manner = manner
        own = [message.content for message in history if message.role == role]
        lately = own[-(MEMORY - 1) :]
        self._said = {bare for text in lately for bare in bare_sentences(text)}
        self.poles: set[str] = set()

    def pick(self, bank: Bank, *, sober: bool = False, fact: str = "") -> str:
        """Draw a line, with `fact` in its place; empty if all of them were said lately."""
        for pole, lines in self._order(bank, sober):
            filled = [_filled(line, fact) for line in lines]
            ready = [in_manner(line, self._manner) for line in filled]
            fresh = [line for line in ready if not bare_sentences(line) & self._said]
            if fresh:
                line = self._rng.choice(fresh)
                self.poles |= {pole} & self._manner
                self.note(line)
                return line
        return ""

    def is_fresh(self, text: str) -> bool:
        """Tell whether no sentence of `text` was said lately."""
        return not bare_sentences(text) & self._said

    def note(self, text: str) -> None:
        """Remember `text` as said."""
        self._said |= bare_sentences(text)

    def _order(self, bank: Bank, sober: bool) -> list[tuple[str, Lines]]:
        if not isinstance(bank, Mapping):
            return [("any", bank)]
        if sober:
            return [("sober", bank["sober"])] if "sober" in bank else [("any", bank["any"])]
        own = sorted((pole for pole in bank if pole in self._manner), key=self._turn_of)
        everybody = ["any"] if "any" in bank else []
        at_own_pole = self._rng.random() < _OWN_POLE or "terse" in own
        order = own + everybody if at_own_pole else everybody + own
        return [(pole, bank[pole]) for pole in order]

    def _turn_of(self, pole: str) -> float:
        """Draw when a pole has its turn; those that show in form as well mostly come later."""
        return self._rng.random() * (1.0 if pole in _SHOWN_IN_FORM else _SHOWN_IN_WORDS)


def _filled(line: str, fact: str) -> str:
    # One pass of plain replacement: a fact is somebody else's text and never a template.
    capital = fact[:1].upper() + fact[1:]
    return re.sub(r"\{[fF]act\}", lambda slot: fact if slot[0] == "{fact}" else capital, line)
