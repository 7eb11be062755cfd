"""A model as the agents see it: messages in, one answer out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from agents.models.errors import Refused, TruncatedReasoning
from agents.seats import EmptyReply
from dialogues.node import Message, Usage
from dialogues.storable import storable

if TYPE_CHECKING:
    from agents.models.form import Form

CUT = "cut"
_OPEN, _CLOSE = "<think>", "</think>"


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Attributes:
        text: the answer, without its reasoning.
        reasoning: what it thought before, where the server or the text tells.
        usage: what the call took; its faults hold `cut` where the length limit ended the text.
    """

    text: str
    reasoning: str = ""
    usage: Usage = field(default_factory=Usage)


class Model(Protocol):
    """A chat model with its sampling fixed; safe to share between dialogues."""

    async def ask(
        self, messages: Sequence[Message], seed: int, form: "Form[Any] | None" = None
    ) -> Answer:
        """Return the answer to `messages`, whose last one is the user's.

        Args:
            messages: the prompt.
            seed: for the sampling; what a server makes of it is its own affair.
            form: the form the answer should have, for models that can be held to one; `ask_for`
                asks for one of any model.

        Raises:
            AgentError: there is no answer; its class says why.
            UsageError: there will never be one: wrong key, unknown model.
        """
        ...


def spoken(text: str) -> str:
    """Return what is no reasoning of a text that is still being written."""
    text = text.rpartition(_CLOSE)[2]
    return "" if _OPEN.startswith(text.strip()[: len(_OPEN)]) else text


def answer_of(text: str, reasoning: str, finish: str, usage: Usage) -> Answer:
    """Read what came back: reasoning is split off, and what is no answer becomes a typed error.

    Raises:
        TruncatedReasoning: the length limit fell before the answer began.
        Refused: the server filtered the answer.
        EmptyReply: there is no text.
    """
    if _CLOSE in text:
        # Some chat templates open the tag in the prompt, so that only its end is in the answer.
        thought, _, text = text.rpartition(_CLOSE)
        reasoning += thought.replace(_OPEN, "").replace(_CLOSE, "\n").strip()
    if text.lstrip().startswith(_OPEN):
        raise TruncatedReasoning("the reasoning did not end; raise max_tokens").after(usage)
    text, reasoning = storable(text).strip(), storable(reasoning)
    if finish == "content_filter":
        raise Refused("the server's content filter held the answer back").after(usage)
    if not text and reasoning and finish == "length":
        raise TruncatedReasoning("the reasoning did not end; raise max_tokens").after(usage)
    if not text:
        raise EmptyReply("the model answered an empty text").after(usage)
    if finish == "length":
        usage = usage + Usage(faults=(CUT,))
    return Answer(text, reasoning, usage)
