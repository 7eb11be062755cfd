"""Report what stores hold: one page with figures, tables and every dialogue, to open from disk.

    python -m eval.report runs/a.db --out report.html
    python -m eval.report runs/a.db runs/eval.db --run main --out report.html

Beside the page lie its tables as Markdown and its curves as PNG. Nothing is asked of any model.
"""

import sys
from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import CliPositionalArg

from dialogues.command import Command, main


class Report(Command):
    """Make a report of the runs of one or more stores: one HTML page that needs no network.

    It has alignment by turn, metrics with intervals, audits, tokens and cost, failures, and a
    viewer of the dialogues: search, sort, filter, and the worst turns. The tables lie beside it as
    Markdown, the curves as PNG. A run that is still being grown is shown as far as it is.
    """

    stores: CliPositionalArg[list[str]] = Field(
        description="tree stores: paths or URLs", min_length=1
    )
    out: Path = Field(description="the page, a name that ends in .html")
    run: list[str] = Field(
        default=[], description="only the run of this name; repeat the flag (default: all runs)"
    )
    verdict: str | None = Field(
        default=None,
        description="whose verdict counts for what was best: a judge's spec, majority or mean "
        "(default: the run's own judge)",
    )
    baseline: str | None = Field(
        default=None,
        description="the assistant that all others of a benchmark are compared with",
    )
    prices: Path | None = Field(default=None, description="YAML file of prices per model")
    dialogues: int = Field(
        default=400,
        ge=0,
        description="dialogues of a run that can be read in the page, those with failures and the "
        "worst turns first; the figures are of all",
    )

    @field_validator("run", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    def execute(self) -> int:
        """Read the stores and write the report; return the exit status."""
        # Imported here so that --help and wrong usage answer without loading the statistics.
        from eval.reporting.making import run_report

        return run_report(self)


if __name__ == "__main__":
    sys.exit(main(Report, "eval.report"))
