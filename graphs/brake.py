"""The brake: lets the calls in flight end and be stored, and begins no further one."""

import asyncio
from types import TracebackType


class Brake:
    """Entered around every call; once pulled, nobody enters any more."""

    def __init__(self) -> None:
        """Let everybody pass."""
        self._free = asyncio.Event()
        self._free.set()
        self._idle = asyncio.Event()
        self._idle.set()
        self._inside = 0

    async def __aenter__(self) -> None:
        await self._free.wait()
        self._inside += 1
        self._idle.clear()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._inside -= 1
        if not self._inside:
            self._idle.set()

    def pull(self) -> None:
        """Let nobody begin any more."""
        self._free.clear()

    async def idle(self) -> None:
        """Wait until nobody is inside."""
        await self._idle.wait()
