"""The agenda: what the user has still to tell, and how far it trusts the assistant.

A stochastic agenda (Schatzmann et al. 2007; Keizer et al. 2010): facts lie at depths of
disclosure, and each turn's draw depends on rapport, which what the assistant does raises and
lowers (Altman and Taylor's social penetration). The agenda travels in the notes of the user's
messages and is part of their gold label.
"""

from collections.abc import Sequence
from typing import Literal, Self

from agents.scripted.draws import Draws
from agents.scripted.facts import Fact
from agents.scripted.listening import Heard
from agents.scripted.temperament import Temperament, lean
from agents.scripted.topics import PERSONAL, PRIVATE, SMALL_TALK
from dialogues.persona import Frozen

Wish = Literal["", "short", "long", "fewer_questions", "more_questions", "serious", "light"]
OPPOSITE_WISH: dict[str, Wish] = {
    "short": "long",
    "long": "short",
    "fewer_questions": "more_questions",
    "more_questions": "fewer_questions",
    "serious": "light",
    "light": "serious",
}

_STAYS_WITH_SENTENCE, _STAYS_WITH_TOPIC = 0.8, 0.5
_INTRODUCES_ITSELF, _EARLY = 0.6, 3


class Agenda(Frozen):
    """Where the user stands between two of its messages.

    Attributes:
        told: ids of the facts told, in order.
        rapport: trust in the assistant, in [0, 1].
        patience: what is left of it, in [0, 1].
        latest: id of the fact the last message spoke of, if it did.
        revisited: ids of the facts it came back to, in order.
        aside: what the last message left open.
        wish: how the user last asked to be talked to.
        wished_at: turn in which it did.
        changed: whether that was the opposite of an earlier wish.
        will_wish: what `flip` is going to ask for, drawn before any assistant has spoken, so that
            it is the same whoever that is.
    """

    told: tuple[str, ...] = ()
    rapport: float = 0.5
    patience: float = 0.8
    latest: str = ""
    revisited: tuple[str, ...] = ()
    aside: Literal["", "drift", "misunderstanding"] = ""
    wish: Wish = ""
    wished_at: int = 0
    changed: bool = False
    will_wish: Wish = ""

    @classmethod
    def at_first(cls, temperament: Temperament) -> Self:
        """Return the agenda of somebody who has not spoken yet."""
        rapport = 0.5 + 0.1 * lean(temperament, "open") + 0.05 * lean(temperament, "trusting")
        patience = 0.8 + 0.2 * lean(temperament, "patient")
        return cls(rapport=_within_one(rapport), patience=_within_one(patience))

    def after(self, heard: Heard, temperament: Temperament) -> Self:
        """Return the agenda once this reply was heard: it builds or costs rapport and patience."""
        gain = (
            0.02 * bool(heard.question)
            + 0.05 * heard.takes_up
            + 0.03 * heard.recalls
            + 0.02 * heard.acknowledges
            + 0.02 * heard.reciprocates
        ) * (1 + 0.3 * lean(temperament, "warm"))
        loss = (
            0.12 * heard.interrogates
            + 0.12 * heard.ignores
            + 0.08 * heard.repeats
            + (0.06 + 0.06 * ("sceptical" in temperament)) * heard.flatters
        )
        strain = loss * (1 - 0.4 * lean(temperament, "patient"))
        return self.model_copy(
            update={
                "latest": "",
                "rapport": _within_one(self.rapport + gain - loss),
                "patience": _within_one(self.patience + gain / 2 - strain),
            }
        )

    def chance_to_tell(self, heard: Heard, temperament: Temperament) -> float:
        """Return how likely a fact is told this turn."""
        invited = 0.1 * (heard.question == "invite") + 0.1 * heard.takes_up
        return _within_one(0.3 + 0.65 * self.rapport + invited + 0.1 * lean(temperament, "open"))

    def open_facts(self, facts: Sequence[Fact], temperament: Temperament) -> list[Fact]:
        """Return what may be told now: deep enough trust, and what it leans on told before."""
        ease = self.rapport + 0.05 * lean(temperament, "open")
        reach = PRIVATE if ease >= 0.75 else PERSONAL if ease >= 0.55 else SMALL_TALK
        told = {"", *self.told}
        return [
            fact
            for fact in facts
            if fact.id not in told and fact.depth <= reach and fact.leans_on in told
        ]

    def telling(self, facts: Sequence[Fact]) -> Self:
        """Return the agenda once these facts are told."""
        told = self.told + tuple(fact.id for fact in facts)
        return self.model_copy(update={"told": told, "latest": told[-1]})

    def coming_back_to(self, fact: Fact) -> Self:
        """Return the agenda once a fact told before was spoken of again."""
        revisited = (*self.revisited, fact.id)
        return self.model_copy(update={"latest": fact.id, "revisited": revisited})


def next_fact(
    choices: Sequence[Fact], told: Sequence[Fact], topics: frozenset[str], rng: Draws
) -> Fact:
    """Draw what goes on from the last fact, or answers the question, or lies lightest."""
    last = told[-1] if told else None
    if last is not None:
        going_on = [fact for fact in choices if fact.sentence == last.sentence]
        if going_on and rng.happens(_STAYS_WITH_SENTENCE):
            return going_on[0]
    asked = [fact for fact in choices if fact.topic in topics]
    if asked:
        return rng.choice(asked)
    same = [fact for fact in choices if last is not None and fact.topic == last.topic]
    if same and rng.happens(_STAYS_WITH_TOPIC):
        return rng.choice(same)
    introduction = [fact for fact in choices if fact.topic == "age"]
    if introduction and len(told) < _EARLY and rng.happens(_INTRODUCES_ITSELF):
        return introduction[0]
    lightest = min(fact.depth for fact in choices)
    return rng.choice([fact for fact in choices if fact.depth == lightest])


def _within_one(number: float) -> float:
    return round(min(1.0, max(0.0, number)), 3)
