"""What stands behind an agent on a model: the model, the prompts, what to do when it overflows."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agents.models.errors import ContextOverflow
from agents.models.model import Model
from agents.prompted.prompts import Prompts
from dialogues.node import Message, Usage

T = TypeVar("T")

DROPPED = "dropped_oldest"


@dataclass(frozen=True)
class Backing:
    """A model and the prompts it is asked with.

    Attributes:
        model: who answers.
        prompts: all prompts, by name.
        drop_oldest: leave out the oldest turns of a history the model's context cannot hold.
    """

    model: Model
    prompts: Prompts
    drop_oldest: bool = False

    async def with_history(
        self, history: Sequence[Message], ask: Callable[[Sequence[Message]], Awaitable[T]]
    ) -> tuple[T, Usage]:
        """Ask with as much of the history as fits: all of it, unless turns may be dropped.

        Returns:
            The answer, and as its usage one fault for every exchange dropped.

        Raises:
            ContextOverflow: it does not fit.
        """
        dropped = Usage()
        while True:
            try:
                return await ask(history), dropped
            except ContextOverflow as error:
                dropped = dropped + (error.usage or Usage())
                if not self.drop_oldest or len(history) <= 2:
                    error.usage = dropped
                    error.args = (f"{_overflow(history)}: {error}",)
                    raise
                history, dropped = history[2:], dropped + Usage(faults=(DROPPED,))


def _overflow(history: Sequence[Message]) -> str:
    if len(history) > 2:
        return "longer than the model's context (see --overflow)"
    return "the prompt and the latest messages alone exceed the model's context"
