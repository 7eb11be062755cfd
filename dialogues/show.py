"""Look into a tree store: its runs and trees, one tree with all branches, one path as a chat.

python -m dialogues.show runs/a.db                    # runs and trees
python -m dialogues.show runs/a.db 3f2a               # the tree whose id starts with 3f2a
python -m dialogues.show runs/a.db 3f2a --path 90bc   # the way to one of its messages
"""

import sys
from itertools import islice
from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg
from rich.console import Console, RenderableType
from rich.table import Table

from dialogues.choice import COMBINED, verdict_chooser
from dialogues.command import DONE, Command, main
from dialogues.digest import digest, tree_digest
from dialogues.errors import UsageError
from dialogues.picture import chat, picture
from dialogues.plain import plain
from dialogues.run import Run
from dialogues.store import Store, open_store
from dialogues.tree import Tree

_LISTED = 20


class Show(Command):
    """Look into a tree store: its runs and trees, one tree, or one path as a chat."""

    store: CliPositionalArg[str] = Field(description="tree store: a path or a URL")
    tree: CliPositionalArg[str | None] = Field(
        default=None, description="a tree's id, or its start"
    )
    run: str = Field(default="main", description="which run of the store")
    path: str | None = Field(default=None, description="show the chat that leads to this node")
    verdict: str | None = Field(
        default=None,
        description="a judge's spec, majority, mean, human or corrected (a person's where there is "
        "one, else the run's own); default: the run's own judge",
    )
    digest: bool = Field(default=False, description="print only the digest of the run or tree")
    all: bool = Field(default=False, description=f"list all trees, not the first {_LISTED}")
    svg: Path | None = Field(default=None, description="also write what is shown as an SVG picture")

    def execute(self) -> int:
        """Print what was asked for."""
        if self.path and not self.tree:
            raise UsageError(
                "--path needs the tree: python -m dialogues.show STORE TREE --path NODE"
            )
        console = Console(record=self.svg is not None, width=110 if self.svg else None)
        with open_store(self.store) as store:
            if self.digest:
                print(self._digest(store.run(self.run)))
                return DONE
            for part in self._parts(store):
                console.print(part)
        if self.svg:
            try:
                console.save_svg(str(self.svg), title="a Grove tree")
            except OSError as error:
                raise UsageError(f"--svg {self.svg}: cannot write there: {error}") from error
        return DONE

    def _digest(self, run: Run) -> str:
        return tree_digest(run.tree(self.tree)) if self.tree else digest(run.trees())

    def _parts(self, store: Store) -> list[RenderableType]:
        if self.tree is None:
            runs = [store.run(self.run)] if "run" in self.model_fields_set else store.runs()
            listed = [run for run in runs if run.record.name == self.run]
            return [_runs_table(runs), *(_trees_table(run, self.all) for run in listed)]
        run = store.run(self.run)
        tree = run.tree(self.tree)
        if self.verdict and self.verdict not in (*COMBINED, *(known := sorted(tree.judges()))):
            raise UsageError(f"no verdict of {self.verdict!r} in this tree; judges: {known}")
        if self.path is None:
            return [picture(tree, verdict_chooser(self.verdict, run.record.judge))]
        return [chat(tree, _only_node(tree, self.path))]


def _only_node(tree: Tree, prefix: str) -> str:
    found = [node for node in tree.find(prefix) if node.seat in ("user", "assistant")]
    if len(found) != 1:
        what = "no message" if not found else f"{len(found)} messages"
        raise UsageError(f"{what} of tree {tree.key} match {prefix!r}")
    return found[0].key


def _runs_table(runs: list[Run]) -> Table:
    table = Table(title="runs", title_justify="left")
    for column in ("run", "trees", "done", "failed", "nodes", "pairs", "judge"):
        table.add_column(column, justify="left" if column in ("run", "judge") else "right")
    for run in runs:
        far = run.progress()
        counts = (far.trees, far.done, far.failed, far.nodes, far.pairs)
        name, judge = plain(run.record.name), plain(run.record.judge or "")
        table.add_row(name, *(f"{count:,}" for count in counts), judge)
    return table


def _trees_table(run: Run, complete: bool) -> Table:
    table = Table(title=plain(f"trees of {run.record.name}"), title_justify="left", expand=True)
    for column in ("tree", "repeat", "status", "nodes", "pairs", "failures"):
        table.add_column(column, no_wrap=True)
    table.add_column("persona", no_wrap=True, ratio=1)
    for row in islice(run.summaries(), None if complete else _LISTED):
        numbers = (row.repeat, row.status, row.nodes, row.pairs, row.failures)
        table.add_row(row.key[:10], *map(str, numbers), plain(row.profile))
    if (rest := run.progress().trees - table.row_count) > 0:
        table.caption = f"{rest} more: --all"
    return table


if __name__ == "__main__":
    sys.exit(main(Show, "dialogues.show"))
