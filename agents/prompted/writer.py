"""The writer on a model: shown a few descriptions, it is asked for many new ones at once."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress

from pydantic import BaseModel, ConfigDict

from agents.models.form import Form
from agents.models.model import CUT
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt, Tagged, tagged
from agents.seats import WriterBrief, Written
from dialogues.node import Message

_JSON = re.compile(r"^\s*(?:```\w*\s*)?[\[{]", re.MULTILINE)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ITEM = re.compile(r"^\s*(?:\*\*)?(?:\d+[.)]|[-*•]|#+)\s+(?:[^*\n]{1,60}\*\*:?\s*)?", re.MULTILINE)
_TAGGED = re.compile(r"<(\w+)[^>]*>(.*?)</\1>", re.DOTALL)
_HEADING = re.compile(r"^\s*(?:#+.{0,60}|\**[^.\n]{1,40}:\**)\s*$", re.MULTILINE)
_PARAGRAPH = re.compile(r"\n\s*\n")
_SHORTEST = 40


class Descriptions(BaseModel):
    """The form of the answer."""

    model_config = ConfigDict(extra="forbid")

    descriptions: list[str]


_FORM = Form(Descriptions(descriptions=["the first text", "the second text"]))


class PromptedWriter:
    """Writes profiles and personalities after examples."""

    def __init__(self, backing: Backing) -> None:
        """Write with the model and the prompt `writer`."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt:
        """Return the prompt it is asked with."""
        return self.backing.prompts["writer"]

    async def write(self, brief: WriterBrief) -> Written:
        """Write new texts; an answer that is no JSON is taken apart as a list would be.

        Raises:
            AgentError: the model gave no answer.
        """
        prompt = self.prompt("")
        examples = "\n".join(tagged(brief.kind, text) for text in brief.examples)
        messages = [
            Message(
                "system",
                prompt.fill(
                    "system", language=brief.language, example=_FORM.example.model_dump_json()
                ),
            ),
            Message(
                "user",
                prompt.fill(brief.kind, count=str(brief.count), examples=Tagged(examples)),
            ),
        ]
        answer = await self.backing.model.ask(messages, brief.seed, _FORM)
        texts = texts_in(answer.text, cut=CUT in answer.usage.faults)
        return Written(answer.text, {}, answer.reasoning, answer.usage, texts=tuple(texts))


def texts_in(answer: str, cut: bool = False) -> list[str]:
    """Find the texts in an answer: JSON as it was asked for, else a list, else paragraphs.

    Args:
        answer: what the model said.
        cut: the length limit ended it, so that its last text is not whole.
    """
    try:
        return _FORM.read(answer).descriptions
    except ValueError:
        json_begins = _JSON.search(answer)
    if json_begins:
        # Of another form, or cut off: what is whole in it are its strings.
        return list(_strings_in(answer[json_begins.start() :]))
    found = _in_prose(answer)
    return found[:-1] if cut else found


def _strings_in(broken_json: str) -> Iterator[str]:
    for literal in _STRING.findall(broken_json):
        with suppress(ValueError):
            text = json.loads(literal, strict=False)
            if len(text) >= _SHORTEST:
                yield text


def _in_prose(answer: str) -> list[str]:
    if tagged_texts := _TAGGED.findall(answer):
        answer = "\n\n".join(text for _, text in tagged_texts)
    answer = _HEADING.sub("\n", answer)
    listed = _ITEM.search(answer)
    parts = _ITEM.split(answer[listed.start() :]) if listed else _PARAGRAPH.split(answer)
    texts = (" ".join(part.strip("\"'` \n").split()) for part in parts)
    # What introduces a list, or takes leave after it, is short or ends with a colon.
    return [text for text in texts if len(text) >= _SHORTEST and not text.endswith(":")]
