"""Opening a conversation: a new one, one that was left, or one entered at a node of a dialogue."""

import asyncio
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.metadata import version
from random import Random
from typing import NamedTuple

from rich.console import Console

from agents.casting import Cast, Seated, cast
from agents.models.reach import check_reach
from agents.models.stock import Models
from agents.person import Person
from dialogues.choice import HUMAN, verdict_chooser
from dialogues.command import DONE
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, JUDGE, USER, Belief, Node
from dialogues.persona import Persona, Personality, Profile
from dialogues.picture import chat as conversation_so_far
from dialogues.pool import load_pool
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.spec import Spec
from dialogues.store import Store, open_store
from dialogues.tree import Tree
from graphs.chat import Chat
from graphs.chatting.commands import COMMANDS
from graphs.chatting.conversation import Conversation, Origin
from graphs.chatting.keyboard import Keyboard
from graphs.chatting.memory import Memory
from graphs.chatting.screen import Screen
from graphs.chatting.talk import Talk
from graphs.dialogue import Branch
from graphs.expansion import Siblings
from graphs.scene import Scene, Script

_EVER = 1_000_000
_SOMEBODY = Persona(
    profile=Profile.of("A person at the console."),
    personality=Personality.of("Speaks for themselves."),
)
_KNOWN = "known"


class Entered(NamedTuple):
    """A simulated dialogue, and the node at which a person enters it."""

    origin: Origin
    node: Node


def chat(settings: Chat) -> int:
    """Open the conversation the settings ask for and talk; return the exit status.

    Raises:
        GroveError: the store, memory, persona or an agent is not as it must be.
    """
    console = Console()
    store_name = settings.at[0] if settings.at else settings.store
    with ExitStack() as stack:
        store = stack.enter_context(open_store(store_name, create=not settings.at))
        entered = _entered(store, settings)
        run = _known_run(store, settings)
        if run:
            settings = _as_before(settings, run)
        models = Models(settings.models)
        seated = _cast(settings, models)
        asyncio.run(check_reach(models))
        memory = Memory(settings.memory, settings.remember) if settings.remember else None
        if memory:
            stack.callback(memory.close)
        run = run or _new_run(store, settings, entered, memory.recall() if memory else Belief())
        conversation, begin = _conversation(run, seated, settings, entered)
        stack.callback(conversation.close)
        talk = _talk(conversation, settings, store_name, memory, console)
        talk.screen.say(_told(settings, run))
        asyncio.run(_go(talk, models, begin))
        again = f"python -m graphs.chat --thread {run.record.name}"
        again += f" --store {store_name}" * (store_name != Chat.model_fields["store"].default)
        talk.screen.say(f"kept; go on with {again}")
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


def _talk(
    conversation: Conversation, settings: Chat, store: str, memory: Memory | None, console: Console
) -> Talk:
    said = [node.text for node in conversation.tree.user_messages() if node.spec == HUMAN]
    keyboard = Keyboard(said, COMMANDS)
    return Talk(conversation, Screen(console), keyboard, settings.seat, store, memory)


def _told(settings: Chat, run: Run) -> str:
    with_whom = ", ".join(Spec.parse(one).name for one in settings.assistants)
    seats = {
        "user": f"you talk with {with_whom}",
        "judge": f"you judge the replies of {with_whom}; type a number, 2>1 or =",
        "watch": f"you watch {with_whom}; Enter goes on",
    }
    return f"{run.record.name}: {seats[settings.seat]}; /help lists commands"


def _cast(settings: Chat, models: Models) -> Cast:
    """Seat the agents, and the person where the settings say."""
    user = "scripted" if settings.seat == "user" else settings.user
    seated = cast(user, settings.inducer, settings.assistants, settings.judges, models)
    persons, judges = [Seated(JUDGE, Spec.parse(HUMAN), Person())], list(seated.judges)
    return Cast(
        user=Seated(USER, Spec.parse(HUMAN), Person()) if settings.seat == "user" else seated.user,
        inducer=seated.inducer,
        assistants=seated.assistants,
        judges=tuple([*persons, *judges] if settings.own == HUMAN else judges),
    )


