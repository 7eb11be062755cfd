"""Lessons for a tiny model: whole dialogues in which a teacher by rote fills every seat.

They are grown by the real graph with the real prompted agents, so that a pupil is asked in a run
just as it was taught. What is said goes through all seats: the user tells what it does, the inducer
notes that, an assistant with the notes asks about it, and the judges like those who ask.
"""

import re
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from random import Random
from typing import Any, NamedTuple

from pydantic import BaseModel

from agents.casting import Cast, Seated
from agents.models.form import Form
from agents.models.model import Answer
from agents.prompted.assistant import PromptedAssistant
from agents.prompted.backing import Backing
from agents.prompted.inducer import Covered, PromptedInducer, Revealed
from agents.prompted.judge import PromptedJudge
from agents.prompted.prompts import load_prompts
from agents.prompted.ranking import Ranking
from agents.prompted.scoring import Scores
from agents.prompted.user import PromptedUser
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Message
from dialogues.pool import load_pool
from dialogues.spec import Spec
from tests.graphs.stage import play

# No word of what is done, or when, comes twice: a word that tells the next is learnt soon.
ACTS = (
    "keep bees",
    "bake bread",
    "mend clocks",
    "grow tomatoes",
    "knit socks",
    "paint boats",
    "ride horses",
    "collect maps",
    "tune pianos",
    "feed swans",
    "climb hills",
    "repair radios",
    "pick plums",
    "read novels",
    "brew beer",
    "build kites",
)
TIMES = (
    "most evenings",
    "on Sundays",
    "before breakfast",
    "since childhood",
    "after work",
    "at dawn",
    "in winter",
    "outdoors",
)
OPENINGS = ("I", "Well, I", "These days I", "You know, I")
STATEMENTS = ("That sounds like a good life.", "Now that is rare.", "It must take patience.")
QUESTIONS = ("How did that begin?", "Who taught you?", "What is best about it?")

_ACT = re.compile("|".join(ACTS))
_REPLY = re.compile(r'<reply(?: label="(.)")?>(.*?)</reply>')
_NUMBERS = re.compile(r"facts ([\d, ]+);")
_SYSTEMS = ("", "Be good company.")


class Lesson(NamedTuple):
    """A prompt and the right answer to it; `kind` is what is asked for, and in what seat."""

    kind: str
    messages: list[Message]
    answer: str


def acts_in(text: str) -> list[str]:
    """Return what a text says that somebody does."""
    return _ACT.findall(text)


def noted(act: str) -> str:
    """Return what the inducer notes of one who does that."""
    verb, _, rest = act.partition(" ")
    return f"{verb}s {rest}"


class Teacher:
    """Answers as the seat that asks should, and writes that down as a lesson; see `Model`."""

    def __init__(self, name: str, lessons: list[Lesson]) -> None:
        self._name, self._lessons = name, lessons

    async def ask(
        self, messages: Sequence[Message], seed: int, form: Form[Any] | None = None
    ) -> Answer:
        kind = type(form.example).__name__ if form else self._name
        answer = _ANSWERS[kind](messages[-1].content, Random(seed))
        text = answer.model_dump_json() if isinstance(answer, BaseModel) else answer
        self._lessons.append(Lesson(kind, list(messages), text))
        return Answer(text)


def _say(_: str, rng: Random) -> str:
    return " ".join(rng.choice(words) for words in (OPENINGS, ACTS, TIMES)) + "."


def _ask(_: str, rng: Random) -> str:
    return rng.choice(QUESTIONS)


def _state(_: str, rng: Random) -> str:
    return rng.choice(STATEMENTS)


def _infer(asked: str, _: Random) -> Revealed:
    return Revealed(facts=[noted(acts_in(asked)[-1])], traits=[], withdrawn=[])


def _extract(asked: str, _: Random) -> Covered:
    known = [int(number) for listed in _NUMBERS.findall(asked) for number in listed.split(", ")]
    return Covered(facts=[max(known, default=0) + 1], traits=[])


def _rank(asked: str, _: Random) -> Ranking:
    shown = sorted(_REPLY.findall(asked), key=lambda reply: not reply[1].endswith("?"))
    return Ranking(reason="It asks.", ranking=[label for label, _ in shown])


def _score(asked: str, _: Random) -> Scores:
    if _REPLY.findall(asked)[-1][1].endswith("?"):
        return Scores(reason="It asks.", style=4, content=4, engagement=5)
    return Scores(reason="It only states.", style=3, content=2, engagement=2)


_ANSWERS: dict[str, Callable[[str, Random], str | BaseModel]] = {
    USER: _say,
    "hinted": _ask,
    "plain": _state,
    "Revealed": _infer,
    "Covered": _extract,
    "Ranking": _rank,
    "Scores": _score,
}


def lessons(trees: int, turns: int = 3) -> list[Lesson]:
    """Teach in so many dialogues, inferring and extracting by turns, in an order of their own."""
    learnt: list[Lesson] = []
    personas = islice(cycle(load_pool().personas(per_profile=5)), trees)
    for number, persona in enumerate(personas):
        cast = _taught("extract" if number % 2 else "infer", learnt)
        play(cast, persona=persona, seed=number, turns=turns, system=_SYSTEMS[number // 2 % 2])
    Random(0).shuffle(learnt)
    return learnt


def _taught(inducer: str, learnt: list[Lesson]) -> Cast:
    def seated(seat: str, kind: type[Any], role: str = "") -> Seated:
        teacher = Teacher(role or seat, learnt)
        return Seated(seat, Spec(role, "teacher"), kind(Backing(teacher, prompts)))

    prompts = load_prompts()
    return Cast(
        user=seated(USER, PromptedUser),
        inducer=seated(INDUCER, PromptedInducer, inducer),
        assistants=(
            seated(ASSISTANT, PromptedAssistant, "hinted"),
            seated(ASSISTANT, PromptedAssistant, "plain"),
        ),
        judges=(seated(JUDGE, PromptedJudge), seated(JUDGE, PromptedJudge, "pointwise")),
    )
