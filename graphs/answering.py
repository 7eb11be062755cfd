"""Getting an answer out of an agent: one call, or several where a user's message has a fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from agents.casting import Seated
from agents.faults import EMPTY, ERRORS, fault_in
from agents.seats import (
    SEATS,
    Brief,
    EmptyReply,
    Induction,
    JudgeBrief,
    Judgement,
    Reply,
    UserBrief,
    WrongAnswer,
)
from dialogues.hashing import canonical_json, derived_seed
from dialogues.node import MESSAGE_SEATS, Belief, Usage

_ATTEMPTS = 3


async def answer(seated: Seated, brief: Brief) -> dict[str, Any]:
    """Return what the agent answers, as the content of a node.

    Raises:
        WrongAnswer: its seat has no use for it.
        EmptyReply: it speaks, and said nothing.
        AgentError: a user's message had a fault however often it was asked again.
    """
    is_simulated = isinstance(brief, UserBrief) and not seated.is_person
    ask = _faultless if is_simulated else _ask
    given = await ask(seated, brief)
    with charging(given.usage):
        _check(given, brief)
    return {name: value for name, value in vars(given).items() if value is not None}


def charge(error: Exception, usage: Usage | None) -> None:
    """Note on an error, of whatever type, what was spent before it."""
    if usage:
        vars(error)["usage"] = usage + (getattr(error, "usage", None) or Usage())


@contextmanager
def charging(usage: Usage | None) -> Iterator[None]:
    """Charge an error that the body raises."""
    try:
        yield
    except Exception as error:
        charge(error, usage)
        raise


async def _ask(seated: Seated, brief: Brief) -> Reply:
    seat = SEATS[seated.seat]
    given = await getattr(seated.agent, seat.method)(brief)
    with charging(getattr(given, "usage", None)):
        if not isinstance(given, seat.answer):
            raise WrongAnswer(f"expected a {seat.answer.__name__}, got {type(given).__name__}")
        if seated.seat in MESSAGE_SEATS and not given.text.strip():
            raise EmptyReply("the agent answered an empty text")
    return given


async def _faultless(seated: Seated, brief: Any) -> Reply:
    usage, seed = Usage(), brief.seed
    for attempt in range(_ATTEMPTS):
        try:
            given = await _ask(seated, brief)
            fault, took, text = fault_in(given.text, brief), given.usage, given.text
        except EmptyReply as error:
            fault, took, text = EMPTY, error.usage, ""
        except Exception as error:
            charge(error, usage)
            raise
        if not fault:
            # An agent that calls no model and made no fault has no usage to tell.
            told = usage + (took or Usage())
            return replace(given, usage=told if took or usage != Usage() else None)
        usage = usage + (took or Usage()) + Usage(faults=(fault,))
        brief = replace(
            brief,
            seed=derived_seed(seed, "again", str(attempt)),
            faults=(*brief.faults, fault),
        )
    raise ERRORS[fault](f"{fault} in {_ATTEMPTS} attempts: {text[:100]}").after(usage)


def _check(given: Reply, brief: Brief) -> None:
    if isinstance(given, Induction) and not isinstance(given.belief, Belief):
        raise WrongAnswer("an induction without a belief")
    if isinstance(brief, JudgeBrief) and isinstance(given, Judgement):
        shown = {candidate.key for candidate in brief.candidates}
        if given.verdict.of != shown:
            raise WrongAnswer("the verdict ranks other candidates than those shown")
    canonical_json(dict(given.notes))
