r"""An assistant of your own in a seat, with no change to Grove's code.

    python -m examples.new_agent

An agent is a class with the one method of its seat (see agents/seats.py). It is named by its
dotted path, so any command takes it:

    python -m graphs.simulate --store runs/mine.db \
        --assistant hinted=scripted --assistant examples.new_agent:Mirror
"""

import sys

from agents import AssistantBrief, Reply
from dialogues.command import reporting_errors
from graphs.simulate import Simulate


class Mirror:
    """Says the user's last words back, as a question; keeps nothing between calls."""

    async def reply(self, brief: AssistantBrief) -> Reply:
        """Answer from the history alone: no hint, no persona."""
        last = brief.history[-1].content.rstrip(".!? ")
        words = last.split()[-6:]
        return Reply(f"… {' '.join(words)}? Go on.")


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
