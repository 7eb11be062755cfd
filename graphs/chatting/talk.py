"""The talk: shows what a dialogue comes to and hands it what the person types, until they leave."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from langchain_core.messages import BaseMessageChunk
from langgraph.types import Command

from agents.models.model import spoken
from dialogues.audits import note_audit
from dialogues.choice import HUMAN
from dialogues.errors import GroveError, UsageError
from dialogues.hashing import derived_seed
from dialogues.node import JUDGE, USER, Belief, Node
from graphs.chatting.conversation import Conversation
from graphs.chatting.keyboard import Keyboard
from graphs.chatting.memory import Memory
from graphs.chatting.picking import agreements, picked
from graphs.chatting.screen import Screen
from graphs.dialogue import Branch

PAUSED: Literal["paused"] = "paused"
LEFT: Literal["left"] = "left"
OVER = "over"
Next = Branch | Command[Any] | Literal["paused", "left"]
"""How to go on: on a branch, with an answer, after a pause, or not at all."""

_PROMPTS = {USER: "you", JUDGE: "best", PAUSED: "Enter goes on", OVER: "over"}
_ENDS = {
    "turns": "the dialogue has all its turns",
    "user": "the user leaves",
    "failure": "somebody failed; /retry asks again",
}


@dataclass
class Talk:
    """A person at the console, in a conversation.

    Attributes:
        seat: where the person sits: `user`, `judge` or `watch`.
        store: where the conversation is kept.
        memory: what is kept of the person; None where nothing is.
    """

    conversation: Conversation
    screen: Screen
    keyboard: Keyboard
    seat: str
    store: str
    memory: Memory | None = None
    _written: dict[str, tuple[str, str]] = field(default_factory=dict)
    _compared: str = ""

    async def go(self, begin: Branch) -> None:
        """Talk, from a branch on, until the person leaves.

        Raises:
            GroveError: the store failed, or an agent can never answer.
        """
        going: Next = begin
        while going != LEFT:
            waits_for = await self._follow(going)
            self.conversation.count()
            going = await self._typed(waits_for)

    async def read_pick(self, user: Node) -> bool:
        """Show the replies to a message and read what the person thinks of them, if anything."""
        self._show_replies(user, blind=True)
        while typed := await self.keyboard.read(_PROMPTS[JUDGE]):
            try:
                await self.pick(user, typed)
            except UsageError as error:
                self.screen.say(f"{error}; Enter alone leaves it as it is", "red")
            else:
                return True
        return False

    async def pick(self, user: Node, typed: str) -> None:
        """Note a pick beside the verdicts there are.

        Raises:
            UsageError: it is no pick.
        """
        await self.conversation.pick(user, picked(typed, self.order(user)))
        self._compared = user.key
        if self.seat == "watch":
            # Elsewhere the dialogue comes again from here, and tells it.
            self._tell_pick(user)

    def order(self, user: Node) -> list[str]:
        """Return the replies to a message in the order in which they are shown."""
        keys = [node.key for node in self.conversation.tree.candidates(user.key)]
        if self.conversation.is_picked:
            seed = self.conversation.scene.script.seed
            Random(derived_seed(seed, user.key, "shown")).shuffle(keys)
        return keys

    async def _typed(self, waits_for: str) -> Next:
        """Read until something is typed that the dialogue goes on with."""
        # Imported here since the commands are made of what a talk can do.
        from graphs.chatting.commands import obey

        while (typed := await self.keyboard.read(_PROMPTS[waits_for])) is not None:
            self.conversation.as_many_as_ever()
            try:
                is_command = typed.startswith("/")
                going = await obey(self, typed) if is_command else self._answer(waits_for, typed)
            except GroveError as error:
                self.screen.say(str(error), "red")
            else:
                if going is not None:
                    return going
        return LEFT

    def _answer(self, waits_for: str, typed: str) -> Next | None:
        if waits_for == PAUSED:
            return PAUSED
        if not typed:
            return None
        if waits_for == USER:
            return Command(resume={"text": typed})
        user = self.conversation.asked
        if waits_for == JUDGE and user:
            return Command(resume=picked(typed, self.order(user)).model_dump(mode="json"))
        raise UsageError(f"{self._end()}; /branch N goes back to turn N, /quit leaves")

    async def _follow(self, going: Next) -> str:
        """Show what comes until the dialogue waits; return for whom, or `over`."""
        pauses = [USER] if self.seat == "watch" else []
        given = None if isinstance(going, str) else going
        if pauses and isinstance(given, dict):
            # A pause before the first step comes before anything was done.
            async for _ in self.conversation.go_on(given, pauses):
                pass
            given = None
        waits_for = OVER
        self._written.clear()
        try:
            async for mode, chunk in self.conversation.go_on(given, pauses):
                if mode == "messages":
                    self._write(*chunk)
                    continue
                for step, update in chunk.items():
                    if step == "__interrupt__":
                        waits_for = update[0].value if update else PAUSED
                    else:
                        await self._show(step)
        finally:
            self.screen.stop()
        self._tell_stop(waits_for)
        return waits_for

    async def _show(self, step: str) -> None:
        conversation, user = self.conversation, self.conversation.asked
        if step == USER and self.seat != USER and user and not user.failure:
            self.screen.user(user)
        elif step == "induce" and user:
            await self._remember()
        elif step == "judge" and user:
            if user.key != self._compared:
                self._show_replies(user)
            if conversation.tree.verdict(user.key, HUMAN):
                self._tell_pick(user)
            else:
                self._tell_verdicts(user)

    async def _remember(self) -> None:
        if self.memory is None:
            return
        try:
            await self.memory.keep(self.conversation.belief)
        except GroveError as error:
            self.screen.say(str(error), "red")

    def _tell_stop(self, waits_for: str) -> None:
        user = self.conversation.asked
        if waits_for == JUDGE and user:
            self._show_replies(user, blind=True)
        if waits_for == OVER:
            for node in self.conversation.failures:
                self.screen.failed(node)
            self.screen.say(f"{self._end()}; /help lists commands")

    def _end(self) -> str:
        return _ENDS.get(self.conversation.over, OVER)

    def _write(self, chunk: object, noted: dict[str, Any]) -> None:
        """Show a piece of a reply that a model is writing."""
        if noted.get("langgraph_node") != "candidate" or not isinstance(chunk, BaseMessageChunk):
            return
        task, call = str(noted.get("langgraph_checkpoint_ns")), str(chunk.id)
        before, text = self._written.get(task, (call, ""))
        # An assistant may call its model several times; the last call is what it says.
        text = text + chunk.text if before == call else str(chunk.text)
        self._written[task] = (call, text)
        texts = [spoken(text) for _, text in self._written.values()]
        self.screen.writing(texts, [""] * len(texts), self._belief())

    def _show_replies(self, user: Node, blind: bool = False) -> None:
        self._compared = user.key if blind else ""
        nodes = [self.conversation.tree[key] for key in self.order(user)]
        if not nodes:
            return
        titles = [
            node.spec if len(nodes) == 1 else f"{nth}" + f" {node.spec}" * (not blind)
            for nth, node in enumerate(nodes, start=1)
        ]
        self.screen.replies([node.text for node in nodes], titles, self._belief())

    def _belief(self) -> Belief | None:
        """Return what to show beside replies: what is believed of the person."""
        is_shown = self.seat == USER and self.conversation.scene.cast.inducer
        return self.conversation.belief if is_shown else None

    def _tell_verdicts(self, user: Node) -> None:
        numbers = self._numbers(user)
        if len(numbers) < 2:
            return
        for judge, verdict in self.conversation.tree.verdicts(user.key):
            best = ", ".join(str(numbers[key]) for key in verdict.preferred if key in numbers)
            if judge == HUMAN:
                self.screen.say(f"you prefer {best}" if best else "you see a tie")
            else:
                told = f"prefers {best} (margin {verdict.margin:.2f})" if best else "sees a tie"
                self.screen.say(f"{judge} {told}")

    def _tell_pick(self, user: Node) -> None:
        """Name who wrote the replies, and say how often the judges are of the person's mind."""
        conversation = self.conversation
        names = {n: conversation.tree[key].spec for key, n in self._numbers(user).items()}
        self.screen.say("; ".join(f"{number} is {name}" for number, name in names.items()))
        self._tell_verdicts(user)
        for judge, agreement in agreements(conversation.tree).items():
            note_audit(conversation.run, "agreement", judge, agreement._asdict())
            if agreement.pairs:
                self.screen.say(
                    f"{judge} orders {agreement.agreeing} of {agreement.pairs} pairs as you do"
                )

    def _numbers(self, user: Node) -> dict[str, int]:
        return {key: number for number, key in enumerate(self.order(user), start=1)}
