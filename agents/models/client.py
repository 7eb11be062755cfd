"""The HTTP client: openai's on aiohttp, which takes the least CPU, with a limit on calls in flight.

The limit stands here, at the last moment before a request leaves, so that requests are built while
they wait and answers are read after the next call is on its way.
"""

import asyncio
from typing import Any

import aiohttp
import httpx2
import openai

_AFTER_YOU = 0.005


class Client(openai.DefaultAioHttpClient):
    """Sends a request when it may, and gives it a time to be answered in full."""

    def __init__(self, permits: asyncio.Semaphore, seconds: float) -> None:
        """Send while there are `permits`; a server that trickles has `seconds` like all others."""
        super().__init__()
        self._permits, self._seconds = permits, seconds

    async def send(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request.

        Raises:
            httpx2.ConnectError: no connection came about, or it broke.
            TimeoutError: it was not answered in time.
        """
        async with self._permits, asyncio.timeout(self._seconds):
            try:
                response = await super().send(*args, **kwargs)
            except httpx2.ConnectTimeout as error:
                # The transport takes every failure to connect for a timeout.
                cause = error.__cause__
                if isinstance(cause, TimeoutError) or not isinstance(cause, aiohttp.ClientError):
                    raise
                raise httpx2.ConnectError(str(cause)) from None
        # Reading the answer takes CPU; the call that has been waiting for the permit goes first.
        await asyncio.sleep(_AFTER_YOU)
        return response
