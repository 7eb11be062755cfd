"""Export a run's trees as training data or losslessly.

python -m dialogues.export runs/a.db --format preference --out pairs.jsonl
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import CliPositionalArg
from rich.console import Console
from rich.progress import track

from dialogues.choice import CORRECTED, HUMAN, verdict_chooser
from dialogues.command import DONE, Command, main
from dialogues.corrections import Corrections
from dialogues.errors import UsageError
from dialogues.records import StoredTree
from dialogues.rows import ROW_FORMATS, Row, RowSettings
from dialogues.run import Run
from dialogues.shortcuts import ShortcutCheck
from dialogues.store import open_store
from dialogues.tree_file import tree_record
from dialogues.writers import row_writer


class Export(Command):
    """Export a run's trees as training data (TRL's conversational formats) or losslessly."""

    store: CliPositionalArg[str] = Field(description="tree store: a path or a URL")
    format: Literal["tree", "preference", "sft", "kto", "prompt"] = Field(
        description="tree (lossless), preference (DPO, reward), sft, kto, prompt (GRPO)"
    )
    out: Path = Field(description="file to write, ending in .jsonl or .parquet (tree: .jsonl)")
    run: str = Field(default="main", description="which run of the store")
    verdict: str | None = Field(
        default=None,
        description="a judge's spec, majority, mean, human or corrected (a person's where there is "
        "one, else the run's own); default: the run's own judge",
    )
    split: Literal["train", "eval", "unseen", "all"] = Field(
        default="all", description="keep personas of one split only"
    )
    pairs: Literal["all", "best-worst"] = Field(
        default="all", description="all strictly ordered siblings, or one pair per set"
    )
    gold: bool = Field(
        default=False,
        description="add what the user noted with its message (scripted: dialogue acts, facts "
        "revealed, traits shown, agenda) as columns gold_*",
    )
    min_margin: float = Field(default=0.0, ge=0, le=1, description="least verdict margin")
    min_confidence: float = Field(default=0.0, ge=0, le=1, description="least verdict confidence")

    def execute(self) -> int:
        """Write the file and say what is in it."""
        console = Console(stderr=True)
        if self.format == "tree" and self.out.suffix != ".jsonl":
            raise UsageError(f"--out {self.out}: the tree format is JSONL; end the name in .jsonl")
        with open_store(self.store) as store:
            run = store.run(self.run)
            count = self._write(run, console)
        console.print(f"{count} {self.format} rows in {self.out}", markup=False, highlight=False)
        return DONE

    def _write(self, run: Run, console: Console) -> int:
        check, count, persons = ShortcutCheck(), 0, Corrections(run.record.judge)
        with row_writer(self.out) as writer:
            for row in self._rows(run, console, persons):
                writer.write(row)
                count += 1
                if self.format == "preference":
                    check.see(row)
            if not count:
                raise UsageError(
                    f"run {run.record.name!r} gives no {self.format} row: no turn has a verdict, "
                    "or --split, --verdict, --min-margin and --min-confidence leave none"
                )
        if (self.verdict or run.record.judge) in (HUMAN, CORRECTED) and str(persons):
            console.print(str(persons), markup=False, highlight=False)
        for warning in check.warnings():
            console.print(f"warning: {warning}", style="yellow", markup=False)
        return count

    def _rows(self, run: Run, console: Console, persons: Corrections) -> Iterator[Row]:
        total, quiet = run.progress().trees, not console.is_terminal
        trees = track(
            run.stored_trees(), "exporting", total, console=console, transient=True, disable=quiet
        )
        for stored in trees:
            if self.split in ("all", stored.tree.persona.split):
                persons.see(stored.tree)
                yield from self._rows_of(stored, run)

    def _rows_of(self, stored: StoredTree, run: Run) -> Iterator[Row]:
        if self.format == "tree":
            yield tree_record(stored, run.record)
            return
        settings = RowSettings(
            choose=verdict_chooser(self.verdict, run.record.judge),
            system=run.record.system,
            min_margin=self.min_margin,
            min_confidence=self.min_confidence,
            best_worst=self.pairs == "best-worst",
            gold=self.gold,
        )
        yield from ROW_FORMATS[self.format](stored.tree, settings)


if __name__ == "__main__":
    sys.exit(main(Export, "dialogues.export"))
