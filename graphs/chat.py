"""Sit in the conversation: talk with an assistant, judge replies, or watch.

    python -m graphs.chat                                  # you are the user
    python -m graphs.chat --seat judge                     # a simulated user; you pick replies
    python -m graphs.chat --assistant openai:gpt-4o-mini --remember ada
    python -m graphs.chat --thread chat-1                  # go on where you left
    python -m graphs.chat --at runs/a.db 3f2a90bc          # enter a simulated dialogue

What is said is a tree in a store, like any other: `dialogues.show` draws it, `dialogues.export`
makes rows of it, with your picks as the verdicts of the judge `human`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from agents.models.settings import Endpoint, ModelSettings, SeatSampling
from dialogues.choice import HUMAN
from dialogues.command import Command, main
from dialogues.spec import Spec

_AT = "--at"


class Chat(Command):
    """Talk in the console as the user, judge the replies a simulated user gets, or watch.

    Everything is kept as a tree in a store: leave with /quit, come back with --thread, go back with
    /undo and answer differently. With no assistant named a scripted one answers, which needs no
    model, key or network.
    """

    seat: Literal["user", "judge", "watch"] = Field(
        default="user",
        description="where you sit; as the user you also pick between the replies of several "
        "assistants",
    )
    store: str = Field(
        default="runs/chat.db", description="tree store: a path or a URL; made if it is not there"
    )
    thread: str | None = Field(
        default=None,
        min_length=1,
        description="name of the conversation, a run of the store; a new one if not given",
    )
    at: list[str] = Field(
        default=[],
        description="STORE NODE: enter a dialogue of a store at a node, whose id dialogues.show "
        "tells",
    )
    run: str = Field(default="main", description="with --at: which run of the store")
    assistant: list[str] = Field(
        default=[],
        description="an assistant, [ROLE=]MODEL[@ENDPOINT]; repeat the flag for several candidates "
        "(default: hinted=scripted; for a judge plain=scripted, too)",
    )
    inducer: str | None = Field(
        default="infer=scripted", description="who notes what the user reveals; none for nobody"
    )
    user: str = Field(default="scripted", description="the user you judge for or watch")
    judge: list[str] = Field(
        default=[],
        description="a judge beside you; repeat the flag (default: scripted where the user is "
        "simulated)",
    )
    persona: str | None = Field(
        default=None,
        min_length=1,
        description="who the user is: a number from 1, or the first characters of an id",
    )
    pool: Path | None = Field(default=None, description="folder of a persona pool")
    remember: str | None = Field(
        default=None,
        min_length=1,
        description="your name: what is learnt of you is kept, and known in the next conversation",
    )
    memory: Path = Field(default=Path("runs/memory"), description="folder of what --remember keeps")
    turns: int = Field(default=10, ge=1, description="user messages of a simulated user")
    system: str = Field(default="", description="system text the assistants are deployed with")
    seed: int = Field(default=0, description="every draw and call derives its seed from this")
    sampling: SeatSampling = Field(
        default=SeatSampling(), description="how the model in each seat is sampled"
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

    @field_validator("judge", "assistant", "at", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _at_a_node(self) -> "Chat":
        if self.at and len(self.at) != 2:
            raise ValueError("--at takes a store and a node: --at runs/a.db 3f2a90bc")
        if self.at and (self.thread or self.persona):
            raise ValueError(
                "--at begins a new conversation with that dialogue's persona; leave "
                "out --thread and --persona"
            )
        return self

    @model_validator(mode="after")
    def _several_to_judge(self) -> "Chat":
        if self.seat == "judge" and len(self.assistants) < 2:
            raise ValueError(
                "--seat judge compares the replies of several assistants: name another --assistant"
            )
        return self

    @model_validator(mode="after")
    def _who_is_remembered(self) -> "Chat":
        if self.remember and self.seat != "user":
            raise ValueError("--remember keeps what is learnt of a person: for --seat user")
        if self.remember and not self.inducer:
            raise ValueError("--remember keeps what the inducer notes, and --inducer is none")
        return self

    def execute(self) -> int:
        """Open the conversation and talk until the person leaves."""
        # Imported here so that --help and wrong usage answer without loading LangGraph.
        from graphs.chatting.opening import chat

        return chat(self)

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
    def assistants(self) -> list[str]:
        """The assistants, those meant where none is named."""
        other = [] if self.seat == "user" else ["plain=scripted"]
        return self.assistant or ["hinted=scripted", *other]

    @property
    def judges(self) -> list[str]:
        """The judges beside the person."""
        return self.judge or ([] if self.seat == "user" else ["scripted"])

    @property
    def compares(self) -> bool:
        """Whether the person is asked which of several replies is better."""
        return self.seat != "watch" and len(self.assistants) > 1

    @property
    def own(self) -> str | None:
        """The verdict that counts in this conversation."""
        if self.seat != "watch":
            return HUMAN
        return Spec.parse(self.judges[0]).name if self.judges else None

    def record(self) -> dict[str, object]:
        """Return the settings kept with the run, specs without endpoints."""
        several = {"assistant": self.assistants, "judge": self.judges}
        return {
            "seat": self.seat,
            "user": HUMAN if self.seat == "user" else Spec.parse(self.user).name,
            "inducer": self.inducer and Spec.parse(self.inducer).name,
            **{name: [Spec.parse(one).name for one in specs] for name, specs in several.items()},
            "turns": self.turns,
            "seed": self.seed,
        }


def spread(argv: Sequence[str]) -> list[str]:
    """Write `--at STORE NODE` as the two values of a list that it is."""
    words = list(argv)
    at = words.index(_AT) if _AT in words else len(words)
    if len(words) > at + 2:
        words.insert(at + 2, _AT)
    return words


if __name__ == "__main__":
    sys.exit(main(Chat, "graphs.chat", spread(sys.argv[1:])))
