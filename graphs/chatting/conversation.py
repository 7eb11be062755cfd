"""A conversation: one tree that a person and agents grow turn by turn, and where in it they are.

The dialogue's own state machine runs it. A person's message or pick takes the next free place, so
nothing that was said is ever lost: going back and answering differently makes a branch.
"""

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain, count
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from agents.person import Person
from dialogues.choice import HUMAN
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Node, Slot
from dialogues.recorder import Recorder
from dialogues.records import StoredTree
from dialogues.run import Run
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from graphs.chatting.entering import Entered
from graphs.dialogue import Branch, build_graph
from graphs.scene import Scene

_STEPS = 50


class Conversation:
    """One tree as it is talked through, from where it stands."""

    def __init__(
        self, run: Run, stored: StoredTree, scene: Scene, origin: Entered | None = None
    ) -> None:
        """Go on with a tree of `run`; the scene's nodes are saved there from now on.

        Picks between replies of `origin`, the dialogue it was entered from, are saved there, too.
        """
        self.run, self.stored, self.origin = run, stored, origin
        self.scene = replace(scene, save=self._save)
        self.tip, self.over = stored.tree.key, ""
        self._thread = ThreadPoolExecutor(1, "store")
        self._recorder = Recorder(run, self._thread)
        self._graph = build_graph(checkpointer=InMemorySaver())
        self._starts = count()
        self._config = RunnableConfig()

    @property
    def tree(self) -> Tree:
        """All that was said, on all branches."""
        return self.scene.tree

    @property
    def path(self) -> list[Node]:
        """The messages up to here."""
        return self.tree.path(self.tip)

    @property
    def asked(self) -> Node | None:
        """The user's latest message."""
        return next((node for node in self.path[::-1] if node.seat == USER), None)

    @property
    def known(self) -> Belief:
        """What was believed of the user before the first message."""
        return self.scene.script.belief

    @property
    def belief(self) -> Belief:
        """What is believed of the user by now."""
        user = self.asked
        return (self.tree.belief(user.key) if user else None) or self.known

    @property
    def is_picked(self) -> bool:
        """Whether a person picks the reply that the dialogue goes on from."""
        return any(judge.is_person for judge in self.scene.cast.judges)

    @property
    def picked(self) -> Node | None:
        """The latest user message here whose replies a person has compared."""
        for node in self.path[::-1]:
            if node.seat == USER and self.tree.verdict(node.key, HUMAN):
                return node
        return None

    @property
    def failures(self) -> list[Node]:
        """What failed at the user's latest message."""
        user = self.asked
        if user is None:
            return []
        below = [self.tree.children(user.key, seat) for seat in (INDUCER, ASSISTANT, JUDGE)]
        return [node for node in (user, *chain.from_iterable(below)) if node.failure]

    async def go_on(
        self, given: Branch | Command[Any] | None, pauses: Sequence[str] = ()
    ) -> AsyncIterator[tuple[str, Any]]:
        """Run the state machine until it waits for a person, or is over; yield what it streams.

        Args:
            given: a branch to start from, an answer to what it waits for, or None after a pause.
            pauses: steps before which it stops.
        """
        if isinstance(given, dict):
            told = {"thread_id": str(next(self._starts))}
            self._config = RunnableConfig(configurable=told, recursion_limit=_STEPS)
            self.over = ""
        async for streamed in self._graph.astream(
            given,
            self._config,
            context=self.scene,
            stream_mode=["messages", "updates"],
            interrupt_before=list(pauses),
        ):
            mode, chunk = streamed
            if mode == "updates":
                self._follow()
            yield mode, chunk
        self._follow()

    def start(self) -> Branch:
        """Return the branch to go on from when coming back: where a person last had a say."""
        said = max(self.tree.user_messages(), key=self._last_touched, default=None)
        return self.replayed(said) if said else Branch(tip=self.tree.key, turn=0, width=1)

    def replayed(self, user: Node) -> Branch:
        """Return the branch on which a user message, and what is there below it, comes again."""
        return Branch(tip=user.parent, turn=user.turn - 1, width=1, place=user.place)

    def anew(self, user: Node) -> Branch:
        """Return the branch on which something else is said in place of a user message."""
        return {**self.replayed(user), "place": self._unsaid(user.parent)}

    def after(self, reply: Node) -> Branch:
        """Return the branch that goes on after a reply; what was said there already stays."""
        return Branch(tip=reply.key, turn=reply.turn, width=1, place=self._unsaid(reply.key))

    def to_turn(self, turn: int) -> Branch:
        """Return the branch on which another message is said in a turn up to here.

        Raises:
            UsageError: there is no such turn here.
        """
        for node in self.path:
            if node.seat == USER and node.turn == turn:
                return self.anew(node)
        raise UsageError(f"there is no turn {turn} here")

    def one_more(self) -> Branch:
        """Ask again who failed at the latest message, or else the assistants for further replies.

        Raises:
            UsageError: nothing was said yet.
        """
        user = self.asked
        if user is None:
            raise UsageError("nothing was said yet")
        asked, usual = len(self.tree.children(user.key, ASSISTANT)), len(self.scene.cast.assistants)
        wanted = max(asked, usual) if self.failures else asked + usual
        script = replace(self.scene.script, candidates=wanted)
        self.scene = replace(self.scene, script=script, retry=True)
        return self.replayed(user)

    def as_many_as_ever(self) -> None:
        """Ask for the usual number of candidates again, after `one_more`."""
        script = replace(self.scene.script, candidates=len(self.scene.cast.assistants))
        self.scene = replace(self.scene, script=script, retry=False)

    async def pick(self, user: Node, verdict: Verdict) -> None:
        """Note what a person thinks of replies, beside what was thought of them before."""
        node = Node(
            **Slot(user.key, JUDGE, _free(self.tree, user.key))._asdict(),
            turn=user.turn,
            agent=f"{Person.__module__}:{Person.__name__}",
            spec=HUMAN,
            seed=0,
            verdict=verdict,
        )
        self.tree.add(await self._save(node))

    def take_over(self, nodes: Sequence[Node]) -> None:
        """Put what was said elsewhere into this tree."""
        for node in self.run.add([(self.stored.id, node) for node in nodes]):
            self.tree.add(node)

    async def flush(self) -> None:
        """Wait until all is written."""
        await self._recorder.flush()

    def count(self) -> None:
        """Count the tree, so that others may read it as it is, whatever becomes of the chat."""
        # Another process may have said something here, too.
        self.run.finish(self.stored.id, self.run.load([self.stored.id])[0].tree)

    def close(self) -> None:
        """Count for the last time, and stop writing."""
        self.count()
        self._thread.shutdown()

    def _follow(self) -> None:
        values = self._graph.get_state(self._config).values
        self.tip = values.get("tip", self.tip)
        self.over = values.get("over", "")

    def _last_touched(self, user: Node) -> tuple[int, int, int]:
        below = self.tree.children(user.key, JUDGE)
        nth = max((int(node.notes.get("nth", 0)) for node in (user, *below)), default=0)
        return nth, user.turn, user.place

    async def _save(self, node: Node) -> Node:
        if node.spec != HUMAN:
            return await self._recorder.add(self.stored.id, node)
        node = node.changed(notes={**node.notes, "nth": self._next()})
        if self.origin and node.verdict:
            self._tell_origin(node, self.origin)
        return _put(self.run, self.stored, node)

    def _next(self) -> int:
        return 1 + max((int(node.notes.get("nth", 0)) for node in self.tree), default=0)

    def _unsaid(self, key: str) -> int:
        """Return the first place below `key` at which no user said anything, here or at origin."""
        trees = [self.tree, *([self.origin.tree] if self.origin else [])]
        return 1 + max(
            (node.place for tree in trees for node in tree.children(key, USER)), default=-1
        )

    def _tell_origin(self, pick: Node, origin: Entered) -> None:
        """Put a pick between replies of a simulated dialogue beside the verdicts there."""
        there = origin.tree
        # A key names a place; what stands there may be another text.
        if _compared(there, pick.parent) == _compared(self.tree, pick.parent):
            moved = pick.changed(place=_free(there, pick.parent))
            there.add(_put(origin.run, origin.stored, moved))


def _put(run: Run, stored: StoredTree, node: Node) -> Node:
    """Store what a person said, in the next place if another process took this one."""
    while (held := run.add([(stored.id, node)])[0]).content_hash != node.content_hash:
        stored.tree.add(held)
        node = node.changed(place=node.place + 1)
    return node


def _compared(tree: Tree, user_key: str) -> list[str]:
    """Return what a judge has before it at a user message: all texts up to the replies."""
    if user_key not in tree:
        return []
    return [node.content_hash for node in (*tree.path(user_key), *tree.candidates(user_key))]


def _free(tree: Tree, user_key: str) -> int:
    return max((node.place for node in tree.children(user_key, JUDGE)), default=-1) + 1
