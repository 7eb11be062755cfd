"""The connections of a run: one pool for all its models."""

import asyncio
from typing import Any


class Pool:
    """Makes the HTTP client when it is first wanted, on aiohttp, which takes the least CPU.

    A client belongs to the event loop it first ran in: in another one it fails with "Event loop
    is closed". So another loop gets another client.
    """

    def __init__(self) -> None:
        """Connect to nothing yet."""
        self._client: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def client(self) -> Any:
        """Return the running loop's client."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            import openai

            self._client, self._loop = openai.DefaultAioHttpClient(), loop
        return self._client

    async def close(self) -> None:
        """Close the running loop's connections."""
        if self._loop is asyncio.get_running_loop():
            await self._client.aclose()
        self._client = self._loop = None
