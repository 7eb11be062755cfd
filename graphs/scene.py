"""The scene: all that one tree's dialogue shares, and the one way an agent is called in it."""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from agents.casting import Cast, Seated
from agents.models.secrets import without_secrets
from agents.seats import SEATS, Candidate
from dialogues.choice import Chooser, verdict_chooser
from dialogues.errors import GroveError, UsageError
from dialogues.hashing import derived_seed
from dialogues.node import USER, Belief, Failure, Node, Slot
from dialogues.tree import Tree
from graphs.answering import answer
from graphs.expansion import Policy, Siblings, continue_random, policy_name
from graphs.tracing import traced

Save = Callable[[Node], Awaitable[Node]]
Limit = Callable[[Seated], AbstractAsyncContextManager[Any]]

_MESSAGE_LENGTH = 500


@dataclass(frozen=True)
class Script:
    """What the trees of a run have in common.

    Attributes:
        turns: user messages on a branch that is not ended early.
        candidates: assistant replies per turn; with one, no preference is judged.
        policy: which candidates the dialogue goes on from.
        width: most branches of one tree that may be open at a time.
        seed: the run's seed.
        system: system text the assistants are deployed with.
        verdict: picks the verdict that counts where several judges give one.
        may_leave: the user may end the dialogue early.
    """

    turns: int = 10
    candidates: int = 2
    policy: Policy = continue_random
    width: int = 8
    seed: int = 0
    system: str = ""
    verdict: Chooser = field(default_factory=lambda: verdict_chooser(None))
    may_leave: bool = True


async def keep_in_memory(node: Node) -> Node:
    """Save a node nowhere: for dialogues that need no store."""
    return node


def no_limit(seated: Seated) -> AbstractAsyncContextManager[None]:
    """Let any number of calls to an agent be in flight."""
    return nullcontext()


@dataclass(frozen=True)
class Scene:
    """One tree as it grows: what it holds so far, who plays, and where nodes are saved.

    Attributes:
        retry: slots that hold a failure are asked once more, as a further attempt.
    """

    tree: Tree
    cast: Cast
    script: Script = field(default_factory=Script)
    save: Save = keep_in_memory
    limit: Limit = no_limit
    retry: bool = False

    async def ask(self, seated: Seated, slot: Slot, turn: int, **told: Any) -> Node:
        """Return what fills `slot`: the node that is there, or what the agent now answers.

        The agent is told the history up to the slot and the fields `told` of its seat's brief.
        Whatever goes wrong in it is stored as a typed failure.

        Raises:
            StoreError: the node could not be saved.
            UsageError: the agent can never answer as it is configured.
        """
        held = self.tree.latest(slot)
        if held is not None and not (held.failure and self.retry):
            return held
        slot = slot._replace(attempt=held.attempt + 1 if held else 0)
        async with self.limit(seated):
            node = await self.save(await self._filled(seated, slot, turn, told))
        self.tree.add(node)
        return node

    async def _filled(self, seated: Seated, slot: Slot, turn: int, told: Mapping[str, Any]) -> Node:
        seed = derived_seed(self.script.seed, slot.key)
        brief = SEATS[seated.seat].brief(
            key=slot.key,
            role=seated.spec.role,
            history=self.tree.history(slot.parent),
            turn=turn,
            seed=seed,
            **told,
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
        except GroveError:
            raise
        except (Exception, asyncio.CancelledError) as error:
            if _is_being_cancelled():
                raise
            return node({"failure": _failure(error), "usage": getattr(error, "usage", None)})

    def siblings(self, user_key: str) -> Siblings:
        """Return the good replies to a user message with the verdict that counts."""
        replies = [Candidate(node.key, node.text) for node in self.tree.candidates(user_key)]
        return Siblings(replies, self.script.verdict(self.tree, user_key))

    def choose(self, user_keys: Sequence[str], width: int) -> list[str]:
        """Let the policy say from which replies to these user messages the tree grows on.

        Raises:
            UsageError: the policy failed or named something that is no candidate.
        """
        frontier = [self.siblings(key) for key in user_keys]
        rng = Random(derived_seed(self.script.seed, min(user_keys), "expand"))
        known = {candidate.key for siblings in frontier for candidate in siblings.candidates}
        policy, name = self.script.policy, policy_name(self.script.policy)
        try:
            chosen = list(dict.fromkeys(policy(frontier, width, rng)))[:width]
        except Exception as error:
            raise UsageError(
                f"expansion policy {name} failed: {type(error).__name__}: {error}"
            ) from error
        if not known.issuperset(chosen):
            raise UsageError(f"expansion policy {name} named a key that is no candidate")
        return chosen

    def belief_before(self, user_key: str) -> Belief:
        """Return what the inducer believed one turn before this user message."""
        before = [node for node in self.tree.path(user_key)[:-1] if node.seat == USER]
        return (self.tree.belief(before[-1].key) if before else None) or Belief()

    def notes_before(self, tip: str) -> dict[str, Any]:
        """Return what the user noted with its last message on the path to `tip`."""
        return next((node.notes for node in self.tree.path(tip)[::-1] if node.seat == USER), {})


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
