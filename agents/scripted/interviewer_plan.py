"""The interviewer's plan of one message: what it tells, asks, asks back about and thinks of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from agents.scripted.facts import Fact
from agents.scripted.interviewer_cues import cue_of, is_taken_up
from agents.scripted.interviewer_notes import Notes
from agents.scripted.interviewer_style import Style

_TESTS, _TESTS_WHEN_ALL_IS_TOLD, _TELLS, _CHATS = 0.2, 0.5, 0.93, 0.12
_NOTICES, _MISSES = 0.45, 0.4
_OLD_ENOUGH, _LATELY = 2, 4


class Move(NamedTuple):
    """One thing a message does, by the name of its lines, and the fact it is about."""

    name: str
    fact: Fact | None = None


@dataclass(frozen=True)
class Plan:
    """Draws the moves of one message.

    Attributes:
        facts: all that can be told.
        before: the notes of the last message; fresh ones before the first.
        turn: number of the message, from 1.
        last: the last message of this user; empty before the first.
        reply: what the assistant said to that.
        style: how this person likes to talk.
    """

    rng: Random
    facts: Sequence[Fact]
    before: Notes
    turn: int
    last: str
    reply: str
    style: Style

    def moves(self) -> list[Move]:
        """Return the moves in the order they are said."""
        if self.turn == 1:
            return [Move("open"), *self._telling(self._untold())]
        untold, quizzable = self._untold(), self._quizzable()
        tests = _TESTS if untold else _TESTS_WHEN_ALL_IS_TOLD
        reaction = self._reaction()
        if quizzable and self._happens(tests):
            return [*reaction, Move("quiz", self._longest_left(quizzable))]
        known = self._familiar(untold)
        if untold and (not known or self._happens(_TELLS)):
            return [*reaction, *self._telling(untold)]
        if not known or self._happens(_CHATS):
            return [*reaction, Move("small_talk")]
        fact = self._longest_left(known)
        return [*reaction, Move("revisit", fact), Move("ask")]

    def after(self, moves: Sequence[Move]) -> Notes:
        """Return the notes of a message that makes these moves."""
        about = [(move.name, move.fact.id) for move in moves if move.fact]
        reveals = tuple(fact for name, fact in about if name == "tell")
        quiz = next((fact for name, fact in about if name == "quiz"), "")
        return Notes(
            acts=tuple(move.name for move in moves),
            reveals=reveals,
            speaks_of=tuple(dict.fromkeys(fact for _, fact in about if fact not in reveals)),
            quiz=quiz,
            told=self.before.told | dict.fromkeys(reveals, self.turn),
            touched=self.before.touched | dict.fromkeys((fact for _, fact in about), self.turn),
        )

    def _happens(self, chance: float) -> bool:
        return self.rng.random() < chance

    def _untold(self) -> list[Fact]:
        """Return what may come next, in no order but that a fact follows what explains it."""
        told = self.before.told
        open_facts = (fact for fact in self.facts if fact.id not in told)
        return [fact for fact in open_facts if not fact.leans_on or fact.leans_on in told]

    def _telling(self, untold: Sequence[Fact]) -> list[Move]:
        fact = self.rng.choice(untold)
        asks = self._happens(self.style.asks)
        about = self._happens(0.5) and cue_of(fact.said)
        return [Move("tell", fact), *[Move("ask_about", fact) if about else Move("ask")] * asks]

    def _reaction(self) -> list[Move]:
        """Say whether the reply knew the answer, or took up what was told."""
        by_id = {fact.id: fact for fact in self.facts}
        asked = by_id.get(self.before.quiz)
        if asked:
            knew = is_taken_up(asked.said, self.reply, besides=self.last)
            return [Move("right") if knew else Move("wrong", asked)]
        told = [by_id[fact] for fact in self.before.reveals if fact in by_id]
        if not told:
            return []
        taken_up = is_taken_up(told[0].said, self.reply)
        says_so = self._happens((_NOTICES if taken_up else _MISSES) * self.style.reacts)
        return [Move("noticed" if taken_up else "missed")] * says_so

    def _quizzable(self) -> list[Fact]:
        latest = self.turn - _OLD_ENOUGH
        told = self.before.told
        old = (fact for fact in self.facts if told.get(fact.id, self.turn) <= latest)
        return [fact for fact in self._not_lately(old) if cue_of(fact.said)]

    def _familiar(self, untold: Sequence[Fact]) -> list[Fact]:
        """Return what to come back to: nothing just spoken of, while there is more to tell."""
        told = [fact for fact in self.facts if fact.id in self.before.told and cue_of(fact.said)]
        return self._not_lately(told) or ([] if untold else told)

    def _not_lately(self, facts: Iterable[Fact]) -> list[Fact]:
        touched = self.before.touched
        return [fact for fact in facts if touched.get(fact.id, 0) <= self.turn - _LATELY]

    def _longest_left(self, facts: Sequence[Fact]) -> Fact:
        """Draw one of the facts that were not spoken of for the longest time."""
        touched = self.before.touched
        oldest = sorted(facts, key=lambda fact: touched.get(fact.id, 0))
        return self.rng.choice(oldest[:3])
