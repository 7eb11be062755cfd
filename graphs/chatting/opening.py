"""Opening a conversation, talking until the person leaves, and saying how to come back."""

import asyncio
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random

from rich.console import Console

from agents.casting import Cast, Seated, cast
from agents.models.reach import check_reach
from agents.models.secrets import without_passwords
from agents.models.stock import Models
from agents.person import Person
from dialogues.choice import CORRECTED, HUMAN, verdict_chooser
from dialogues.command import DONE
from dialogues.location import to_paste
from dialogues.node import ASSISTANT, JUDGE, USER, Belief
from dialogues.picture import chat as conversation_so_far
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import open_store
from graphs.chat import Chat
from graphs.chatting.commands import COMMANDS
from graphs.chatting.conversation import Conversation
from graphs.chatting.entering import Entered, enter, taken_over
from graphs.chatting.keyboard import Keyboard
from graphs.chatting.memory import Memory
from graphs.chatting.screen import Screen
from graphs.chatting.talk import Talk
from graphs.chatting.threads import as_before, entered_before, known_before, left_thread, new_thread
from graphs.dialogue import Branch
from graphs.expansion import Siblings
from graphs.scene import Scene, Script

_EVER = 1_000_000


def chat(settings: Chat) -> int:
    """Open the conversation the settings ask for and talk; return the exit status.

    Raises:
        GroveError: the store, memory, persona or an agent is not as it must be.
    """
    location = settings.at[0] if settings.at else settings.store
    with ExitStack() as stack:
        store = stack.enter_context(open_store(location, create=not settings.at))
        entered = enter(store, settings.run, settings.at[1]) if settings.at else None
        run = left_thread(store, settings)
        if run:
            settings, entered = as_before(settings, run), entered_before(store, run)
        models = Models(settings.models)
        seated = _cast(settings, models)
        asyncio.run(check_reach(models))
        memory = Memory(settings.memory, settings.remember) if settings.remember else None
        if memory:
            stack.callback(memory.close)
        known = memory.recall() if memory else Belief()
        run = run or new_thread(store, settings, entered, known)
        conversation = _conversation(run, seated, settings, entered)
        begin = _entry(conversation, entered, settings)
        talk = _talk(conversation, settings, location, memory)
        stack.callback(lambda: talk.screen.say(_again(settings, run, talk)))
        stack.callback(conversation.close)
        talk.screen.say(_told(settings, run))
        asyncio.run(_go(talk, models, begin))
    return DONE


async def _go(talk: Talk, models: Models, begin: Branch) -> None:
    models.prepare()
    try:
        if begin["turn"]:
            talk.screen.show(conversation_so_far(talk.conversation.tree, begin["tip"]))
        await talk.go(begin)
    finally:
        await talk.conversation.flush()
        await models.close()


def _talk(conversation: Conversation, settings: Chat, location: str, memory: Memory | None) -> Talk:
    said = [node.text for node in conversation.tree.user_messages() if node.spec == HUMAN]
    keyboard = Keyboard(said, COMMANDS)
    return Talk(conversation, Screen(Console()), keyboard, settings.seat, location, memory)


def _told(settings: Chat, run: Run) -> str:
    with_whom = ", ".join(Spec.parse(one).name for one in settings.assistants)
    seats = {
        "user": f"you talk with {with_whom}",
        "judge": f"you judge the replies of {with_whom} for /persona; type a number, 2>1 or =",
        "watch": f"you watch {with_whom}; Enter goes on",
    }
    return f"{run.record.name}: {seats[settings.seat]}; /help lists commands"


def _again(settings: Chat, run: Run, talk: Talk) -> str:
    """Say how to come back, with what the store does not keep."""
    words = ["python", "-m", "graphs.chat", "--thread", run.record.name]
    if talk.store != Chat.model_fields["store"].default:
        words += ["--store", to_paste(talk.store)]
    for flag, value in _not_kept(settings, talk.memory):
        words += [f"--{flag}", without_passwords(value)]
    return f"kept; go on with {shlex.join(words)}"


def _not_kept(settings: Chat, memory: Memory | None) -> Iterator[tuple[str, str]]:
    specs = {
        "assistant": settings.assistants,
        "judge": settings.judges,
        "inducer": [settings.inducer or ""],
        "user": [settings.user],
    }
    for flag, named in specs.items():
        if any("@" in spec for spec in named):
            yield from ((flag, spec) for spec in named)
    if memory:
        yield "remember", memory.name
        if memory.folder != Chat.model_fields["memory"].default:
            yield "memory", str(memory.folder)
    for flag in ("config", "prompts"):
        if path := getattr(settings, flag):
            yield flag, str(path)


def _cast(settings: Chat, models: Models) -> Cast:
    """Seat the agents, and the person where the settings say."""
    user = "scripted" if settings.seat == "user" else settings.user
    seated = cast(user, settings.inducer or "", settings.assistants, settings.judges, models)
    judges = [*seated.judges, *[_person(JUDGE)] * settings.compares]
    return Cast(
        user=_person(USER) if settings.seat == "user" else seated.user,
        inducer=seated.inducer,
        assistants=seated.assistants,
        judges=tuple(judges),
    )


def _person(seat: str) -> Seated:
    return Seated(seat, Spec.parse(HUMAN), Person())


def _conversation(run: Run, seated: Cast, settings: Chat, entered: Entered | None) -> Conversation:
    script = Script(
        turns=_EVER if settings.seat == "user" else settings.turns,
        candidates=len(seated.assistants),
        policy=continue_chosen,
        width=1,
        seed=settings.seed,
        system=run.record.system,
        verdict=verdict_chooser(CORRECTED if settings.own == HUMAN else settings.own),
        belief=known_before(run),
    )
    stored = next(run.planned_trees())
    return Conversation(run, stored, Scene(stored.tree, seated, script), entered)


def _entry(conversation: Conversation, entered: Entered | None, settings: Chat) -> Branch:
    """Return the branch on which a conversation begins, or goes on where it was left."""
    taken = taken_over(entered) if entered else []
    if entered is None or len(conversation.tree) > len(taken):
        return conversation.start()
    conversation.take_over(taken)
    node = entered.node
    if node.seat == ASSISTANT:
        return conversation.after(node)
    return conversation.anew(node) if settings.seat == "user" else conversation.replayed(node)


def continue_chosen(frontier: Sequence[Siblings], width: int, rng: Random) -> list[str]:
    """Continue the reply that a verdict on all of them prefers, or else the newest."""
    keys = []
    for siblings in frontier:
        verdict, replies = siblings.verdict, [reply.key for reply in siblings.candidates]
        preferred = verdict.preferred if verdict and verdict.of == {*replies} else ()
        keys.append(preferred[0] if preferred else replies[-1])
    return keys
