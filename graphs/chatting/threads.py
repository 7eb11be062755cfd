"""Threads: a conversation is a run of a store, begun once and found again by its name."""

from importlib.metadata import version

from dialogues.errors import UsageError
from dialogues.node import Belief
from dialogues.persona import Persona, Personality, Profile
from dialogues.pool import load_pool
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.store import Store
from graphs.chat import Chat
from graphs.chatting.entering import Entered, enter

_SOMEBODY = Persona(
    profile=Profile.of("A person at the console."),
    personality=Personality.of("Speaks for themselves."),
)
_KNOWN, _ENTERED = "known", "entered"
_MAY_CHANGE = {"turns"}


def left_thread(store: Store, settings: Chat) -> Run | None:
    """Return the run of a conversation that was left; None for a new one.

    Raises:
        UsageError: the run of this name is no conversation.
    """
    names = {run.record.name for run in store.runs()}
    if settings.thread not in names:
        return None
    run = store.run(str(settings.thread))
    if _KNOWN not in run.record.config:
        raise UsageError(
            f"--thread {settings.thread} is no conversation; enter its dialogues by --at STORE NODE"
        )
    return run


def as_before(settings: Chat, run: Run) -> Chat:
    """Take from the run what the command line leaves open.

    Raises:
        UsageError: the command line says something else than the run was begun with.
    """
    before, now = run.record.config, settings.record()
    for name in settings.model_fields_set & now.keys() - _MAY_CHANGE:
        if now[name] != before[name]:
            raise UsageError(
                f"--{name}: {run.record.name} was begun with {_words(before[name])}; leave it out, "
                f"or go on from a message with --at {run.location} NODE --run {run.record.name}"
            )
    open_ones = now.keys() - settings.model_fields_set
    return settings.model_copy(update={name: before[name] for name in open_ones})


def new_thread(store: Store, settings: Chat, entered: Entered | None, known: Belief) -> Run:
    """Begin a conversation.

    Args:
        store: where it is kept.
        settings: who takes part.
        entered: the dialogue it goes on from, if any.
        known: what is believed of the user from the beginning.

    Raises:
        UsageError: there is no such persona.
    """
    tree = entered.tree if entered else None
    case = (tree.persona, tree.repeat) if tree else (_who(store, settings), 0)
    system = settings.system or (entered.run.record.system if entered else "")
    record = RunRecord(
        name=settings.thread or _free_name(store),
        config={
            **settings.record(),
            _KNOWN: known.model_dump(mode="json"),
            _ENTERED: entered.record if entered else [],
        },
        judge=settings.own,
        system=system,
        versions={"persona-grove": version("persona-grove")},
    )
    run = store.begin(record)
    run.plan([case])
    return run


def known_before(run: Run) -> Belief:
    """Return what was believed of the user when a conversation began."""
    return Belief.model_validate(run.record.config[_KNOWN])


def entered_before(store: Store, run: Run) -> Entered | None:
    """Return the dialogue a conversation was entered from, if it was.

    Raises:
        UsageError: it is in the store no more.
    """
    at = run.record.config[_ENTERED]
    return enter(store, *at) if at else None


def _free_name(store: Store) -> str:
    names = {run.record.name for run in store.runs()}
    return next(name for n in range(1, len(names) + 2) if (name := f"chat-{n}") not in names)


def _who(store: Store, settings: Chat) -> Persona:
    if settings.seat == "user" and not settings.persona:
        return _SOMEBODY
    personas = (load_pool(settings.pool) if settings.pool else load_pool()).personas(1)
    wanted = settings.persona or str(1 + len(store.runs()) % len(personas))
    if wanted.isdecimal() and 1 <= int(wanted[:9]) <= len(personas):
        return personas[int(wanted) - 1]
    found = [each for each in personas if each.id.startswith(wanted)]
    if len(found) != 1:
        what = "no such persona" if not found else "several personas"
        raise UsageError(
            f"--persona {wanted}: {what}; give a number from 1 to {len(personas)}, or the first "
            "characters of an id"
        )
    return found[0]


def _words(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "none")
