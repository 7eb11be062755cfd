"""Casting: from specs to the agents in the seats.

A short name stands for a class of ours: `scripted[:VARIANT]`, or `openai:MODEL` and `hf:FOLDER` for
a language model with the prompt of the seat. Any other agent is `package.module:Class`; where its
constructor has a parameter `models`, it is given the run's models, and else nothing.
"""

import importlib
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.models.secrets import without_passwords
from agents.seats import SEATS, WRITER
from dialogues.choice import HUMAN
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from dialogues.persona import Persona
from dialogues.spec import Spec

if TYPE_CHECKING:
    from agents.models.stock import Models

MODEL_KINDS = ("openai", "hf")
SHORT_NAMES = {
    USER: {
        "scripted": "agents.scripted.user:ScriptedUser",
        "scripted:interviewer": "agents.scripted.interviewer:Interviewer",
    },
    INDUCER: {"scripted": "agents.scripted.inducer:ScriptedInducer"},
    ASSISTANT: {"scripted": "agents.scripted.assistant:ScriptedAssistant"},
    JUDGE: {
        "scripted": "agents.scripted.judge:ScriptedJudge",
        "scripted:recall": "agents.scripted.recall:RecallJudge",
    },
    WRITER: {"scripted": "agents.scripted.writer:ScriptedWriter"},
}
PROMPTED = {
    USER: "agents.prompted.user:PromptedUser",
    INDUCER: "agents.prompted.inducer:PromptedInducer",
    ASSISTANT: "agents.prompted.assistant:PromptedAssistant",
    JUDGE: "agents.prompted.judge:PromptedJudge",
    WRITER: "agents.prompted.writer:PromptedWriter",
}
ROLES = {
    USER: (),
    INDUCER: ("infer", "extract"),
    ASSISTANT: (
        *("hinted", "plain", "concise", "reminder", "cot", "self-critic", "rag", "induce"),
        *("oracle", "amnesic"),
    ),
    JUDGE: ("listwise", "pointwise", "overall", "binary"),
    WRITER: (),
}
SCORING_ROLES = ("pointwise", "overall", "binary")
"""Roles of judges on models that score each reply by itself."""


@dataclass(frozen=True)
class Seated:
    """An agent in its seat, with the spec that put it there.

    Attributes:
        limits_itself: it calls the run's models, which keep to their endpoint's limit themselves.
    """

    seat: str
    spec: Spec
    agent: Any
    limits_itself: bool = False

    @property
    def is_person(self) -> bool:
        """Whether a person sits there, whom the dialogue waits for."""
        return self.spec.model == HUMAN

    @property
    def class_path(self) -> str:
        """The agent's class as `module:Class`."""
        kind = type(self.agent)
        return f"{kind.__module__}:{kind.__qualname__}"

    @property
    def prompt(self) -> Any:
        """The prompt the agent is asked with; None if it has none."""
        prompt = getattr(self.agent, "prompt", None)
        return prompt(self.spec.role) if callable(prompt) else None

    @property
    def prompt_hash(self) -> str:
        """Hash of that prompt; empty if there is none."""
        return str(self.prompt.hash) if self.prompt else ""

    def remarks(self, personas: Sequence[Persona]) -> list[str]:
        """Return what the agent has to say of these personas beforehand, if it says such things."""
        say = getattr(self.agent, "remarks", None)
        return list(say(personas)) if say else []


@dataclass(frozen=True)
class Cast:
    """Everybody in the dialogue; candidates are dealt round-robin over the assistants.

    Where nobody uses a belief there need be no inducer, and with one candidate no judge.
    """

    user: Seated
    inducer: Seated | None
    assistants: tuple[Seated, ...]
    judges: tuple[Seated, ...]

    def __iter__(self) -> Iterator[Seated]:
        """Walk all agents, seat by seat."""
        inducers = (self.inducer,) if self.inducer else ()
        return iter((self.user, *inducers, *self.assistants, *self.judges))

    def assistant(self, place: int) -> Seated:
        """Return the assistant that gives candidate number `place` of a turn."""
        return self.assistants[place % len(self.assistants)]


