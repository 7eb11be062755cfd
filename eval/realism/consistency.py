"""Persona consistency: does a user stay who it plays? Checked three ways.

Prompt-to-line, line-to-line and questions on the backstory. A check that gives no verdict has
failed: it is counted as such, and never as consistent.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from agents.seats import WrongAnswer
from dialogues.errors import GroveError
from dialogues.hashing import derived_seed
from dialogues.node import Message
from dialogues.persona import Persona, Profile
from eval.realism.figures import ratio
from eval.realism.record import Consistency, Found, Kind, Share
from eval.realism.talk import Talk
from graphs.together import together


class Checker(Protocol):
    """Finds contradictions; one instance checks all dialogues, so it keeps nothing between calls.

    Whatever it raises, or answers beside what it should, fails that one check.
    """

    async def against_persona(
        self, persona: Persona, history: Sequence[Message], seed: int
    ) -> str | None:
        """Return the words of the last message that contradict the persona; None if none do."""
        ...

    async def against_earlier(self, history: Sequence[Message], seed: int) -> str | None:
        """Return the words of the last message that contradict an earlier one of the user's."""
        ...

    async def quizzed(
        self, profile: Profile, history: Sequence[Message], seed: int
    ) -> list[bool | None]:
        """Answer a question made of each fact from the messages alone.

        Returns:
            For each fact whether the answer is the persona's; None where the messages have none.
        """
        ...


class Outcome(NamedTuple):
    """What a check came to.

    Attributes:
        asked: questions put: 1 for a message, one for each fact in a quiz.
        answered: those that had an answer; all, where the check failed.
        right: those of them that were consistent.
        words: what contradicts; several in a quiz.
        failure: type of what went wrong; empty if nothing did.
    """

    kind: Kind
    turn: int | None
    asked: int
    answered: int
    right: int
    words: tuple[str, ...] = ()
    failure: str = ""


@dataclass(frozen=True)
class Checking:
    """How talks are checked.

    Attributes:
        seed: of the checker's calls.
        free: holds back checks in flight.
        done: is called after each talk.
    """

    checker: Checker
    seed: int
    free: AbstractAsyncContextManager[Any]
    done: Callable[[], None]

    async def check(self, talk: Talk) -> list[Outcome]:
        """Make all checks of a talk.

        Raises:
            GroveError: a model can never answer as it is configured.
        """
        found = await together(self._checks(talk))
        self.done()
        return found

    def _checks(self, talk: Talk) -> list[Coroutine[Any, Any, Outcome]]:
        checks = []
        for line in talk.lines:
            history = talk.history(line.turn)
            if talk.facts:
                checks.append(self._line(talk, "persona", line.turn, history))
            if line.turn > 1:
                checks.append(self._line(talk, "earlier", line.turn, history))
        if talk.facts:
            checks.append(self._quiz(talk))
        return checks

    async def _line(self, talk: Talk, kind: Kind, turn: int, history: Sequence[Message]) -> Outcome:
        seed = derived_seed(self.seed, talk.key, f"{kind} {turn}")
        try:
            async with self.free:
                if kind == "persona" and talk.persona:
                    found = await self.checker.against_persona(talk.persona, history, seed)
                else:
                    found = await self.checker.against_earlier(history, seed)
            words = _words(found)
        except GroveError:
            raise
        except Exception as error:
            return Outcome(kind, turn, 1, 1, 0, failure=type(error).__name__)
        return Outcome(kind, turn, 1, 1, int(not words), words)

    async def _quiz(self, talk: Talk) -> Outcome:
        assert talk.persona
        count = len(talk.facts)
        try:
            async with self.free:
                seed = derived_seed(self.seed, talk.key, "quiz")
                profile = talk.persona.profile
                given = _answers(await self.checker.quizzed(profile, talk.history(), seed), count)
        except GroveError:
            raise
        except Exception as error:
            return Outcome("quiz", None, count, count, 0, failure=type(error).__name__)
        wrong = [fact.text for fact, right in zip(talk.facts, given, strict=True) if right is False]
        answered = count - given.count(None)
        return Outcome("quiz", None, count, answered, answered - len(wrong), tuple(wrong))


async def check_all(
    talks: Sequence[Talk], checker: Checker, seed: int, at_once: int, done: Callable[[], None]
) -> list[list[Outcome]]:
    """Check talks, many checks at a time.

    Args:
        talks: whose messages are checked.
        checker: finds contradictions.
        seed: of its calls.
        at_once: most checks in flight.
        done: is called after each talk.

    Raises:
        GroveError: a model can never answer as it is configured.
    """
    checking = Checking(checker, seed, asyncio.Semaphore(at_once), done)
    return await together(checking.check(talk) for talk in talks)


def consistency_of(
    talks: Sequence[Talk],
    outcomes: Sequence[Sequence[Outcome]],
    by: str,
    prompts: dict[str, str],
    seed: int,
) -> Consistency:
    """Sum up what the checks of talks came to.

    Args:
        talks: what was checked.
        outcomes: of each talk.
        by: who checked.
        prompts: hashes of the prompts it was asked with.
        seed: of the resampling.
    """

    def share(kind: Kind, over: str, under: str, failed: bool = True) -> Share:
        parts = [_sums(each, kind, over, under, failed) for each in outcomes]
        total = sum(count for _, count in parts)
        return Share.measure(ratio(parts), len(parts), total, seed)

    every = [one for each in outcomes for one in each]
    return Consistency(
        by=by,
        prompts=prompts,
        persona=share("persona", "right", "asked"),
        earlier=share("earlier", "right", "asked"),
        answered=share("quiz", "answered", "asked", failed=False),
        right=share("quiz", "right", "answered"),
        checks=len(every),
        failed=dict(sorted(Counter(one.failure for one in every if one.failure).items())),
        found=[
            Found(dialogue=talk.key, turn=one.turn, kind=one.kind, words=words)
            for talk, each in zip(talks, outcomes, strict=True)
            for one in each
            for words in one.words
        ],
    )


def _sums(
    outcomes: Sequence[Outcome], kind: Kind, over: str, under: str, failed: bool
) -> tuple[int, int]:
    counted = [one for one in outcomes if one.kind == kind and (failed or not one.failure)]
    return sum(getattr(one, over) for one in counted), sum(getattr(one, under) for one in counted)


def _words(found: object) -> tuple[str, ...]:
    if found is None:
        return ()
    if isinstance(found, str) and found.strip():
        return (found,)
    raise WrongAnswer("a check answers with the words that contradict, or None")


def _answers(given: object, count: int) -> list[bool | None]:
    if isinstance(given, list) and len(given) == count and all(map(_is_answer, given)):
        return given
    raise WrongAnswer(f"a quiz of {count} facts answers with as many of True, False and None")


def _is_answer(one: object) -> bool:
    return one is None or isinstance(one, bool)
