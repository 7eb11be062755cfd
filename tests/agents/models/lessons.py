"""Lessons for a tiny model: whole dialogues in which a teacher by rote fills every seat.

They are grown by the real graph with the real prompted agents, so that a pupil is asked in a run
exactly as it was taught. What is said goes through all seats: the user tells what it does, the
inducer notes that, an assistant with the notes asks about it, and the judges like those who ask.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import cycle
from random import Random
from typing import Any, NamedTuple

from agents.casting import PROMPTED, Cast, Seated
from agents.models.form import Form
from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.inducer import Covered, PromptedInducer, Revealed
from agents.prompted.judge import PromptedJudge, Ranking, Scores
from agents.prompted.prompts import load_prompts
from agents.prompted.assistant import PromptedAssistant
from agents.prompted.user import PromptedUser
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Message
from dialogues.pool import load_pool
from dialogues.spec import Spec
from tests.graphs.stage import play

ACTS = (
    "keep bees",
    "bake rye bread",
    "mend old clocks",
    "grow tomatoes",
    "knit thick socks",
    "paint small boats",
    "sing with a choir",
    "ride a blue bicycle",
    "collect maps",
    "play the cello",
    "feed two swans",
    "climb steep hills",
    "repair radios",
    "pick wild plums",
    "read crime novels",
    "brew ginger beer",
)
_TIMES = (
    "most evenings",
    "on Sundays",
    "with my sister",
    "before breakfast",
    "since last spring",
    "when it rains",
    "behind the house",
    "to calm down",
)
_OPENINGS = ("I", "Well, I", "These days I", "You know, I")
_STATEMENTS = ("So you {}.", "Then you {}, and rightly so.", "Few people {}.", "Some {}, indeed.")
_QUESTIONS = ("How did you come to {}?", "Who taught you to {}?", "Why do you {}?", "Where do you {}?")

_ACT = re.compile("|".join(ACTS))
_REPLY = re.compile(r'<reply(?: label="(.)")?>(.*?)</reply>')


def noted(text: str) -> str:
    """Return what the inducer notes of a message."""
    verb, _, rest = _ACT.findall(text)[-1].partition(" ")
    return f"{verb}s {rest}"


class Lesson(NamedTuple):
    """A prompt and the right answer."""

    messages: list[Message]
    answer: str


class Teacher:
    """Answers as the seat that asks would, and writes down what it was asked; see `Model`."""

    def __init__(self, seat: str, lessons: list[Lesson]) -> None:
        self._seat, self._lessons = seat, lessons

    async def ask(
        self, messages: Sequence[Message], seed: int, form: Form[Any] | None = None
    ) -> Answer:
        kind = type(form.example).__name__ if form else self._seat
        answer = _ANSWERS[kind](messages[-1].content, Random(seed))
        text = answer if isinstance(answer, str) else answer.model_dump_json()
        self._lessons.append(Lesson(list(messages), text))
        return Answer(text)
