"""Find the descriptions of a pool that are most like a text."""

import asyncio
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.table import Table

from agents.models.settings import Endpoint, ModelSettings
from dialogues.command import DONE, Command
from dialogues.plain import plain
from graphs.personas.opened import opened_pool


class Search(Command):
    """Find the profiles or personalities of a pool that are most like a text."""

    pool: CliPositionalArg[Path] = Field(description="folder of the pool")
    text: CliPositionalArg[str] = Field(description="what to look for")
    kind: Literal["profile", "personality"] = Field(default="profile", description="where to look")
    top: int = Field(default=5, ge=1, description="how many to show")
    embedder: str | None = Field(
        default=None, description="the pool's embedder, where it needs an @ENDPOINT"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={}, description="servers by name, in the --config file"
    )

    def execute(self) -> int:
        """Print what was found, most alike first."""
        return asyncio.run(self._search())

    async def _search(self) -> int:
        settings, kind = ModelSettings(endpoints=self.endpoints), self.kind
        async with opened_pool(self.pool, self.embedder, settings) as opened:
            asked = await opened.embedder.embed([self.text])
            table = Table("alike", "split", kind, show_lines=True)
            for id_, similarity in opened.index.nearest(kind, asked, self.top)[0]:
                half = opened.shelf.halves[kind][id_]
                table.add_row(f"{similarity:.2f}", half.split, plain(half.text))
        Console().print(table)
        return DONE
