"""Assistants on a model: the deployed prompt, and in each role what that role adds to it.

`plain`, or no role, is exactly the prompt the assistant would be deployed with. Every other role is
a baseline on the same model; what it adds stands in the last turn, but for `amnesic` and `rag`,
which leave out some of the history.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel, ConfigDict

from agents.models.form import Form, ask_for
from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.composing import composed
from agents.prompted.inducer import distinct, infer
from agents.prompted.prompts import Prompt
from agents.prompted.roles import INDUCE, PROBE, SELF_CRITIC, prompt_of, seen
from agents.prompted.thinking import FORMS, instruction, thoughts_of
from agents.prompted.transcript import transcript
from agents.seats import AgentError, AssistantBrief, Induction, Reply
from dialogues.hashing import derived_seed
from dialogues.node import Belief, Message, Usage


class Held(BaseModel):
    """What an assistant says it holds of its user."""

    model_config = ConfigDict(extra="forbid")

    facts: list[str]
    traits: list[str]


_HELD = Form(Held(facts=["keeps bees"], traits=["likes dry jokes"]))


@dataclass(frozen=True)
class Ready:
    """What an assistant has before its last call.

    Attributes:
        brief: its history is what the role sees of it, as far as it fits.
        draft: the reply to be rewritten, in role `self-critic`.
        thoughts: what came of the calls before.
        usage: what they took.
    """

    brief: AssistantBrief
    draft: str = ""
    thoughts: str = ""
    usage: Usage = field(default_factory=Usage)


class PromptedAssistant:
    """Answers from the prompt it would be deployed with, and what its role adds."""

    def __init__(self, backing: Backing) -> None:
        """Answer with the model, and the prompt of the role where it has one."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt | None:
        """Return the prompt added to the history in a role, if there is one."""
        return prompt_of(role, self.backing.prompts)

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Give one candidate reply.

        Raises:
            Unparsable: the role answers in a form, and the model never did.
            WrongAnswer: the role is `oracle`, and the brief tells of no persona.
            AgentError: the model gave no answer.
        """
        role = brief.role
        ready = await self._ready(brief)
        if role == SELF_CRITIC:
            ready = await self._drafted(ready)
        asked = instruction(role, self.backing.prompts, ready.draft)
        said, answer, _ = await self._ask(ready, asked, FORMS.get(role))
        text, thoughts = (said, "") if role not in FORMS else (said.reply, thoughts_of(said))
        reasoning = _together(ready.thoughts, answer.reasoning, thoughts)
        return Reply(text.strip(), reasoning=reasoning, usage=answer.usage)

    async def believe(self, brief: AssistantBrief) -> Induction:
        """Say what it holds of the user by now, from what its role sees of the history.

        Args:
            brief: where its history ends with the assistant's own reply, that is left out.

        Returns:
            The belief; in the notes, the hash of the prompt that asked for it.

        Raises:
            Unparsable: the model never answered in the form asked for.
            WrongAnswer: the role is `oracle`, and the brief tells of no persona.
            AgentError: the model gave no answer.
        """
        prompt = self.backing.prompts[PROBE]
        ready = await self._ready(replace(brief, history=_heard(brief.history)))
        asked = prompt.fill("ask", example=_HELD.example.model_dump_json())
        held, answer, _ = await self._ask(ready, asked, _HELD)
        return Induction(
            answer.text,
            {"prompt_hash": prompt.hash},
            _together(ready.thoughts, answer.reasoning),
            answer.usage,
            Belief(facts=distinct(held.facts), traits=distinct(held.traits)),
        )

    async def _ready(self, brief: AssistantBrief) -> Ready:
        ready = Ready(replace(brief, history=seen(brief.role, brief.history)))
        return await self._induced(ready) if brief.role == INDUCE else ready

    async def _induced(self, ready: Ready) -> Ready:
        """Form a belief in a call of its own, from all that is seen of the history."""
        brief = ready.brief
        seed = derived_seed(brief.seed, INDUCE)

        async def ask(history: Sequence[Message]) -> tuple[Induction, Sequence[Message]]:
            question = self.backing.prompts[INDUCE].fill("ask", chat=transcript(history))
            return await infer(self.backing, Belief(), question, seed), history

        (new, history), dropped = await self.backing.with_history(brief.history, ask)
        return Ready(
            replace(brief, history=history, hint=new.belief),
            thoughts=_together(new.reasoning, new.text),
            usage=(new.usage or Usage()) + dropped,
        )

    async def _drafted(self, ready: Ready) -> Ready:
        """Draft the reply as it would be deployed."""
        draft, answer, history = await self._ask(ready)
        return Ready(
            replace(ready.brief, history=history, seed=derived_seed(ready.brief.seed, SELF_CRITIC)),
            draft,
            _together(answer.reasoning, draft),
            answer.usage,
        )

    async def _ask(
        self, ready: Ready, asked: str = "", form: Form[Any] | None = None
    ) -> tuple[Any, Answer, Sequence[Message]]:
        """Ask, with what is `asked` at the end of the last turn.

        Returns:
            The text, or the value where there is a form; the answer, with the usage of all calls by
            now; the history as far as it fitted.
        """
        brief, prompts = ready.brief, self.backing.prompts

        async def ask(history: Sequence[Message]) -> tuple[Any, Answer, Sequence[Message]]:
            messages = composed(brief, history, prompts, asked)
            if form is not None:
                return *await ask_for(self.backing.model, messages, brief.seed, form), history
            answer = await self.backing.model.ask(messages, brief.seed)
            return answer.text, answer, history

        with _charged(ready.usage):
            (said, answer, kept), dropped = await self.backing.with_history(brief.history, ask)
        return said, replace(answer, usage=ready.usage + answer.usage + dropped), kept


@contextmanager
def _charged(usage: Usage) -> Iterator[None]:
    try:
        yield
    except AgentError as error:
        error.after(usage)
        raise


def _together(*texts: str) -> str:
    return "\n\n".join(filter(None, texts))


def _heard(history: Sequence[Message]) -> Sequence[Message]:
    """Return a history up to the user's last message."""
    last = max(place for place, said in enumerate(history) if said.role == "user")
    return history[: last + 1]
