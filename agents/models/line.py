"""The line to one endpoint: the calls that may be in flight on it, and its connections."""

import asyncio
from typing import Any


class Line:
    """Shared by all models on an endpoint; made anew for every event loop that uses it.

    Permits and connections belong to the loop they were first used in: in another one they fail,
    with "Event loop is closed" or worse.
    """

    def __init__(self, calls: int, timeout: float) -> None:
        """Let so many calls be in flight, for so many seconds each; connect to nothing yet."""
        self.calls, self.timeout = calls, timeout
        self.lost_in_a_row = 0
        self._permits: asyncio.Semaphore | None = None
        self._client: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def permits(self) -> asyncio.Semaphore:
        """The running loop's permits."""
        loop = asyncio.get_running_loop()
        if self._permits is None or self._loop is not loop:
            self._permits, self._client, self._loop = asyncio.Semaphore(self.calls), None, loop
        return self._permits

    def client(self) -> Any:
        """Return the running loop's HTTP client, which keeps to the permits."""
        permits = self.permits
        if self._client is None:
            from agents.models.client import Client

            self._client = Client(permits, self.timeout)
        return self._client

    async def close(self) -> None:
        """Close the running loop's connections."""
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._permits = self._client = self._loop = None
