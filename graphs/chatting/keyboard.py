"""What a person types: with history and several lines in a terminal, line by line elsewhere."""

import asyncio
import io
import sys
from collections.abc import Iterable
from typing import Any

from dialogues.storable import storable


class Keyboard:
    """Reads lines from a terminal or a pipe."""

    def __init__(self, said: Iterable[str], commands: Iterable[str]) -> None:
        """Begin with what was said before as the history, and commands to complete."""
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._session = _new_session(said, commands) if self.is_terminal else None

    async def read(self, prompt: str) -> str | None:
        """Return what is typed next, without white space around it; None at the end of input."""
        typed = await (_prompted(self._session, prompt) if self._session else _line())
        return None if typed is None else storable(typed).strip()


async def _prompted(session: Any, prompt: str) -> str | None:
    while True:
        try:
            return str(await session.prompt_async(f"{prompt}> "))
        except EOFError:
            return None
        except KeyboardInterrupt:
            print("Ctrl-D leaves")


async def _line() -> str | None:
    return await asyncio.to_thread(sys.stdin.readline) or None


def _new_session(said: Iterable[str], commands: Iterable[str]) -> Any:
    # Imported here since a pipe needs none of it.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import WordCompleter
    from prompt_toolkit.history import InMemoryHistory
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _break(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    @keys.add("c-c")
    def _clear(event: KeyPressEvent) -> None:
        if event.current_buffer.text:
            event.current_buffer.reset()
        else:
            event.app.exit(exception=KeyboardInterrupt, style="class:aborting")

    return PromptSession(
        history=InMemoryHistory([*said]),
        completer=WordCompleter([f"/{name}" for name in commands], sentence=True),
        complete_while_typing=False,
        key_bindings=keys,
        multiline=True,
        prompt_continuation="  ",
    )
