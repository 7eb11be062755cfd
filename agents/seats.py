"""The seats: what an agent in each is told, and what it answers.

Four are places in a dialogue; in the fifth, a writer makes up the personas before there is one.

An agent is any class with the one method of its seat. Its instances are shared by all dialogues
of a worker, so it must keep nothing between calls: all it may know is in the brief, and what it
wants to know again at the next turn it returns as `notes`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, Self

from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Message, Usage
from dialogues.persona import Kind, Persona
from dialogues.verdict import Verdict

WRITER = "writer"


class AgentError(Exception):
    """An agent could not do its part; the class name is stored as the error's type.

    Attributes:
        usage: what was spent before it failed; None for an agent that calls no model.
    """

    usage: Usage | None = None

    def after(self, usage: Usage) -> Self:
        """Add to what was spent before it; returns the error."""
        self.usage = usage + (self.usage or Usage())
        return self


class EmptyReply(AgentError):
    """An agent in a speaking seat answered nothing."""


class WrongAnswer(AgentError):
    """An agent answered something its seat has no use for."""


@dataclass(frozen=True, kw_only=True)
class Brief:
    """What every agent is told when its turn comes.

    Attributes:
        role: the role in the spec that seated the agent, such as `hinted`; may be empty.
        history: the dialogue so far, oldest first; for inducer, assistant and judge it ends with
            the user's latest message.
        turn: number of the current turn, from 1.
        seed: for all the randomness of this call; drawn from the run's seed and the slot.
        key: of the node that the answer becomes.
    """

    role: str
    history: Sequence[Message]
    turn: int
    seed: int
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class UserBrief(Brief):
    """For the user: who it is, how long the dialogue is, its own notes of the turn before.

    `faults` names what was wrong with what it just said for this slot, where it is asked again.
    Where it may not leave, as in a benchmark, it stays whatever it hears.
    """

    persona: Persona
    turns: int
    notes: Mapping[str, Any]
    faults: Sequence[str] = ()
    may_leave: bool = True


@dataclass(frozen=True, kw_only=True)
class InducerBrief(Brief):
    """For the inducer: what it believed a turn before; the persona only in role `extract`."""

    belief: Belief
    persona: Persona | None = None


@dataclass(frozen=True, kw_only=True)
class AssistantBrief(Brief):
    """For an assistant: its number among siblings; the induced belief only in role `hinted`.

    Only in role `oracle`, the ceiling of an evaluation, it is told who the user is.
    """

    place: int
    hint: Belief | None = None
    system: str = ""
    persona: Persona | None = None


@dataclass(frozen=True)
class Candidate:
    """A reply to be judged, under the key of its node."""

    key: str
    text: str


@dataclass(frozen=True, kw_only=True)
class JudgeBrief(Brief):
    """For a judge: the full persona and the replies to rank.

    `speaker` is who really spoke, where the replies are judged for somebody else.
    """

    persona: Persona
    candidates: Sequence[Candidate]
    speaker: Persona | None = None


@dataclass(frozen=True)
class Reply:
    """What an agent answers: its text, and what is stored beside it.

    Attributes:
        text: the message itself; for inducers and judges their raw answer, if there is one.
        notes: JSON the agent keeps with its node; a user gets its own back at the next turn.
        reasoning: thoughts that came before the text; in no history, judge input or export.
        usage: tokens spent.
    """

    text: str = ""
    notes: Mapping[str, Any] = field(default_factory=dict)
    reasoning: str = ""
    usage: Usage | None = None


@dataclass(frozen=True)
class Utterance(Reply):
    """A user's message; `ends` says that the user leaves after it."""

    ends: bool = False


@dataclass(frozen=True)
class Induction(Reply):
    """An inducer's answer."""

    belief: Belief = field(default_factory=Belief)


@dataclass(frozen=True, kw_only=True)
class Judgement(Reply):
    """A judge's answer."""

    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class WriterBrief:
    """For a writer of personas: what to write, and how others were written.

    Attributes:
        kind: `profile` for texts of facts, `personality` for texts of traits.
        count: how many texts are wanted.
        examples: texts drawn from the pool.
        language: code of the language to write in, such as `en`.
        number: number of this call in the making of the pool, from 0.
        seed: for all the randomness of this call.
    """

    kind: Kind
    count: int
    examples: Sequence[str]
    language: str
    number: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Written(Reply):
    """A writer's answer; `last` says that nothing more can come from it."""

    texts: tuple[str, ...]
    last: bool = False


class User(Protocol):
    """Plays the persona.

    A user may also have `remarks(personas) -> list[str]`: what it cannot play of them, one line
    each, which is printed before a run begins.
    """

    async def speak(self, brief: UserBrief) -> Utterance:
        """Say the user's next message."""
        ...


class Inducer(Protocol):
    """Says what the user's messages have revealed so far."""

    async def induce(self, brief: InducerBrief) -> Induction:
        """Form the belief after the user's latest message."""
        ...


class Assistant(Protocol):
    """Replies to the user.

    An assistant may also have `async def believe(brief) -> Induction`, which says what it holds of
    the user by now; an evaluation asks it after the last turn.
    """

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Give one candidate reply."""
        ...


class Judge(Protocol):
    """Says which candidates this user would prefer."""

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Rank the candidates of one turn."""
        ...


class Writer(Protocol):
    """Makes up descriptions of people for a pool of personas."""

    async def write(self, brief: WriterBrief) -> Written:
        """Write new profiles or personalities."""
        ...


class Seat(NamedTuple):
    """How an agent in a seat is called: what it is told, by which method, what it answers."""

    brief: type[Any]
    method: str
    answer: type[Reply]


SEATS = {
    USER: Seat(UserBrief, "speak", Utterance),
    INDUCER: Seat(InducerBrief, "induce", Induction),
    ASSISTANT: Seat(AssistantBrief, "reply", Reply),
    JUDGE: Seat(JudgeBrief, "judge", Judgement),
    WRITER: Seat(WriterBrief, "write", Written),
}
