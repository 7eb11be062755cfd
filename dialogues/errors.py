"""What Grove raises, and the exit status each kind ends a command with."""


class GroveError(Exception):
    """Something stopped the work: exit status 1. The message is one line for a person."""

    exit_status = 1

    def __init__(self, message: str) -> None:
        """Keep `message`, whose line breaks may come from what caused the error, on one line."""
        super().__init__(" ".join(message.split()))


class UsageError(GroveError):
    """The user asked for something that cannot be: exit status 2. The message names the mend."""

    exit_status = 2


class StoreError(GroveError):
    """The tree store could not be read or written (disk full, lost connection, damage)."""


class ConnectionLost(StoreError):
    """The store's server went away or lets nobody in; the same may be tried again."""


class StoreWarning(UserWarning):
    """What befalls a store and is survived; told each time."""
