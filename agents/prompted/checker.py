"""The checker on a model: does a simulated user contradict its persona, or itself?"""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from pydantic import BaseModel, ConfigDict, StrictBool

from agents.models.form import Form, ask_for
from agents.models.model import Model
from agents.prompted.prompts import Prompts, Tagged, tagged
from agents.prompted.transcript import numbered, transcript
from dialogues.hashing import derived_seed
from dialogues.node import Message
from dialogues.persona import Persona, Profile

_WORD = re.compile(r"[^\W_]+")
CONTRADICTION, QUIZ = "contradiction", "quiz"
_QUOTE = (
    "That cannot be used. Answer with the JSON object alone; `words` as they stand in the message, "
    'and "" where nothing contradicts.'
)


class Contradiction(BaseModel):
    """Whether a message contradicts what is known, and in which of its words."""

    model_config = ConfigDict(extra="forbid")

    words: str
    contradicts: StrictBool


class Questions(BaseModel):
    """A question for each fact."""

    model_config = ConfigDict(extra="forbid")

    questions: list[str]


class Answers(BaseModel):
    """An answer to each question; null where the messages have none."""

    model_config = ConfigDict(extra="forbid")

    answers: list[str | None]


class Comparison(BaseModel):
    """Whether each answer agrees with its fact."""

    model_config = ConfigDict(extra="forbid")

    agrees: list[StrictBool]


class PromptedChecker:
    """Finds contradictions with a model; what it cannot say in the form asked for is an error.

    A contradiction has to be quoted: what no words of the message bear out is no verdict.
    """

    def __init__(self, model: Model, prompts: Prompts) -> None:
        """Ask `model` with the prompts `contradiction` and `quiz`."""
        self._model, self._prompts = model, prompts

    @property
    def hashes(self) -> dict[str, str]:
        """The hashes of its prompts, by name."""
        return {name: self._prompts[name].hash for name in (CONTRADICTION, QUIZ)}

    async def against_persona(
        self, persona: Persona, history: Sequence[Message], seed: int
    ) -> str | None:
        """Return the words of the last message that contradict the persona; None if none do.

        Raises:
            Unparsable: the model gave no verdict.
            AgentError: it gave no answer.
        """
        shown = {
            "profile": persona.profile.text,
            "personality": persona.personality.text,
            "before": transcript(history[-2:-1]),
        }
        return await self._contradiction("persona", history[-1].content, shown, seed)

    async def against_earlier(self, history: Sequence[Message], seed: int) -> str | None:
        """Return the words of the last message that contradict an earlier one; None if none do.

        Raises:
            Unparsable: the model gave no verdict.
            AgentError: it gave no answer.
        """
        shown = {"chat": transcript(history[:-1])}
        return await self._contradiction("earlier", history[-1].content, shown, seed)

    async def quizzed(
        self, profile: Profile, history: Sequence[Message], seed: int
    ) -> list[bool | None]:
        """Make a question of each fact, answer it from the messages alone, and compare.

        Returns:
            For each fact whether the answer agrees; None where the messages have no answer.

        Raises:
            Unparsable: the model never answered in the form asked for.
            AgentError: it gave no answer.
        """
        facts = [fact.text for fact in profile.facts]
        asked = await self._quiz(
            "questions", Questions(questions=["How old are you?"]), len(facts), seed,
            facts=numbered(facts),
        )  # fmt: skip
        own = [message for message in history if message.role == "user"]
        given = await self._quiz(
            "answers", Answers(answers=["52", None]), len(facts), seed,
            questions=numbered(asked), chat=transcript(own),
        )  # fmt: skip
        answered = {at: text for at, text in enumerate(given) if text and text.strip()}
        if not answered:
            return [None] * len(facts)
        pairs = [
            f"{number}. {tagged('fact', facts[at])} {tagged('answer', text)}"
            for number, (at, text) in enumerate(answered.items(), 1)
        ]
        agrees = await self._quiz(
            "comparison", Comparison(agrees=[True, False]), len(pairs), seed,
            pairs=Tagged("\n".join(pairs)),
        )  # fmt: skip
        right = dict(zip(answered, agrees, strict=True))
        return [right.get(at) for at in range(len(facts))]

    async def _contradiction(
        self, text: str, message: str, shown: Mapping[str, str], seed: int
    ) -> str | None:
        prompt = self._prompts[CONTRADICTION]
        example = Contradiction(words="my three sons", contradicts=True)
        form = Form(example, partial(_check_quote, message), _QUOTE)
        system = prompt.fill("system", example=example.model_dump_json())
        question = prompt.fill(text, message=message, **shown)
        messages = [Message("system", system), Message("user", question)]
        found, _ = await ask_for(self._model, messages, seed, form)
        return found.words if found.contradicts else None

    async def _quiz(
        self, text: str, example: BaseModel, count: int, seed: int, **shown: str
    ) -> list[Any]:
        """Ask for a list with one entry for each of `count`, in the form of an example."""
        form = Form(example, partial(_check_length, count))
        question = self._prompts[QUIZ].fill(text, example=example.model_dump_json(), **shown)
        value, _ = await ask_for(
            self._model, [Message("user", question)], derived_seed(seed, text), form
        )
        return _entries(value)


def _check_quote(message: str, found: Contradiction) -> None:
    quoted = _plain(found.words)
    if found.contradicts and not (quoted.strip() and quoted in _plain(message)):
        raise ValueError("the words are not in the message")


def _plain(text: str) -> str:
    """Return the bare words, between spaces, so that marks and quotes make no difference."""
    return f" {' '.join(_WORD.findall(text.lower()))} "


def _check_length(count: int, value: BaseModel) -> None:
    if len(_entries(value)) != count:
        raise ValueError("another number of entries")


def _entries(value: BaseModel) -> list[Any]:
    ((_, entries),) = value
    return list(entries)
