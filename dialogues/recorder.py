"""The recorder: commits the nodes of all dialogues in flight, many to a transaction.

A step waits until its node is committed before the dialogue goes on. While one transaction is
being written, the nodes of other dialogues gather for the next, so the cost of a commit is shared
and no lock is held while an agent thinks.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from dialogues.node import Node
from dialogues.run import Run

# A commit costs about as much as twenty rows, and no agent answers faster than this.
_GATHER_SECONDS = 0.002


class Recorder:
    """Writes nodes of one run from an asyncio program, through one thread of its own."""

    def __init__(self, run: Run, thread: ThreadPoolExecutor) -> None:
        """Record into `run`, calling the store only in `thread`."""
        self.run = run
        self._thread = thread
        self._waiting: list[tuple[int, Node, asyncio.Future[Node]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._crowded = False

    async def add(self, tree_id: int, node: Node) -> Node:
        """Store a node and return what its slot holds: the first write wins.

        Raises:
            StoreError: the store could not be written; nothing of this batch was.
        """
        stored: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self._waiting.append((tree_id, node, stored))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return await stored

    async def flush(self) -> None:
        """Wait until all that was added is written."""
        if self._writer is not None:
            await self._writer

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._waiting:
                # Whoever is alone need not wait for company.
                await asyncio.sleep(_GATHER_SECONDS if self._crowded else 0)
                batch, self._waiting = self._waiting, []
                self._crowded = len(batch) > 1
                rows = [(tree_id, node) for tree_id, node, _ in batch]
                try:
                    held = await loop.run_in_executor(self._thread, self.run.add, rows)
                except Exception as error:
                    for _, _, stored in batch:
                        _fail(stored, error)
                else:
                    for (_, _, stored), node in zip(batch, held, strict=True):
                        if not stored.done():
                            stored.set_result(node)
        finally:
            self._writer = None


def _fail(stored: "asyncio.Future[Node]", error: Exception) -> None:
    if not stored.done():
        stored.set_exception(error)
