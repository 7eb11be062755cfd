"""The line to one endpoint: the calls that may be in flight on it, and its connections."""

import asyncio
from typing import Any


class Line:
    """Shared by all models on an endpoint; makes the HTTP client when it is first wanted.

    A client belongs to the event loop it first ran in: in another one it fails with "Event loop
    is closed". So another loop gets another client.
    """

    def __init__(self, calls: int, timeout: float) -> None:
        """Let so many calls be in flight, for so many seconds each; connect to nothing yet."""
        self.permits = asyncio.Semaphore(calls)
        self.timeout = timeout
        self._client: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def client(self) -> Any:
        """Return the running loop's client."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            from agents.models.client import Client

            self._client, self._loop = Client(self.permits, self.timeout), loop
        return self._client

    async def close(self) -> None:
        """Close the running loop's connections."""
        if self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._client = self._loop = None
