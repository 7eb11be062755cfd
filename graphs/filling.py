"""Filling a slot of a tree: the one way an agent is called, whatever it is called for."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from langgraph.errors import GraphBubbleUp

from agents.casting import Seated
from agents.models.secrets import without_secrets
from agents.seats import SEATS
from dialogues.errors import GroveError
from dialogues.hashing import derived_seed
from dialogues.node import Failure, Node, Slot
from dialogues.tree import Tree
from graphs.answering import answer
from graphs.tracing import traced

Save = Callable[[Node], Awaitable[Node]]
Limit = Callable[[Seated], AbstractAsyncContextManager[Any]]

_MESSAGE_LENGTH = 500


async def keep_in_memory(node: Node) -> Node:
    """Save a node nowhere: for dialogues that need no store."""
    return node


def no_limit(seated: Seated) -> AbstractAsyncContextManager[None]:
    """Let any number of calls to an agent be in flight."""
    return nullcontext()


@dataclass(frozen=True)
class Filler:
    """Fills the slots of one tree.

    Attributes:
        seed: the run's seed.
        save: stores a node and returns what its slot holds then.
        limit: holds back calls in flight.
        retry: slots that hold a failure are asked once more, as a further attempt.
    """

    tree: Tree
    seed: int
    save: Save = keep_in_memory
    limit: Limit = no_limit
    retry: bool = False

    async def fill(
        self, seated: Seated, slot: Slot, turn: int, noted: Mapping[str, Any], **told: Any
    ) -> Node:
        """Return what fills `slot`: the node that is there, or what the agent now answers.

        Whatever goes wrong in the agent is stored as a typed failure.

        Args:
            seated: whom to ask.
            slot: the place; its seat says how the agent is called.
            turn: number of the turn, from 1.
            noted: what is noted with the node, beside the agent's own notes.
            told: fields of the seat's brief, beside the history up to the slot.

        Raises:
            StoreError: the node could not be saved.
            UsageError: the agent can never answer as it is configured.
        """
        held = self.tree.latest(slot)
        if held is not None and not (held.failure and self.retry):
            return held
        slot = slot._replace(attempt=held.attempt + 1 if held else 0)
        async with self.limit(seated):
            node = await self._answered(seated, slot, turn, told)
            if noted:
                node = node.model_copy(update={"notes": {**node.notes, **noted}})
            node = await self.save(node)
        self.tree.add(node)
        return node

    async def _answered(
        self, seated: Seated, slot: Slot, turn: int, told: Mapping[str, Any]
    ) -> Node:
        seed = derived_seed(self.seed, slot.key)
        brief = SEATS[slot.seat].brief(
            **{
                "key": slot.key,
                "role": seated.spec.role,
                "history": self.tree.history(slot.parent),
                "turn": turn,
                "seed": seed,
                **told,
            }
        )
        started = time.perf_counter()

        def node(content: Mapping[str, Any]) -> Node:
            return Node(
                **slot._asdict(),
                turn=turn,
                agent=seated.class_path,
                spec=seated.spec.name,
                seed=seed,
                seconds=round(time.perf_counter() - started, 6),
                **content,
            )

        try:
            with traced(seated, slot):
                return node(await answer(seated, brief))
        except (GroveError, GraphBubbleUp):
            raise
        except (Exception, asyncio.CancelledError) as error:
            if _is_being_cancelled():
                raise
            return node({"failure": _failure(error), "usage": getattr(error, "usage", None)})


def _failure(error: BaseException) -> Failure:
    raised = traceback.extract_tb(error.__traceback__)[-1]
    return Failure(
        type=type(error).__name__,
        message=without_secrets(str(error))[:_MESSAGE_LENGTH],
        where=f"{Path(raised.filename).name}:{raised.lineno}",
    )


def _is_being_cancelled() -> bool:
    """Tell a stop of the run from an agent that was itself cancelled, as a closed stream can be."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
