"""What a person types: with history and several lines in a terminal, line by line elsewhere."""

import asyncio
import sys
from collections.abc import Iterable
from typing import Any


class Keyboard:
    """Reads lines from a terminal or a pipe."""

    def __init__(self, said: Iterable[str], commands: Iterable[str]) -> None:
        """Begin with what was said before as the history, and commands to complete."""
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._session = _new_session(said, commands) if self.is_terminal else None

    async def read(self, prompt: str) -> str | None:
        """Return what is typed next, without white space around it; None at the end of input."""
        if self._session is None:
            typed = await asyncio.to_thread(sys.stdin.readline)
            return typed.strip() if typed else None
        try:
            return str(await self._session.prompt_async(f"{prompt}> ")).strip()
        except (EOFError, KeyboardInterrupt):
            return None


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
    @keys.add("c-j")
    def _break(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return PromptSession(
        history=InMemoryHistory([*said]),
        completer=WordCompleter([f"/{name}" for name in commands], sentence=True),
        complete_while_typing=False,
        key_bindings=keys,
        multiline=True,
        prompt_continuation="  ",
    )
