"""Grow trees of branching dialogues, many at a time, resumably.

    python -m graphs.simulate --store runs/a.db
    python -m graphs.simulate --store runs/a.db --turns 5 --expand all --assistant plain=scripted
    python -m graphs.simulate --status runs/a.db

Started again with the same settings, a run goes on where it was stopped or killed.
"""

import sys
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator, model_validator

from agents.casting import MODEL_KINDS, SCORING_ROLES
from agents.models.prices import Prices
from agents.models.settings import Endpoint, ModelSettings, SeatSampling
from dialogues.command import Command, main
from dialogues.errors import UsageError
from dialogues.persona import Persona
from dialogues.pool import Pool, load_files, load_pool
from dialogues.spec import Spec
from graphs.budget import Budget

FREE_ON_RESUME = frozenset({"limit", "concurrency", "workers"})
_WHERE = frozenset({"config", "store", "run", "pool", "profiles", "personalities", "prompts"})
_HOW = frozenset(
    {"status", "cluster", "endpoints", "budget_tokens", "budget_cost", "prices"}
    | {"dry_run", "retry_failed"}
)


class Simulate(Command):
    """Grow trees of branching dialogues between a simulated user, assistants and a judge.

    With no persona file it uses the pool that comes with Grove; with no agents named it uses the
    scripted ones, which need no model, key or network. A language model in a seat is named
    openai:MODEL (OpenAI, or with @URL any server with that API) or hf:FOLDER. A run that was
    stopped or killed goes on when the same command is given again.
    """

    status: str | None = Field(
        default=None,
        description="only tell how far the runs of this STORE are (or --run), who grows them and "
        "how fast; needs no other flag, reads only",
    )
    store: str = Field(description="tree store: a path or a URL; made if it is not there")
    run: str = Field(default="main", min_length=1, description="name of the run in the store")
    pool: Path | None = Field(default=None, description="folder of a persona pool")
    profiles: Path | None = Field(default=None, description="JSONL file of profiles")
    personalities: Path | None = Field(default=None, description="JSONL file of personalities")
    split: Literal["train", "eval", "unseen", "all"] = Field(
        default="all", description="whose trees to grow: of the personas to train on, or of others"
    )
    per_profile: int = Field(default=10, ge=1, description="personalities each profile meets")
    repeats: int = Field(default=1, ge=1, description="trees per persona")
    limit: int | None = Field(default=100, ge=1, description="most trees to grow; none for all")
    turns: int = Field(default=10, ge=1, description="user messages on each branch")
    candidates: int = Field(default=2, ge=2, description="assistant replies per turn")
    expand: str = Field(
        default="random",
        description="which candidates go on: random, best, all, uncertain, module:function",
    )
    max_branches: int = Field(default=8, ge=1, description="most branches of a tree open at a time")
    user: str = Field(
        default="scripted",
        description="the user: scripted, scripted:fixed, scripted:uncooperative, each with rates "
        "such as scripted:typos=0.2,drift=0 (see README); openai:MODEL[@ENDPOINT], hf:FOLDER, or "
        "package.module:Class",
    )
    inducer: str = Field(
        default="infer=scripted",
        description="the inducer: scripted, openai:MODEL[@ENDPOINT], hf:FOLDER or "
        "package.module:Class, after infer= or extract= (which may see the persona)",
    )
    assistant: list[str] = Field(
        default=["hinted=scripted", "plain=scripted"],
        description="an assistant: scripted, scripted:remembers (see README for others), "
        "openai:MODEL[@ENDPOINT], hf:FOLDER or package.module:Class, after hinted=, plain= or "
        "another role (see README); repeat the flag, candidates are dealt round-robin",
    )
    judge: list[str] = Field(
        default=["scripted"],
        min_length=1,
        description="the judge: scripted, openai:MODEL[@ENDPOINT], hf:FOLDER or "
        "package.module:Class, after listwise=, pointwise=, overall= or binary=; repeat the flag "
        "for a panel",
    )
    panel: Literal["majority", "mean"] = Field(
        default="majority", description="how several judges make one verdict"
    )
    system: str = Field(default="", description="system text the assistants are deployed with")
    seed: int = Field(default=0, description="every draw and call derives its seed from this")
    concurrency: int = Field(
        default=64, ge=1, description="calls in flight per endpoint, over all workers"
    )
    workers: int = Field(default=2, ge=1, description="processes that grow trees")
    cluster: str | None = Field(
        default=None,
        min_length=1,
        description="Ray cluster the workers run on: HOST:6379, auto or ray://HOST:10001 (with a "
        "store of PostgreSQL, see docs/cluster.md), or local",
    )
    sampling: SeatSampling = Field(
        default=SeatSampling(), description="how the model in each seat is sampled"
    )
    endpoints: dict[str, Endpoint] = Field(
        default={},
        description="servers by name, in the --config file: base_url, api_key_env, timeout, "
        "retries, concurrency; `default` is the one of specs without @ENDPOINT",
    )
    prompts: Path | None = Field(
        default=None, description="folder of prompt files to use in place of Grove's"
    )
    overflow: Literal["fail", "drop-oldest"] = Field(
        default="fail", description="what to do with a history longer than a model's context"
    )
    budget_tokens: int | None = Field(
        default=None, gt=0, description="stop when the run has taken so many tokens"
    )
    budget_cost: float | None = Field(
        default=None, gt=0, description="stop when the run has cost so many dollars"
    )
    prices: Path | None = Field(default=None, description="YAML file of prices per model")
    dry_run: bool = Field(
        default=False, description="only estimate calls, tokens and cost; call no model"
    )
    retry_failed: bool = Field(
        default=False, description="take up the branches again that ended in a failure"
    )

    may_leave: ClassVar[bool] = True

    @model_validator(mode="before")
    @classmethod
    def _a_status_is_of_a_store(cls, values: Any) -> Any:
        return {"store": values["status"], **values} if values.get("status") else values

    @field_validator("judge", "assistant", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_source_of_personas(self) -> "Simulate":
        if (self.profiles is None) != (self.personalities is None):
            raise ValueError("--profiles and --personalities go together")
        if self.pool and self.profiles:
            raise ValueError("give --pool, or --profiles with --personalities, not both")
        return self

    @model_validator(mode="after")
    def _a_mean_of_scores(self) -> "Simulate":
        ranking = [
            text
            for text in self.judge
            if (spec := Spec.parse(text)).kind in MODEL_KINDS and spec.role not in SCORING_ROLES
        ]
        if self.panel == "mean" and len(self.judge) > 1 and ranking:
            raise ValueError(
                f"--panel mean needs judges that score, and {ranking[0]} only ranks; "
                f"write pointwise={Spec.parse(ranking[0]).model}, or --panel majority"
            )
        return self

    def execute(self) -> int:
        """Grow the trees and print a summary, or print how far they are."""
        if self.status:
            from graphs.status import print_status

            return print_status(self.status, self.run if "run" in self.model_fields_set else None)
        # Imported here so that --help and wrong usage answer without loading LangGraph.
        from graphs.batch import grow_batch

        return grow_batch(self)

    @property
    def models(self) -> ModelSettings:
        """What the settings say of the models."""
        return ModelSettings(
            endpoints=self.endpoints,
            sampling=self.sampling,
            prompts=self.prompts,
            overflow=self.overflow,
        )

    @property
    def verdict(self) -> str | None:
        """The verdict that counts: the judge's own, or how the panel's are combined."""
        if not self.judge:
            return None
        return self.panel if len(self.judge) > 1 else Spec.parse(self.judge[0]).name

    def budget(self) -> Budget:
        """Return the run's budget with its prices."""
        return Budget(self.budget_tokens, self.budget_cost, Prices(self.prices))

    def load_pool(self) -> Pool:
        """Load the pool the settings name, by default the one that comes with Grove."""
        if self.profiles and self.personalities:
            return load_files(self.profiles, self.personalities)
        return load_pool(self.pool) if self.pool else load_pool()

    def cases(self, pool: Pool) -> list[tuple[Persona, int]]:
        """List the root slots, `--limit` apart: all personas once, then all again."""
        personas = [
            persona
            for persona in pool.personas(self.per_profile, self.seed)
            if self.split in ("all", persona.split)
        ]
        if not personas:
            raise UsageError(f"--split {self.split}: the pool has no such personas")
        return [(persona, repeat) for repeat in range(self.repeats) for persona in personas]

    def shaping(self, pool: Pool) -> dict[str, object]:
        """Return the settings kept with the run: pool by content, specs without endpoint."""
        settings = self.model_dump(mode="json", exclude=set(_WHERE | _HOW))
        seats = {"user": self.user, "inducer": self.inducer}
        one = {name: Spec.parse(spec).name for name, spec in seats.items() if spec}
        several = {
            name: [Spec.parse(spec).name for spec in getattr(self, name)]
            for name in ("assistant", "judge")
        }
        return {**settings, **one, **several, "pool": pool.id}


if __name__ == "__main__":
    # By the name under which workers elsewhere find the class.
    from graphs import simulate

    sys.exit(main(simulate.Simulate, "graphs.simulate"))
