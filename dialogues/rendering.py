"""The one place where a path becomes the messages a model is given.

Simulation, export, training and evaluation all render through `conversation`, so that a model is
trained and measured on exactly the prompt it was simulated with: the system text of the run and
the history, with no hint, persona record or seat instruction.
"""

from collections.abc import Iterable

from dialogues.node import Message


def conversation(history: Iterable[Message], system: str = "") -> list[dict[str, str]]:
    """Render a history as chat messages, after the run's system text if it has one."""
    return [message._asdict() for message in with_system(history, system)]


def with_system(history: Iterable[Message], system: str = "") -> list[Message]:
    """Put the run's system text, if it has one, before a history."""
    first = [Message("system", system)] if system else []
    return [*first, *history]
