"""Audit a judge: is it steady, indifferent to place and length, and of one mind with the labels?

    python -m eval.judge runs/a.db
    python -m eval.judge runs/a.db --judge openai:gpt-4o --judge scripted --out audit
    python -m eval.judge --blind form.jsonl          # for people, who fill it in; then
    python -m eval.judge runs/a.db --picks form.jsonl

Judges are asked anew; what is found is kept in the store, in place of what an earlier audit of the
same judge found.
"""

import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator
from pydantic_settings import CliPositionalArg

from agents.models.settings import Endpoint, ModelSettings, SeatSampling
from dialogues.command import Command, main


class JudgeAudit(Command):
    """Audit judges on replies drawn from a store, and on labelled pairs of replies.

    Each judge is asked the same several times, is shown two replies in both orders, and says which
    of two labelled replies a person would prefer. A call that fails is counted, and never a tie.
    A judge sees of a drawn dialogue what it saw when it judged it in the run, else all of it; of a
    labelled one, all.
    """

    store: CliPositionalArg[str | None] = Field(
        default=None, description="tree store: a path or a URL"
    )
    run: str = Field(default="main", description="which run of the store")
    judge: list[str] = Field(
        default=[],
        description="a judge to audit, [ROLE=]MODEL[@ENDPOINT]; repeat the flag (default: the "
        "run's own)",
    )
    sample: int = Field(default=100, ge=1, description="sets of sibling replies drawn from the run")
    repeats: int = Field(default=3, ge=2, description="how often each set is judged")
    labels: Path | None = Field(
        default=None, description="JSONL file of labelled pairs (default: the 134 that are shipped)"
    )
    picks: Path | None = Field(
        default=None, description="the form of --blind with what people picked"
    )
    blind: Path | None = Field(
        default=None,
        description="only write the labelled pairs as a form for people, to a new JSONL file",
    )
    out: Path | None = Field(default=None, description="folder for the audit as JSON and Markdown")
    seed: int = Field(default=0, description="every draw and call derives its seed from this")
    concurrency: int = Field(default=64, ge=1, description="calls in flight per endpoint")
    sampling: SeatSampling = Field(
        default=SeatSampling(), description="how models are sampled; here the judge's alone counts"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={}, description="servers by name, in the --config file; see graphs.simulate"
    )
    prompts: Path | None = Field(
        default=None, description="folder of prompt files to use in place of Grove's"
    )
    overflow: Literal["fail", "drop-oldest"] = Field(
        default="fail", description="what to do with a history longer than a model's context"
    )

    @field_validator("judge", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _knows_what_to_do(self) -> "JudgeAudit":
        if self.store is None and self.blind is None:
            raise ValueError("STORE is missing; only --blind FILE does without one")
        if self.blind and self.picks:
            raise ValueError(
                "--blind writes a form and --picks reads one that is filled; give one of the two"
            )
        return self

    def execute(self) -> int:
        """Ask the judges, and show and keep what is found; return the exit status."""
        # Imported here so that --help and wrong usage answer without loading LangGraph.
        from eval.auditing.audit import run_audit

        return run_audit(self)

    @property
    def models(self) -> ModelSettings:
        """What the settings say of the models."""
        return ModelSettings(
            endpoints=self.endpoints,
            sampling=self.sampling,
            prompts=self.prompts,
            overflow=self.overflow,
        )


if __name__ == "__main__":
    sys.exit(main(JudgeAudit, "eval.judge"))
