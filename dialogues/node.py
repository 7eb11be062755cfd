"""Slots and nodes: the places in a tree, and what an agent left in them.

Every call to an agent fills one slot. What a user and an assistant leave are the messages of the
dialogue; an inducer leaves a belief and a judge a verdict, both below the user message they are
about.
"""

from functools import cached_property
from typing import Any, Literal, NamedTuple

from pydantic import Field

from dialogues.hashing import canonical_json, short_hash
from dialogues.persona import Frozen
from dialogues.storable import StorableText
from dialogues.verdict import Verdict

USER, INDUCER, ASSISTANT, JUDGE = "user", "inducer", "assistant", "judge"
MESSAGE_SEATS = frozenset({USER, ASSISTANT})

AGAINST = "against"
"""In a judge's notes: id of the persona it judged for, where that is not the tree's own."""


class Message(NamedTuple):
    """One message as chat templates and APIs take it."""

    role: Literal["system", "user", "assistant"]
    content: str


class Slot(NamedTuple):
    """A place in a tree; its hash is the node's key."""

    parent: str
    seat: str
    place: int = 0
    attempt: int = 0

    @property
    def key(self) -> str:
        """16 hexadecimal digits, the same in every store and run."""
        return short_hash(*self)


def root_key(persona_id: str, repeat: int) -> str:
    """Return the key of a tree, which is the parent of its first message."""
    return short_hash("root", persona_id, repeat)


class Belief(Frozen):
    """What an inducer holds of the user at a turn: statements it took as revealed."""

    facts: tuple[StorableText, ...] = ()
    traits: tuple[StorableText, ...] = ()


class Usage(Frozen):
    """What filling a slot took: the calls to a model, their tokens, the answers asked again.

    Attributes:
        calls: requests that were answered, those asked again included.
        prompt_tokens: tokens read, cached ones included.
        cached_tokens: those of them that the server found in its prefix cache, if it says so.
        completion_tokens: tokens written, reasoning included.
        estimated: calls whose tokens are our estimate, since the server did not count them.
        faults: why an answer was asked again or cut, one word each, in order.
    """

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    estimated: int = 0
    faults: tuple[StorableText, ...] = ()

    def __add__(self, other: "Usage") -> "Usage":
        """Add up two usages."""
        return Usage(
            **{name: getattr(self, name) + getattr(other, name) for name in Usage.model_fields}
        )


class Failure(Frozen):
    """An agent's failure, by type; it ends its branch and is never turned into a score."""

    type: StorableText
    message: StorableText
    where: str = Field(default="", description="file and line that raised it")


class Node(Frozen):
    """What one agent left in one slot."""

    parent: str
    seat: str
    place: int = Field(default=0, ge=0)
    attempt: int = Field(default=0, ge=0)
    turn: int = Field(ge=1)
    agent: str = Field(description="class that answered, as module:Class")
    spec: str = Field(description="spec without its endpoint")
    seed: int
    text: StorableText = ""
    reasoning: StorableText = ""
    belief: Belief | None = None
    verdict: Verdict | None = None
    notes: dict[str, Any] = Field(default_factory=dict)
    ends: bool = Field(default=False, description="the user leaves after this message")
    usage: Usage | None = None
    failure: Failure | None = None
    seconds: float = 0.0

    @property
    def slot(self) -> Slot:
        """The place this node fills."""
        return Slot(self.parent, self.seat, self.place, self.attempt)

    @cached_property
    def key(self) -> str:
        """The hash of its slot."""
        return self.slot.key

    @cached_property
    def content_hash(self) -> str:
        """Hash of all that was said here: text, belief, verdict, notes, ending."""
        return short_hash(
            self.text,
            self.reasoning,
            self.belief.model_dump_json() if self.belief else "",
            self.verdict.model_dump_json() if self.verdict else "",
            canonical_json(self.notes),
            self.ends,
        )

    @property
    def role(self) -> str:
        """The role part of the spec, such as `hinted`; empty if it has none."""
        role, equals, _ = self.spec.partition("=")
        return role if equals else ""

    def changed(self, **fields: Any) -> "Node":
        """Return a copy with other values, whose key and hash are its own."""
        # pydantic's copy keeps what was cached of the original.
        known = {name: getattr(self, name) for name in Node.model_fields}
        return Node(**{**known, **fields})

    @property
    def is_message(self) -> bool:
        """Whether this is a turn of the dialogue that did not fail."""
        return self.seat in MESSAGE_SEATS and self.failure is None
