"""What can be typed after a slash: how to look around, go back, and take something along."""

import shlex
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

from rich.table import Table
from rich.text import Text

from dialogues.choice import verdict_chooser
from dialogues.command import parse
from dialogues.errors import UsageError
from dialogues.export import Export
from dialogues.node import USER, Node
from dialogues.picture import picture, portrait
from dialogues.plain import visible
from graphs.chatting.talk import LEFT, Next, Talk


class Order(NamedTuple):
    """A command: what it takes, what it does, and how; it returns how to go on, if at all."""

    takes: str
    does: str
    obey: Callable[[Talk, str], Awaitable[Next | None]]


async def obey(talk: Talk, typed: str) -> Next | None:
    """Do what a line that begins with a slash says.

    Raises:
        UsageError: there is no such command, or it cannot be done here.
    """
    name, _, rest = typed.removeprefix("/").partition(" ")
    meant = [known for known in COMMANDS if known.startswith(name)]
    if name not in COMMANDS and len(meant) != 1:
        raise UsageError(f"there is no command /{name}; /help lists them")
    order = COMMANDS[name if name in COMMANDS else meant[0]]
    return await order.obey(talk, rest.strip())


async def _help(talk: Talk, rest: str) -> None:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, order in COMMANDS.items():
        table.add_row(f"/{name} {order.takes}".strip(), order.does)
    talk.screen.show(table)
    if talk.keyboard.is_terminal:
        talk.screen.say("Enter sends, Esc Enter begins a new line, Ctrl-D leaves")


async def _persona(talk: Talk, rest: str) -> None:
    talk.screen.show(portrait(talk.conversation.tree.persona))


async def _belief(talk: Talk, rest: str) -> None:
    talk.screen.belief(talk.conversation.belief)


async def _tree(talk: Talk, rest: str) -> None:
    own = talk.conversation.run.record.judge
    talk.screen.show(picture(talk.conversation.tree, verdict_chooser(None, own)))


async def _undo(talk: Talk, rest: str) -> Next | None:
    conversation = talk.conversation
    if talk.seat == "judge" and (before := conversation.picked):
        return conversation.replayed(before) if await talk.read_pick(before) else None
    user = conversation.asked
    if user is None:
        raise UsageError("nothing was said yet")
    talk.screen.say(f"turn {user.turn} is taken back; what is said now begins a branch")
    return conversation.anew(user)


async def _branch(talk: Talk, rest: str) -> Next:
    conversation = talk.conversation
    if rest.isdecimal() and len(rest) < 4:
        return conversation.to_turn(int(rest))
    if not rest:
        raise UsageError("/branch takes the number of a turn, or the id of a message in /tree")
    found = [node for node in conversation.tree.find(rest) if node.is_message]
    if len(found) != 1:
        raise UsageError(f"{rest}: {'no' if not found else 'more than one'} message has this id")
    return conversation.anew(found[0]) if found[0].seat == USER else conversation.after(found[0])


async def _retry(talk: Talk, rest: str) -> Next:
    return talk.conversation.one_more()


async def _pick(talk: Talk, rest: str) -> Next | None:
    user = _several(talk)
    if rest:
        await talk.pick(user, rest)
    elif not await talk.read_pick(user):
        return None
    return None if talk.seat == "watch" else talk.conversation.replayed(user)


def _several(talk: Talk) -> Node:
    for node in talk.conversation.path[::-1]:
        if node.seat == USER and len(talk.order(node)) > 1:
            return node
    raise UsageError("no message here has several replies; /retry asks for another")


async def _save(talk: Talk, rest: str) -> None:
    if not rest:
        raise UsageError("/save takes the name of a file")
    if not talk.conversation.path:
        raise UsageError("nothing was said yet")
    said = [f"**{node.seat}** {visible(node.text)}" for node in talk.conversation.path]
    try:
        with Path(rest).expanduser().open("x", encoding="utf-8") as file:
            file.write("\n\n".join(said) + "\n")
    except FileExistsError:
        raise UsageError(f"{rest} is there already; name another file") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{rest} cannot be written: {error}") from error
    talk.screen.say(f"{len(said)} messages in {rest}")


async def _export(talk: Talk, rest: str) -> None:
    words = _split(rest)
    if len(words) < 2 or "--help" in words:
        raise UsageError("/export takes a format and a file, such as preference mine.jsonl")
    form, out, *flags = words
    where = [talk.store, "--run", talk.conversation.run.record.name, "--format", form, "--out", out]
    parse(Export, "dialogues.export", [*where, *flags]).execute()


def _split(rest: str) -> list[str]:
    try:
        return shlex.split(rest)
    except ValueError as error:
        raise UsageError(f"{rest}: {error}") from error


async def _forget(talk: Talk, rest: str) -> None:
    if talk.memory is None:
        raise UsageError("nothing is kept of you: that takes --remember NAME")
    talk.memory.forget()
    talk.memory = None
    talk.screen.say("forgotten, and no more is kept; this conversation itself stays in the store")


async def _memory(talk: Talk, rest: str) -> None:
    if talk.memory is None:
        raise UsageError("nothing is kept of you: that takes --remember NAME")
    talk.screen.show(Text(f"kept under the name {talk.memory.name}"))
    talk.screen.belief(talk.memory.recall())


async def _quit(talk: Talk, rest: str) -> Next:
    return LEFT


COMMANDS = {
    "help": Order("", "this list", _help),
    "persona": Order("", "who the user is", _persona),
    "belief": Order("", "what the inducer believes of the user", _belief),
    "tree": Order("", "all that was said, on all branches, with ids", _tree),
    "undo": Order("", "take back the last message; as the judge, the last pick", _undo),
    "branch": Order("N | ID", "go back before turn N, or to a message, and go on anew", _branch),
    "retry": Order("", "ask for further replies to the last message", _retry),
    "pick": Order("[2>1]", "say which replies were better, whatever a judge said", _pick),
    "save": Order("FILE", "write this conversation as text", _save),
    "export": Order("FORMAT FILE", "write rows, such as /export preference mine.jsonl", _export),
    "memory": Order("", "what is kept of you", _memory),
    "forget": Order("", "delete what is kept of you", _forget),
    "quit": Order("", "leave; the conversation stays", _quit),
}
"""All commands, by name."""
