r"""The ALOE benchmark: how well do assistants come to fit the users they talk with?

    python -m eval.aloe --store runs/eval.db --out results --assistant hinted=scripted \
        --assistant plain=scripted --baseline plain=scripted
    python -m eval.aloe --rescore runs/eval.db --out results2 --judge openai:gpt-4o

Dialogues are trees in a store: a benchmark that was stopped goes on when the same command is given
again, and `python -m dialogues.show` shows what was said.
"""

import signal
import sys
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from agents.casting import MODEL_KINDS
from agents.models.settings import Endpoint, ModelSettings, SeatSampling
from dialogues.command import Command, main
from dialogues.spec import Spec
from eval.protocol import PROTOCOLS

BASELINES = ("concise", "reminder", "cot", "self-critic", "rag", "induce", "oracle", "amnesic")
SCRIPTED_BASELINES = ("concise", "induce", "oracle", "amnesic")


class Aloe(Command):
    """Measure how assistants align with simulated users over a dialogue (the ALOE benchmark).

    Every assistant talks with the same users: 20 profiles crossed with 5 personalities that no
    training of the shipped pool has seen. Judges score each reply from 1 to 5, for its user and for
    unrelated people. The results are tables, plots, and one JSON with everything per case.
    """

    store: str | None = Field(
        default=None, description="tree store for the dialogues: a path or a URL; made if need be"
    )
    rescore: str | None = Field(
        default=None,
        description="store of dialogues that are there: only judges are asked, and tables made; "
        "--assistant, --user and --cases choose among them",
    )
    out: Path = Field(description="folder for the results")
    suite: Literal["aloe", "flip", "long", "unseen"] = Field(
        default="aloe",
        description="aloe: 10 turns; flip: a wish of the user flips in turn 6; long: 70 turns; "
        "unseen: people described by other schemes",
    )
    protocol: Literal["aloe", "grove"] = Field(
        default="aloe",
        description="aloe: judges see persona, last message and reply, assistants answer at "
        "temperature 0; grove: judges see the whole dialogue, assistants answer at 0.7",
    )
    assistant: list[str] = Field(
        default=["hinted=scripted", "plain=scripted"],
        description="an assistant, [ROLE=]MODEL[@ENDPOINT]; repeat the flag",
    )
    baselines: bool = Field(
        default=False,
        description="add all prompted baselines of the first assistant's model: "
        + ", ".join(BASELINES),
    )
    baseline: str | None = Field(
        default=None, description="the assistant that all others are compared with"
    )
    inducer: str = Field(
        default="infer=scripted", description="the inducer behind assistants in role hinted"
    )
    user: list[str] = Field(
        default=[],
        description="a simulated user; repeat the flag (default: the suite's, scripted)",
    )
    judge: list[str] = Field(
        default=["scripted"],
        description="a judge; repeat the flag. A model named without a role scores as the "
        "protocol has it; binary=MODEL scores 0 or 1, as RLPA",
    )
    swap: int = Field(
        default=3, ge=0, description="unrelated personas that each reply is scored for, too"
    )
    probe: bool = Field(
        default=False, description="ask assistants after the last turn what they hold of the user"
    )
    cases: int = Field(
        default=100,
        ge=1,
        description="dialogues per assistant and user; strangers for --swap are drawn among them",
    )
    turns: int | None = Field(
        default=None, ge=2, description="user messages per dialogue (default: the suite's)"
    )
    pool: Path | None = Field(default=None, description="folder of a persona pool")
    profiles: Path | None = Field(default=None, description="JSONL file of profiles")
    personalities: Path | None = Field(default=None, description="JSONL file of personalities")
    per_profile: int = Field(default=5, ge=1, description="personalities each profile meets")
    system: str = Field(default="", description="system text the assistants are deployed with")
    seed: int = Field(default=0, description="every draw and call derives its seed from this")
    concurrency: int = Field(default=64, ge=1, description="calls in flight per endpoint")
    workers: int = Field(default=1, ge=1, description="processes that play dialogues")
    cluster: str | None = Field(
        default=None,
        min_length=1,
        description="Ray cluster on which dialogues are played, scored from here; see "
        "graphs.simulate",
    )
    sampling: SeatSampling = Field(
        default=SeatSampling(),
        description="how models are sampled; the protocol sets assistants' and judges' temperature",
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
    dry_run: bool = Field(
        default=False, description="only estimate calls, tokens and cost; call no model"
    )
    retry_failed: bool = Field(default=False, description="ask again where an agent failed")

    @field_validator("judge", "assistant", "user", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("out", mode="before")
    @classmethod
    def _out_is_named(cls, value: object) -> object:
        if value == "":
            raise ValueError("name a folder; . is the one you are in")
        return value

    @model_validator(mode="after")
    def _temperatures_are_fixed(self) -> "Aloe":
        PROTOCOLS[self.protocol].refuse_temperatures(self.sampling)
        return self

    @model_validator(mode="after")
    def _one_store(self) -> "Aloe":
        if (self.store is None) == (self.rescore is None):
            raise ValueError("give --store STORE, or --rescore STORE for dialogues that are there")
        if self.rescore and self.dry_run:
            raise ValueError(
                "--dry-run estimates dialogues and their scores: give --store; what its table says "
                "of the judges is what --rescore takes"
            )
        if self.rescore and self.cluster:
            raise ValueError("--cluster plays dialogues, and --rescore plays none; leave it out")
        if (self.profiles is None) != (self.personalities is None):
            raise ValueError("--profiles and --personalities go together")
        if self.pool and self.profiles:
            raise ValueError("give --pool, or --profiles with --personalities, not both")
        return self

    @model_validator(mode="after")
    def _baseline_takes_part(self) -> "Aloe":
        names = [Spec.parse(each).name for each in self.assistants]
        if self.baseline and Spec.parse(self.baseline).name not in names and not self.rescore:
            known = ", ".join(names)
            raise ValueError(f"--baseline {self.baseline} is no assistant of this run ({known})")
        for flag, specs in (("assistant", self.assistants), ("user", self.user)):
            known_names = [Spec.parse(each).name for each in specs]
            if len(set(known_names)) < len(known_names):
                raise ValueError(f"--{flag}: the same one is named twice")
        return self

    def execute(self) -> int:
        """Play, score, and write the results; return the exit status."""
        # Imported here so that --help and wrong usage answer without loading LangGraph.
        from eval.benchmark import run_benchmark

        return run_benchmark(self)

    @property
    def limit(self) -> int | None:
        """How many cases of each assistant are measured; None for all that are stored."""
        return None if self.rescore and "cases" not in self.model_fields_set else self.cases

    @property
    def assistants(self) -> list[str]:
        """All assistants, the prompted baselines among them."""
        if not self.baselines:
            return self.assistant
        first = Spec.parse(self.assistant[0])
        at = f"@{first.endpoint}" * bool(first.endpoint)
        roles = BASELINES if first.kind in MODEL_KINDS else SCRIPTED_BASELINES
        added = [f"{role}={first.model}{at}" for role in ("plain", *roles)]
        known = {Spec.parse(each).name for each in self.assistant}
        return [*self.assistant, *(each for each in added if Spec.parse(each).name not in known)]

    @property
    def models(self) -> ModelSettings:
        """What the settings say of the models, sampled as the protocol has it."""
        return ModelSettings(
            endpoints=self.endpoints,
            sampling=PROTOCOLS[self.protocol].sampled(self.sampling),
            prompts=self.prompts,
            overflow=self.overflow,
        )


if __name__ == "__main__":
    # A benchmark that is told to end says so, as it does at Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    sys.exit(main(Aloe, "eval.aloe"))
