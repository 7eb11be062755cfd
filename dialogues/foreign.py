"""Dialogues made elsewhere, read as nodes of a tree: the ALOE code's format and message lists."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, model_validator

from dialogues.hashing import canonical_json, short_hash
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Node
from dialogues.persona import Half, Persona, Personality, Profile
from dialogues.prose import sentences
from dialogues.storable import storable
from dialogues.verdict import Verdict

ALOE, MESSAGES = "aloe", "messages"


class AloeReplies(BaseModel):
    """The two candidates of a round."""

    preferred: str
    rejected: str


class AloeRound(BaseModel):
    """One round of the ALOE code's output."""

    user: str
    assistant: AloeReplies
    chosen: Literal["preferred", "rejected"]
    inferred_profile: str = ""
    inferred_personality: str = ""


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except json.JSONDecodeError:
            return text.strip('"')
    return text


def _worded(text: str) -> str:
    if text and not any(char.isalnum() for char in text):
        raise ValueError("the text has no words")
    return text


AloeText = Annotated[str, AfterValidator(_unquoted), AfterValidator(_worded), Field(min_length=1)]
"""A description as the ALOE code stores it: often still with the quotes of its JSON line."""


class AloeDialogue(BaseModel):
    """One dialogue of the ALOE code's output."""

    profile: AloeText
    personality: AloeText
    conversations: list[AloeRound] = Field(min_length=1)

    @property
    def persona(self) -> Persona:
        """The persona the user played."""
        return Persona(
            profile=Profile.of(self.profile), personality=Personality.of(self.personality)
        )

    def nodes(self, root: str) -> Iterator[Node]:
        """Give the dialogue's nodes below `root`; the preferred reply is candidate 0."""
        tip = root
        for turn, part in enumerate(self.conversations, start=1):
            user = _node(ALOE, tip, USER, turn, text=part.user)
            replies = [part.assistant.preferred, part.assistant.rejected]
            candidates = [
                _node(ALOE, user.key, ASSISTANT, turn, text=text, place=place)
                for place, text in enumerate(replies)
            ]
            yield user
            yield _node(ALOE, user.key, INDUCER, turn, belief=_belief(part))
            yield from candidates
            ranking = ((candidates[0].key,), (candidates[1].key,))
            verdict = Verdict(ranking=ranking, margin=1.0, confidence=1.0)
            yield _node(ALOE, user.key, JUDGE, turn, verdict=verdict)
            tip = candidates[0 if part.chosen == "preferred" else 1].key


class ChatMessage(BaseModel):
    """One message of a chat."""

    role: Literal["system", "user", "assistant"]
    content: str


class Chat(BaseModel):
    """A plain chat: a list of messages, or an object with `messages` and the user's persona.

    `profile` and `personality` may be left out; system messages are.
    """

    messages: list[ChatMessage]
    profile: Annotated[str, AfterValidator(storable), AfterValidator(_worded)] = ""
    personality: Annotated[str, AfterValidator(storable), AfterValidator(_worded)] = ""

    @model_validator(mode="before")
    @classmethod
    def _bare_list(cls, value: Any) -> Any:
        return {"messages": value} if isinstance(value, list) else value

    @model_validator(mode="after")
    def _alternates(self) -> "Chat":
        roles = [message.role for message in self.turns]
        if not roles or roles[0] != "user" or any(a == b for a, b in pairwise(roles)):
            raise ValueError("user and assistant must take turns, the user first")
        return self

    @property
    def turns(self) -> list[ChatMessage]:
        """The messages of user and assistant."""
        return [message for message in self.messages if message.role != "system"]

    @property
    def persona(self) -> Persona:
        """The persona given, or an empty one named by what was said."""
        said = short_hash(canonical_json([message.content for message in self.turns]), size=6)
        profile = _known(Profile, self.profile, said)
        manner = _known(Personality, self.personality, said)
        return Persona(profile=profile, personality=manner)

    def nodes(self, root: str) -> Iterator[Node]:
        """Give the chat's nodes below `root`: one branch, one candidate a turn."""
        tip = root
        for index, message in enumerate(self.turns):
            seat = USER if message.role == "user" else ASSISTANT
            node = _node(MESSAGES, tip, seat, index // 2 + 1, text=message.content)
            yield node
            tip = node.key


def _node(source: str, parent: str, seat: str, turn: int, **content: Any) -> Node:
    agent = "dialogues.ingest"
    return Node(parent=parent, seat=seat, turn=turn, agent=agent, spec=source, seed=0, **content)


def _belief(part: AloeRound) -> Belief:
    facts, traits = (
        () if text.strip().lower() in ("", "none", "none.") else tuple(sentences(text))
        for text in (part.inferred_profile, part.inferred_personality)
    )
    return Belief(facts=facts, traits=traits)


def _known(kind: type[Half], text: str, otherwise: str) -> Half:
    return kind.of(text) if text else kind(id=otherwise, text="", clauses=())