def _entered(store: Store, settings: Chat) -> Entered | None:
    if not settings.at:
        return None
    run = store.run(settings.run)
    stored, node = run.holder(settings.at[1])
    if node.seat not in (USER, ASSISTANT) or node.failure:
        raise UsageError(f"--at {settings.at[1]}: no message but what the {node.seat} left")
    return Entered(Origin(run, stored), node)


def _known_run(store: Store, settings: Chat) -> Run | None:
    """Return the run of a conversation that was left; None for a new one."""
    names = {run.record.name for run in store.runs()}
    if settings.thread not in names:
        return None
    run = store.run(str(settings.thread))
    if "seat" not in run.record.config:
        raise UsageError(
            f"--thread {settings.thread} is no conversation; enter its dialogues by --at STORE NODE"
        )
    return run


def _as_before(settings: Chat, run: Run) -> Chat:
    """Take from the run what the command line leaves open."""
    known = settings.model_fields.keys() - settings.model_fields_set
    return settings.model_copy(update={n: v for n, v in run.record.config.items() if n in known})


def _new_run(store: Store, settings: Chat, entered: Entered | None, known: Belief) -> Run:
    persona, repeat = _who(store, settings), 0
    if entered:
        tree = entered.origin.stored.tree
        persona, repeat = tree.persona, tree.repeat
    record = RunRecord(
        name=settings.thread or _free_name(store),
        config={**settings.record(), _KNOWN: known.model_dump(mode="json")},
        judge=settings.own,
        system=settings.system or (entered.origin.run.record.system if entered else ""),
        versions={"persona-grove": version("persona-grove")},
    )
    run = store.begin(record)
    run.plan([(persona, repeat)])
    return run


def _free_name(store: Store) -> str:
    names = {run.record.name for run in store.runs()}
    return next(name for n in range(1, len(names) + 2) if (name := f"chat-{n}") not in names)


def _who(store: Store, settings: Chat) -> Persona:
    if settings.seat == "user" and not settings.persona:
        return _SOMEBODY
    personas = (load_pool(settings.pool) if settings.pool else load_pool()).personas(1)
    wanted = settings.persona or str(1 + len(store.runs()) % len(personas))
    if wanted.isdigit() and 1 <= int(wanted) <= len(personas):
        return personas[int(wanted) - 1]
    found = [each for each in personas if wanted in (each.id, each.profile.id)]
    if len(found) != 1:
        raise UsageError(
            f"--persona {wanted}: no such persona; give a number from 1 to {len(personas)} or an id"
        )
    return found[0]


def _conversation(
    run: Run, seated: Cast, settings: Chat, entered: Entered | None
) -> tuple[Conversation, Branch]:
    stored = next(run.planned_trees())
    script = Script(
        turns=_EVER if settings.seat == "user" else settings.turns,
        candidates=len(seated.assistants),
        policy=continue_chosen,
        width=1,
        seed=settings.seed,
        system=run.record.system,
        verdict=verdict_chooser(settings.own),
        belief=Belief.model_validate(run.record.config.get(_KNOWN, {})),
    )
    scene = Scene(stored.tree, seated, script)
    origin = entered.origin if entered else None
    conversation = Conversation(run, stored, scene, origin)
    if entered is None:
        return conversation, conversation.start()
    tree, node = entered.origin.stored.tree, entered.node
    conversation.take_over(_way_to(tree, node))
    if node.seat == ASSISTANT:
        return conversation, conversation.after(node)
    judges = settings.seat == "judge"
    return conversation, conversation.replayed(node) if judges else conversation.anew(node)


def _way_to(tree: Tree, node: Node) -> list[Node]:
    """Return the messages on the way to a node, with what was left below each by whom."""
    path = tree.path(node.key)
    users = [each.key for each in path if each.seat == USER]
    said = [each for each in path if each.seat == USER]
    return said + [each for each in tree if each.parent in users and each.seat != USER]


def continue_chosen(frontier: Sequence[Siblings], width: int, rng: Random) -> list[str]:
    """Continue the reply that a verdict prefers, or else the newest."""
    keys = []
    for siblings in frontier:
        preferred = siblings.verdict.preferred if siblings.verdict else ()
        keys.append(preferred[0] if preferred else siblings.candidates[-1].key)
    return keys
