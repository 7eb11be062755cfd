"""Speech: the acts of a user message in words, in the user's manner."""

from dataclasses import dataclass
from random import Random

from agents.scripted.contractions import contracted
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
from agents.scripted.temperament import Temperament
from agents.scripted.topics import PRIVATE

_LEADS = {"terse": 0.0, "talkative": 0.7, "hesitant": 0.6}
_TAILS = {"terse": 0.04, "talkative": 0.6}
_CONTINUES = (",", ":", " but")


@dataclass
class Speaker:
    """Puts acts into words.

    Attributes:
        book: the phrases, with what was said lately.
        sober: the last fact told was private, so nobody jokes about it.
    """

    rng: Random
    manner: Temperament
    options: UserOptions
    book: Phrasebook
    sober: bool

    def say(self, acts: list[Act]) -> str:
        """Return the message."""
        parts = [self._worded(act) for act in acts]
        text = " ".join(filter(None, parts))
        if not text:
            text = self.book.pick(self._bank["deflect"]) or self.rng.choice(_NODS)
        return self._finished(text, acts)

    @property
    def _bank(self) -> dict[str, dict[str, list[str]]]:
        bank: dict[str, dict[str, list[str]]] = load_data("user.yaml")
        return bank

    def _worded(self, act: Act) -> str:
        if act.name == "disclose":
            return self._disclosed(act.facts)
        if act.name == "elaborate":
            return self._elaborated(act)
        bank = self._bank[act.name]
        return self.book.pick(bank[act.kind] if act.kind else bank, sober=self.sober)

    def _disclosed(self, facts: tuple[Fact, ...]) -> str:
        sober = facts[-1].depth == PRIVATE
        lead = self._perhaps(_LEADS, 0.3) and self.book.pick(self._bank["lead"], sober=sober)
        told = self._told(facts, sober, bool(lead))
        tail = self._perhaps(_TAILS, 0.25) and self.book.pick(self._bank["tail"], sober=sober)
        if lead and lead.endswith(_CONTINUES):
            told = told if told.startswith(("I ", "I'")) else told[:1].lower() + told[1:]
        return " ".join(filter(None, (lead, told, tail)))

    def _told(self, facts: tuple[Fact, ...], sober: bool, led: bool) -> str:
        first, *rest = (in_manner(fact.said, self.manner) for fact in facts)
        told = first
        if rest:
            second = rest[0] if rest[0].startswith("I") else rest[0][:1].lower() + rest[0][1:]
            told = f"{first.rstrip('.')}, and {second}"
        elif not led and {"casual", "terse"} & self.manner and self._chance(self.options.fragments):
            told = fragment(told)
        if may_exclaim(self.manner) and not sober:
            told = exclaimed(told, self.rng)
        self.book.note(told)
        return told

    def _elaborated(self, act: Act) -> str:
        """Say more about a fact; unless it was asked about, with a reminder which it is."""
        fact = act.facts[0]
        lines = self._bank["elaborate"][fact.topic]
        clause = contracted(fact.said).rstrip(".!?")
        clause = clause if clause.startswith("I") else clause[:1].lower() + clause[1:]
        reminds = not act.kind or self._chance(0.2)
        reminder = reminds and self.book.pick(self._bank["recall"], fact=clause)
        return " ".join(filter(None, (reminder, self.book.pick(lines))))

    def _finished(self, text: str, acts: list[Act]) -> str:
        sober = self.sober or any(fact.depth == PRIVATE for act in acts for fact in act.facts)
        if not sober and may_use_emoji(self.manner) and self._chance(0.25):
            text = with_emoji(text, self.rng)
        slips = {"formal": 0.0, "casual": 2.0}
        slip = min((slips[pole] for pole in slips if pole in self.manner), default=1.0)
        return with_typo(text, self.rng) if self._chance(self.options.typos * slip) else text

    def _perhaps(self, chances: dict[str, float], otherwise: float) -> bool:
        own = [chance for pole, chance in chances.items() if pole in self.manner]
        return self._chance(min(own, default=otherwise))

    def _chance(self, probability: float) -> bool:
        return self.rng.random() < probability


_NODS = ("Hm.", "Mm.", "Well.", "So it goes.", "There it is.", "Yes, well.", "Anyway.")
