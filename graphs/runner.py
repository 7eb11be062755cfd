"""A worker in a process that Ray started, on whatever machine: it looks, works, and is drained."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from agents.casting import cast
from agents.models.reach import check_reach
from agents.models.stock import Models
from dialogues.command import refuse_foreign_packages
from dialogues.errors import GroveError, UsageError
from dialogues.hashing import short_hash
from dialogues.store import open_store
from graphs.expansion import load_policy
from graphs.simulate import Simulate
from graphs.worker import Worker

_OURS = ("dialogues", "agents", "graphs", "eval")


def this_grove() -> str:
    """Tell which Grove and Python run here, by the code: clones of one version may differ."""
    home = Path(__file__).parent.parent
    paths = sorted(path for name in _OURS for path in (home / name).rglob("*"))
    texts = [path.read_text("utf-8") for path in paths if path.suffix in (".py", ".yaml")]
    code = short_hash(*texts, size=4)
    python = ".".join(map(str, sys.version_info[:2]))
    return f"Grove {version('persona-grove')} (code {code}) on Python {python}"


class Runner:
    """One worker, in a process of its own that Ray has started, perhaps not for the first time.

    What it is to know comes with each call, since Ray keeps what a constructor is given.
    """

    def __init__(self) -> None:
        """Do nothing yet."""
        self._fit = self._drained = False
        self._worker: Worker | None = None

    async def look(self, settings: Simulate, grove: str) -> None:
        """Look whether a worker can work here.

        Raises:
            UsageError: it cannot, for want of the same Grove, an agent, a key, a server or the
                store; the message names the machine.
        """
        with _naming_this_machine():
            if (here := this_grove()) != grove:
                raise UsageError(f"{here}, not {grove}; install the same on every machine")
            refuse_foreign_packages()
            load_policy(settings.expand)
            models = Models(settings.models)
            cast(settings.user, settings.inducer, settings.assistant, settings.judge, models)
            await check_reach(models)
            open_store(settings.store, create=True).close()
        self._fit = True

    async def work(self, settings: Simulate, grove: str, limit: int) -> None:
        """Work as a worker on one's own machine does.

        Raises:
            GroveError: the store failed or the expansion policy did; or as `look`.
        """
        if not self._fit:
            await self.look(settings, grove)
        with _naming_this_machine(), open_store(settings.store) as store:
            self._worker = Worker.of(settings, store.run(settings.run), limit)
            if not self._drained:
                await self._worker.work()

    async def drain(self) -> None:
        """Let `work` end when the calls in flight are answered and stored."""
        self._drained = True
        if self._worker:
            self._worker.drain()


@contextmanager
def _naming_this_machine() -> Iterator[None]:
    try:
        yield
    except GroveError as error:
        raise type(error)(f"on {socket.gethostname()}: {error}") from None
