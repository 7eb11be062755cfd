"""Casting: from specs to the agents in the seats.

A short name stands for a class of ours; any other agent is `package.module:Class`. The class is
called with the text after a short name's colon (`scripted:fixed`), or with nothing.
"""

import importlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.seats import SEATS
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from dialogues.persona import Persona
from dialogues.spec import Spec

SHORT_NAMES = {
    USER: {"scripted": "agents.scripted.user:ScriptedUser"},
    INDUCER: {"scripted": "agents.scripted.inducer:ScriptedInducer"},
    ASSISTANT: {"scripted": "agents.scripted.assistant:ScriptedAssistant"},
    JUDGE: {"scripted": "agents.scripted.judge:ScriptedJudge"},
}
ROLES = {
    USER: (),
    INDUCER: ("infer", "extract"),
    ASSISTANT: ("hinted", "plain"),
    JUDGE: ("listwise",),
}


@dataclass(frozen=True)
class Seated:
    """An agent in its seat, with the spec that put it there."""

    seat: str
    spec: Spec
    agent: Any

    @property
    def class_path(self) -> str:
        """The agent's class as `module:Class`."""
        kind = type(self.agent)
        return f"{kind.__module__}:{kind.__qualname__}"

    def remarks(self, personas: Sequence[Persona]) -> list[str]:
        """Return what the agent has to say of these personas beforehand, if it says such things."""
        say = getattr(self.agent, "remarks", None)
        return list(say(personas)) if say else []


@dataclass(frozen=True)
class Cast:
    """Everybody in the dialogue; candidates are dealt round-robin over the assistants."""

    user: Seated
    inducer: Seated
    assistants: tuple[Seated, ...]
    judge: Seated

    def assistant(self, place: int) -> Seated:
        """Return the assistant that gives candidate number `place` of a turn."""
        return self.assistants[place % len(self.assistants)]


def cast(user: str, inducer: str, assistants: Sequence[str], judge: str) -> Cast:
    """Seat the agents the specs name.

    Raises:
        UsageError: a spec names no agent, an unknown role, or a class that does not fit its seat.
    """
    if not assistants:
        raise UsageError("no assistant is named; give --assistant SPEC at least once")
    return Cast(
        user=seat(USER, user),
        inducer=seat(INDUCER, inducer),
        assistants=tuple(seat(ASSISTANT, spec) for spec in assistants),
        judge=seat(JUDGE, judge),
    )


def seat(seat_name: str, text: str) -> Seated:
    """Make the agent the spec `text` names and check that it fits the seat.

    Raises:
        UsageError: the spec names no agent, an unknown role, or a class that does not fit.
    """
    spec = Spec.parse(text)
    roles = ROLES[seat_name]
    if spec.role and spec.role not in roles:
        known = ", ".join(roles) or "none"
        raise UsageError(f"--{seat_name} {text}: unknown role {spec.role!r}; known: {known}")
    short = SHORT_NAMES[seat_name].get(spec.kind)
    path, arguments = (short, [spec.variant] * bool(spec.variant)) if short else (spec.model, [])
    kind = _load_class(path, seat_name, text)
    try:
        agent = kind(*arguments)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(f"--{seat_name} {text}: cannot make {path} ({reason})") from error
    if not inspect.iscoroutinefunction(getattr(agent, SEATS[seat_name].method, None)):
        wanted = f"async def {SEATS[seat_name].method}(self, brief)"
        raise UsageError(f"--{seat_name} {text}: {path} has no `{wanted}`, which this seat calls")
    return Seated(seat_name, spec, agent)


def _load_class(path: str, seat_name: str, text: str) -> type:
    module_name, colon, class_name = path.partition(":")
    if not colon:
        known = ", ".join(SHORT_NAMES[seat_name])
        raise UsageError(
            f"--{seat_name} {text}: unknown agent {path!r}; known: {known}, or package.module:Class"
        )
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(f"--{seat_name} {text}: cannot import {path} ({reason})") from error
    if not isinstance(found, type):
        raise UsageError(f"--{seat_name} {text}: {path} is not a class")
    return found
