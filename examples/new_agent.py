r"""Agents of your own in a seat, with no change to Grove's code.

    python -m examples.new_agent

An agent is a class with the one method of its seat (see agents/seats.py). It is named by its
dotted path, so any command takes it:

    python -m graphs.simulate --store runs/mine.db \
        --assistant hinted=scripted --assistant examples.new_agent:Mirror

`Poet` asks a language model. Its constructor has a parameter `models`, so Grove gives it the run's
models: with the endpoints, keys, limits and retries of the command line and `--config` file, its
tokens counted in the budget. Set OPENAI_API_KEY (or OPENAI_BASE_URL for a server of your own):

    python -m graphs.simulate --store runs/poet.db --assistant hinted=scripted \
        --assistant examples.new_agent:Poet

tests/examples/test_new_agent.py shows how to check an agent against the contract all agents keep.
"""

import os
import sys

from agents import AssistantBrief, Reply
from agents.models.stock import Models
from dialogues.command import reporting_errors
from dialogues.node import Message
from graphs.simulate import Simulate


class Mirror:
    """Says the user's last words back, as a question; keeps nothing between calls."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Answer from the history alone: no hint, no persona."""
        last = brief.history[-1].content.rstrip(".!? ")
        words = last.split()[-6:]
        return Reply(f"… {' '.join(words)}? Go on.")


class Poet:
    """Answers in verse, by a language model; the model is named in POET_MODEL."""

    def __init__(self, models: Models) -> None:
        """Open the model as the assistant's seat samples it."""
        self.model = models.open(os.environ.get("POET_MODEL", "openai:gpt-4o-mini"), "assistant")

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Ask for two lines."""
        order = Message("system", "Answer the last message in two lines that rhyme.")
        answer = await self.model.ask([order, *brief.history], brief.seed)
        return Reply(answer.text, reasoning=answer.reasoning, usage=answer.usage)


def main() -> int:
    """Let the mirror compete with the hinted assistant for a few trees."""
    settings = Simulate(
        store="runs/mine.db",
        assistant=["hinted=scripted", "examples.new_agent:Mirror"],
        limit=12,
        workers=1,
    )
    return settings.execute()


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
