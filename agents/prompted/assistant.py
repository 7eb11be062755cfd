"""Assistants on a model: the deployed prompt, and for the hinted one a note after it."""

from collections.abc import Sequence

from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.prompted.transcript import listed
from agents.seats import AssistantBrief, Reply
from dialogues.node import Message
from dialogues.rendering import with_system


class PromptedAssistant:
    """Answers from exactly the prompt it would be deployed with; `hinted` also has the belief."""

    def __init__(self, backing: Backing) -> None:
        """Answer with the model, and the prompt `hinted` where there is a hint."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt | None:
        """Return the prompt added to the history in a role, if there is one."""
        return self.backing.prompts["hinted"] if role == "hinted" else None

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Give one candidate reply.

        Raises:
            AgentError: the model gave no answer.
        """

        async def ask(history: Sequence[Message]) -> Answer:
            return await self.backing.model.ask(self._messages(brief, history), brief.seed)

        answer, dropped = await self.backing.with_history(brief.history, ask)
        return Reply(answer.text, reasoning=answer.reasoning, usage=answer.usage + dropped)

    def _messages(self, brief: AssistantBrief, history: Sequence[Message]) -> list[Message]:
        talk = with_system(history, brief.system)
        if brief.hint is not None and (brief.hint.facts or brief.hint.traits):
            facts, traits = listed(brief.hint.facts), listed(brief.hint.traits)
            hint = self.backing.prompts["hinted"].fill("hint", facts=facts, traits=traits)
            # Within the last turn: many chat templates take no second system message.
            talk[-1] = Message("user", f"{talk[-1].content}\n\n{hint}")
        return talk
