r"""Audit simulated users: are they who they play, and do they talk as people do?

    python -m eval.simulator runs/a.db
    python -m eval.simulator runs/a.db --judge openai:gpt-4o --reference people.jsonl --out audit

What is found is shown, written to --out, and kept with the run in its store.
"""

import sys
from pathlib import Path

from pydantic import Field
from pydantic_settings import CliPositionalArg

from agents.models.settings import Endpoint, ModelSettings, SeatSampling
from dialogues.command import Command, main


class Simulator(Command):
    """Audit the simulated users of a store: persona consistency, revelation, diversity, will.

    Without a judge, consistency is checked by rules, which see only plain contradictions: another
    age or number, a negated fact, relatives that were denied. With dialogues of people as a
    reference, what needs no persona is measured on them, too, and compared.
    """

    store: CliPositionalArg[str] = Field(description="tree store: a path or a URL")
    run: str = Field(default="main", description="name of the run whose users are audited")
    judge: str | None = Field(
        default=None,
        description="who checks consistency: openai:MODEL[@ENDPOINT], hf:FOLDER or "
        "package.module:Class (default: rules)",
    )
    sample: int = Field(default=100, ge=1, description="most dialogues to look at, drawn by --seed")
    reference: Path | None = Field(
        default=None,
        description="dialogues of people to compare with: JSONL file or JSON array of chats, lists "
        "of messages with role and content",
    )
    out: Path | None = Field(
        default=None, description="folder for the results as JSON and Markdown"
    )
    seed: int = Field(default=0, description="every draw and call derives its seed from this")
    concurrency: int = Field(default=64, ge=1, description="checks in flight")
    sampling: SeatSampling = Field(
        default=SeatSampling(), description="how models are sampled; the judge's is used"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={}, description="servers by name, in the --config file; see graphs.simulate"
    )
    prompts: Path | None = Field(
        default=None, description="folder of prompt files to use in place of Grove's"
    )

    def execute(self) -> int:
        """Measure, show and keep the results; return the exit status."""
        # Imported here so that --help and wrong usage answer without loading models.
        from eval.realism.audit import run_audit

        return run_audit(self)

    @property
    def models(self) -> ModelSettings:
        """What the settings say of the models."""
        return ModelSettings(endpoints=self.endpoints, sampling=self.sampling, prompts=self.prompts)


if __name__ == "__main__":
    sys.exit(main(Simulator, "eval.simulator"))
