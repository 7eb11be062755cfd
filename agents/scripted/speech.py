"""Speech: the acts of a user message in words, in the user's manner."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.scripted.contractions import contracted
from agents.scripted.draws import Draws
from agents.scripted.facts import Fact
from agents.scripted.lexicon import load_data
from agents.scripted.manner import (
    exclaimed,
    fragment,
    may_exclaim,
    may_use_emoji,
    with_emoji,
    with_typo,
)
from agents.scripted.options import UserOptions
from agents.scripted.phrases import Phrasebook, in_manner
from agents.scripted.plan import Act
from agents.scripted.temperament import Temperament, by_pole
from agents.scripted.topics import PRIVATE, SMALL_TALK, depth_of

_LEADS = {"terse": 0.0, "talkative": 0.7, "hesitant": 0.6}
_TAILS = {"terse": 0.1, "talkative": 0.6}
_OTHERWISE = 0.35
_SLIPS = {"formal": 0.0, "casual": 2.0}
_SMILES = 0.25
_CONTINUES = (",", ":", " but")
_TELLS = frozenset({"disclose", "elaborate"})


@dataclass
class Speaker:
    """Puts acts into words.

    Attributes:
        book: the phrases, with what was said lately.
        sober: the last fact told was private, so nobody jokes about it.
    """

    rng: Draws
    manner: Temperament
    options: UserOptions
    book: Phrasebook
    sober: bool

    def say(self, acts: list[Act]) -> str:
        """Return the message."""
        deepest = max((fact.depth for act in acts for fact in act.facts), default=SMALL_TALK)
        sober = self.sober or deepest == PRIVATE
        parts = {act: self._worded(act, sober) for act in acts}
        # Facts are spared: who quotes them back would quote the slip.
        loose = [act for act in acts if parts[act] and act.name not in _TELLS]
        if loose and self._slips():
            slip = self.rng.choice(loose)
            parts[slip] = with_typo(parts[slip], self.rng)
        text = " ".join(filter(None, parts.values()))
        text = text or self.book.pick(self._bank["deflect"]) or self.book.pick(self._bank["nod"])
        text = text or self.rng.choice(self._bank["nod"])
        smiles = not sober and deepest == SMALL_TALK and may_use_emoji(self.manner)
        return with_emoji(text, self.rng) if smiles and self.rng.happens(_SMILES) else text

    @property
    def _bank(self) -> dict[str, Any]:
        bank: dict[str, Any] = load_data("user.yaml")
        return bank

    def _worded(self, act: Act, sober: bool) -> str:
        if act.name == "disclose":
            return self._disclosed(act.facts)
        if act.name == "elaborate":
            return self._elaborated(act)
        bank = self._bank[act.name]
        return self.book.pick(bank[act.kind] if act.kind else bank, sober=sober)

    def _disclosed(self, facts: tuple[Fact, ...]) -> str:
        sober = any(fact.depth == PRIVATE for fact in facts)
        is_card = all(fact.topic == "age" for fact in facts)
        lead = "" if is_card else self._around("lead", _LEADS, sober)
        told = self._told(facts, bool(lead))
        personal = any(fact.depth > SMALL_TALK for fact in facts)
        tail = self._around("tail", _TAILS, sober, without="humorous" if personal else "")
        if lead.endswith(_CONTINUES):
            told = _continuing(told)
        return " ".join(filter(None, (lead, told, tail)))

    def _told(self, facts: tuple[Fact, ...], led: bool) -> str:
        first, *rest = (in_manner(fact.said, self.manner) for fact in facts)
        told = first
        if rest:
            told = f"{first.rstrip('.')}, and {_continuing(rest[0])}"
        elif not led and self._drops_its_i() and self.rng.happens(self.options.fragments):
            told = fragment(told)
        if may_exclaim(self.manner) and all(fact.depth == SMALL_TALK for fact in facts):
            told = exclaimed(told, self.rng)
        self.book.note(told)
        return told

    def _elaborated(self, act: Act) -> str:
        """Say more about a fact, with a reminder where it is not clear which."""
        fact = act.facts[0]
        is_lighter = fact.depth == PRIVATE > depth_of(fact.topic)
        lines = self._bank["tail"]["sober"] if is_lighter else self._bank["elaborate"][fact.topic]
        clause = _continuing(contracted(fact.said)).rstrip(".!?")
        reminds = act.kind == "reminding"
        reminder = self.book.pick(self._bank["recall"], fact=clause) if reminds else ""
        return " ".join(filter(None, (reminder, self.book.pick(lines))))

    def _slips(self) -> bool:
        return self.rng.happens(self.options.typos * by_pole(self.manner, _SLIPS, 1.0))

    def _drops_its_i(self) -> bool:
        return bool({"casual", "terse"} & self.manner) and "formal" not in self.manner

    def _around(
        self, bank: str, chances: Mapping[str, float], sober: bool, without: str = ""
    ) -> str:
        """Say something before or after a fact, as often as this person does."""
        wants = self.rng.happens(by_pole(self.manner, chances, _OTHERWISE))
        return self.book.pick(self._bank[bank], sober=sober, without=without) if wants else ""


def _continuing(statement: str) -> str:
    """Let a statement follow within a sentence: only "I" keeps its capital."""
    return statement if re.match(r"I\b", statement) else statement[:1].lower() + statement[1:]
