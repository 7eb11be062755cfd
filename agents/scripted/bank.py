"""Phrase banks: a phrase is drawn, and its `{blanks}` are filled by draws from lists."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.scripted.draws import Draws

_BLANK = re.compile(r"\{([\w ]+)\}")


@dataclass(frozen=True)
class Phrase:
    """A phrase, and whom it fits.

    Attributes:
        text: a verb phrase in the third person, with blanks.
        ages: from and to which age it can be told of somebody.
        needs: conditions of the person's life that must all hold.
        tags: what the phrase says that others may not stand beside.
        against: tags of phrases it cannot stand beside.
    """

    text: str
    ages: tuple[int, int] = (0, 200)
    needs: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    against: frozenset[str] = frozenset()

    @classmethod
    def read(cls, entry: Any) -> "Phrase":
        """Read an entry of a bank: a text alone, or one with whom it fits."""
        if isinstance(entry, str):
            return cls(entry)
        ages = entry.get("ages", cls.ages)
        return cls(
            text=entry["text"],
            ages=(ages[0], ages[1]),
            needs=frozenset(entry.get("needs", ())),
            tags=frozenset(entry.get("is", ())),
            against=frozenset(entry.get("against", ())),
        )

    def fits(self, age: int, conditions: Collection[str]) -> bool:
        """Tell whether it can be told of a person of that age and life."""
        return self.ages[0] <= age <= self.ages[1] and self.needs <= set(conditions)

    def clashes(self, others: Sequence["Phrase"]) -> bool:
        """Tell whether it contradicts one of `others`."""
        return any(self.against & each.tags or each.against & self.tags for each in others)


def filled(
    text: str, given: Mapping[str, str], lists: Mapping[str, Sequence[str]], draw: Draws
) -> str:
    """Fill the blanks of a text, from what is given first, else by a draw from its list.

    Raises:
        KeyError: neither has a blank's name.
    """

    def fill(blank: re.Match[str]) -> str:
        name = blank[1]
        chosen = given[name] if name in given else str(draw.choice(lists[name]))
        return filled(chosen, given, lists, draw)

    return _BLANK.sub(fill, text)
