"""Answers with a form: JSON that a pydantic model describes, asked for until it is right."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Generic, TypeVar

from langchain_core.utils.json import parse_json_markdown
from pydantic import BaseModel

from agents.models.errors import Unparsable
from agents.models.model import Answer, Model
from agents.seats import AgentError
from dialogues.hashing import derived_seed
from dialogues.node import Message, Usage

T = TypeVar("T", bound=BaseModel)
V = TypeVar("V")

UNPARSABLE = "unparsable"
_ATTEMPTS = 3
_QUOTED = 1500


def anything(_: BaseModel) -> None:
    """Accept every answer of the right form."""


@dataclass(frozen=True)
class Form(Generic[T]):
    """The form of an answer.

    Attributes:
        example: a right answer; its class is the schema, and its JSON is what a prompt shows.
        check: raises ValueError for an answer that has the form and still cannot be used.
        again: what is said when the answer had not the form.
    """

    example: T
    check: Callable[[T], None] = anything
    again: str = "That was not the JSON asked for. Answer with the JSON object alone."

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON schema of the answer."""
        return _schema(type(self.example))

    def read(self, text: str) -> T:
        """Find the JSON in an answer.

        Raises:
            ValueError: there is none of this form.
        """
        within = text[text.find("{") : text.rfind("}") + 1]
        try:
            # Strictly: what was cut off is no answer, however well it could be completed.
            value = type(self.example).model_validate(
                parse_json_markdown(within, parser=json.loads)
            )
        except (ValueError, RecursionError) as error:
            raise ValueError("no such JSON") from error
        self.check(value)
        return value


@cache
def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return kind.model_json_schema()


async def ask_for(
    model: Model, messages: Sequence[Message], seed: int, form: Form[T]
) -> tuple[T, Answer]:
    """Ask for an answer of a form, and again, a few times, when it has not got it.

    Raises:
        Unparsable: it never had the form.
        AgentError: the model gave no answer.
    """
    usage, told = Usage(), list(messages)
    for attempt in range(_ATTEMPTS):
        draw = derived_seed(seed, "again", str(attempt)) if attempt else seed
        try:
            answer = await model.ask(told, draw, form)
        except AgentError as error:
            error.after(usage)
            raise
        usage = usage + answer.usage
        try:
            return form.read(answer.text), replace(answer, usage=usage)
        except ValueError:
            usage = usage + Usage(faults=(UNPARSABLE,))
            said = Message("assistant", answer.text[:_QUOTED])
            told = [*messages, said, Message("user", form.again)]
    raise Unparsable(f"no usable answer in {_ATTEMPTS} attempts: {answer.text[:200]}").after(usage)


async def ask_all(works: Iterable[Awaitable[tuple[V, Answer]]]) -> list[tuple[V, Answer]]:
    """Ask several times at once; when one fails, its error tells what all of them took.

    Raises:
        AgentError: the first of those that failed.
    """
    done = await asyncio.gather(*works, return_exceptions=True)
    answered = [one for one in done if not isinstance(one, BaseException)]
    errors = [one for one in done if isinstance(one, BaseException)]
    usages = [answer.usage for _, answer in answered]
    usages += [error.usage for error in errors[1:] if isinstance(error, AgentError) and error.usage]
    for error in errors:
        raise error.after(sum(usages, Usage())) if isinstance(error, AgentError) else error
    return answered
