"""Grow a pool of personas that differ in meaning: write, compare, admit, again.

    python -m graphs.personas --out pools/mine --target 3310
    python -m graphs.personas --out pools/mine --target 3310 --writer openai:gpt-4o-mini
    python -m graphs.personas --out pools/mine --target 500 --from people.csv --profile-column bio
    python -m graphs.personas stats pools/mine
    python -m graphs.personas search pools/mine "retired nurse who paints"
    python -m graphs.personas calibrate --embedder st:MODEL

Started again with the same settings, a pool goes on where it was stopped or killed; a larger
--target makes it larger.
"""

import asyncio
from pathlib import Path

from pydantic import Field, model_validator

from agents.models.settings import Endpoint, ModelSettings, PoolSampling
from dialogues.command import Command
from dialogues.persona import Kind, Split
from dialogues.pool import SHIPPED


class Build(Command):
    """Build a pool of personas, profiles and personalities that differ in meaning.

    A writer sees five texts of the pool and writes twenty new ones; each is admitted if it is far
    enough from everything in the pool; and so on until there are as many as wanted, or hardly
    anything new comes. The scripted writer needs no model, key or network. Also: `stats POOL`,
    `search POOL TEXT`, `calibrate`, each with its own --help.
    """

    out: Path = Field(description="folder of the pool; made if it is not there")
    target: int = Field(default=3310, ge=1, description="training personas wanted")
    per_profile: int = Field(default=10, ge=1, description="personalities each profile meets")
    personalities: int | None = Field(
        default=None,
        ge=1,
        description="training personalities wanted; default: a fifth as many "
        "as profiles, and at least --per-profile",
    )
    eval_profiles: int = Field(default=20, ge=0, description="further profiles, for evaluation")
    eval_personalities: int = Field(
        default=5, ge=0, description="further personalities, for evaluation"
    )
    writer: str = Field(
        default="scripted",
        description="who writes: scripted, openai:MODEL[@ENDPOINT], hf:FOLDER or "
        "package.module:Class",
    )
    source: str | None = Field(
        default=None,
        alias="from",
        description="take the texts from a JSONL, CSV or Parquet file, or a data set of the hub",
    )
    profile_column: str | None = Field(default=None, description="its column of profiles")
    personality_column: str | None = Field(default=None, description="its column of personalities")
    embedder: str = Field(
        default="lexical",
        description="what compares texts: lexical (words; no download), minilm, st:MODEL, "
        "openai:MODEL[@ENDPOINT]",
    )
    threshold: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="greatest cosine similarity to the nearest other "
        "text; default: the embedder's own",
    )
    seeds: Path | None = Field(
        default=None, description="folder of the pool to begin with; default: Grove's own"
    )
    language: str = Field(
        default="en", min_length=2, description="code of the language to write in"
    )
    seed: int = Field(default=0, description="every draw and call derives its seed from this")
    calls: int = Field(default=4, ge=1, description="calls of the writer in every round, at once")
    least_acceptance: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="share of new texts below which a round counts as lost",
    )
    patience: int = Field(default=5, ge=1, description="lost rounds in a row before it stops")
    sampling: PoolSampling = Field(
        default=PoolSampling(), description="how the writer's model is sampled"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={},
        description="servers by name, in the --config file: base_url, api_key_env, timeout, "
        "retries, concurrency",
    )
    prompts: Path | None = Field(
        default=None, description="folder of prompt files to use in place of Grove's"
    )

    @model_validator(mode="after")
    def _what_goes_together(self) -> "Build":
        if self.personalities is not None and self.personalities < self.per_profile:
            raise ValueError("--personalities must be as many as --per-profile, or more")
        columns = self.profile_column or self.personality_column
        if self.source and not columns:
            raise ValueError("--from needs --profile-column, --personality-column, or both")
        if columns and not self.source:
            raise ValueError("a column of what? give the file or data set with --from")
        return self

    def execute(self) -> int:
        """Build the pool and print a summary."""
        # Imported here so that --help and wrong usage answer without loading LangGraph.
        from graphs.personas.making import make_pool

        return asyncio.run(make_pool(self))

    @property
    def models(self) -> ModelSettings:
        """What the settings say of the models."""
        return ModelSettings(endpoints=self.endpoints, sampling=self.sampling, prompts=self.prompts)

    def wanted(self, kind: Kind) -> dict[Split, int]:
        """Return how many descriptions of a kind are wanted for each use."""
        profiles = -(-self.target // self.per_profile)
        if kind == "profile":
            return {"train": profiles, "eval": self.eval_profiles}
        least = max(self.per_profile, profiles // 5)
        return {"train": self.personalities or least, "eval": self.eval_personalities}

    def column(self, kind: Kind) -> str | None:
        """Return the column of the source that holds a kind, if it does."""
        return self.profile_column if kind == "profile" else self.personality_column

    def seeds_of(self, kind: Kind) -> Path | None:
        """Return the folder of the pool whose descriptions come in first, if there is one."""
        return self.seeds or (None if self.column(kind) else SHIPPED)
