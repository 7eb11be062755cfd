"""A judge's question: a persona, a chat and something to judge, as one call."""

import json
from collections.abc import Sequence
from typing import Any

from agents.models.form import Form, ask_for
from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.prompted.transcript import transcript
from agents.seats import JudgeBrief, Judgement
from dialogues.node import Message, Usage
from dialogues.verdict import Verdict


async def put(
    backing: Backing, prompt: Prompt, brief: JudgeBrief, form: Form[Any], **shown: str
) -> tuple[Any, Answer]:
    """Ask for a judgement of what is `shown`, in a form.

    Raises:
        Unparsable: the model never answered in it.
        AgentError: it gave no answer.
    """
    persona = brief.persona
    system = prompt.fill("system", example=form.example.model_dump_json())

    async def ask(history: Sequence[Message]) -> tuple[Any, Answer]:
        question = prompt.fill(
            "ask",
            profile=persona.profile.text,
            personality=persona.personality.text,
            chat=transcript(history),
            **shown,
        )
        messages = [Message("system", system), Message("user", question)]
        return await ask_for(backing.model, messages, brief.seed, form)

    (value, answer), dropped = await backing.with_history(brief.history, ask)
    return value, Answer(answer.text, answer.reasoning, answer.usage + dropped)


def judgement(verdict: Verdict, answers: Sequence[Answer]) -> Judgement:
    """Return a verdict with the raw answers it was made of."""
    return Judgement(
        json.dumps([answer.text for answer in answers], ensure_ascii=False),
        reasoning="\n\n".join(answer.reasoning for answer in answers if answer.reasoning),
        usage=sum((answer.usage for answer in answers), Usage()),
        verdict=verdict,
    )