def cast(
    user: str,
    inducer: str,
    assistants: Sequence[str],
    judges: Sequence[str],
    models: "Models | None" = None,
) -> Cast:
    """Seat the agents the specs name; several judges are a panel, an empty inducer is none.

    Raises:
        UsageError: a spec names no agent, an unknown role, or a class that does not fit its seat.
    """
    if not assistants:
        raise UsageError("no assistant is named; give --assistant SPEC at least once")
    names = [Spec.parse(spec).name for spec in judges]
    for number, name in enumerate(names):
        if name in names[:number]:
            raise UsageError(f"--judge {name}: each judge of a panel is named once")
    return Cast(
        user=seat(USER, user, models),
        inducer=seat(INDUCER, inducer, models) if inducer else None,
        assistants=tuple(seat(ASSISTANT, spec, models) for spec in assistants),
        judges=tuple(seat(JUDGE, spec, models) for spec in judges),
    )


def seat(seat_name: str, text: str, models: "Models | None" = None) -> Seated:
    """Make the agent the spec `text` names and check that it fits the seat.

    Args:
        seat_name: one of SEATS.
        text: the spec.
        models: the run's models, which agents on models are given.

    Raises:
        UsageError: the spec names no agent, an unknown role, or a class that does not fit.
    """
    spec = Spec.parse(text)
    where = f"--{seat_name} {without_passwords(text)}"
    roles = ROLES[seat_name]
    if spec.role and spec.role not in roles:
        known = ", ".join(roles) or "none"
        raise UsageError(f"{where}: unknown role {spec.role!r}; known: {known}")
    if spec.kind in MODEL_KINDS:
        return Seated(seat_name, spec, _prompted(seat_name, spec, where, models), True)
    seated = _of_class(seat_name, spec, where, models)
    if not inspect.iscoroutinefunction(getattr(seated.agent, SEATS[seat_name].method, None)):
        wanted = f"async def {SEATS[seat_name].method}(self, brief)"
        raise UsageError(f"{where}: {seated.class_path} has no `{wanted}`, which this seat calls")
    able = getattr(seated.agent, "roles", roles)
    if spec.role and spec.role not in able:
        known = ", ".join(able) or "none"
        raise UsageError(f"{where}: {spec.model} has no role {spec.role!r}; it has {known}")
    return seated


def _prompted(seat_name: str, spec: Spec, where: str, models: "Models | None") -> Any:
    from agents.models.stock import Models
    from agents.prompted.backing import Backing
    from agents.prompted.prompts import load_prompts

    models = models or Models()
    settings = models.settings
    try:
        model = models.open(spec, seat_name)
    except UsageError as error:
        raise UsageError(f"{where}: {without_passwords(str(error))}") from error
    backing = Backing(model, load_prompts(settings.prompts), settings.overflow == "drop-oldest")
    return _load_class(PROMPTED[seat_name], seat_name, where)(backing)


def _of_class(seat_name: str, spec: Spec, where: str, models: "Models | None") -> Seated:
    names = SHORT_NAMES[seat_name]
    variant = "" if spec.model in names else spec.variant
    short = names.get(spec.model) or names.get(spec.kind)
    path = short or spec.model
    kind = _load_class(path, seat_name, where)
    if short and variant and not inspect.signature(kind).parameters:
        raise UsageError(f"{where}: unknown agent {spec.model!r}; known: {_known(seat_name)}")
    try:
        if not short and "models" in inspect.signature(kind).parameters:
            from agents.models.stock import Models

            return Seated(seat_name, spec, kind(models=models or Models()), True)
        return Seated(seat_name, spec, kind(*[variant] * bool(short and variant)))
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        known = f"; known: {_known(seat_name)}" * bool(short)
        raise UsageError(f"{where}: cannot make {path} ({reason}){known}") from error


def _load_class(path: str, seat_name: str, where: str) -> type:
    module_name, colon, class_name = path.partition(":")
    if not colon:
        raise UsageError(f"{where}: unknown agent {path!r}; known: {_known(seat_name)}")
    try:
        found = getattr(importlib.import_module(module_name), class_name)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise UsageError(f"{where}: cannot import {path} ({reason})") from error
    if not isinstance(found, type):
        raise UsageError(f"{where}: {path} is not a class")
    return found


def _known(seat_name: str) -> str:
    """List the agents that may fill a seat, as specs."""
    names = []
    for name, path in SHORT_NAMES[seat_name].items():
        kind = _load_class(path, seat_name, name)
        names += [name, *(f"{name}:{each}" for each in getattr(kind, "variants", ()))]
    return ", ".join([*names, "openai:MODEL", "hf:FOLDER", "or package.module:Class"])
