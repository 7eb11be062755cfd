"""Prompted agents at a desk: real agents, a real server, and what the agents asked of it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Literal, Self

from agents.casting import ROLES, Seated, seat
from agents.models.settings import Endpoint, ModelSettings
from agents.models.stock import Models
from agents.seats import (
    SEATS,
    AssistantBrief,
    Candidate,
    InducerBrief,
    JudgeBrief,
    UserBrief,
)
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief, Message
from dialogues.persona import Persona
from tests.growing import a_persona
from tests.model_server import Answer, Call, ModelServer, play

Says = str | Answer | Callable[[Call], str | Answer]


class Desk:
    """Seats prompted agents on one server; `says` are the answers to come, after them `play`."""

    def __init__(self, overflow: Literal["fail", "drop-oldest"] = "fail", **server: Any) -> None:
        self.says: list[Says] = []
        self.server = ModelServer(self._answer, **server)
        self._overflow = overflow
        self._runner = asyncio.Runner()
        self._seated: dict[tuple[str, str], Seated] = {}

    def __enter__(self) -> Self:
        self.server.__enter__()
        # Retries wait for seconds, and what they mend is tested with the models.
        endpoints = {"desk": Endpoint(base_url=self.server.url, retries=0)}
        self.models = Models(ModelSettings(endpoints=endpoints, overflow=self._overflow))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self.models.close())
        self._runner.close()
        self.server.__exit__(kind, error, trace)

    def seated(self, name: str, role: str = "") -> Seated:
        """Return the prompted agent of a seat and role, the same at every call."""
        if (name, role) not in self._seated:
            spec = f"{role}=" * bool(role) + "openai:stub@desk"
            self._seated[name, role] = seat(name, spec, self.models)
        return self._seated[name, role]

    def ask(self, name: str, brief: Any) -> tuple[Any, list[Call]]:
        """Return what the agent answers to a brief, and the calls it took."""
        before = len(self.server.calls)
        agent = self.seated(name, brief.role).agent
        answer = self.wait_for(getattr(agent, SEATS[name].method)(brief))
        return answer, self.server.calls[before:]

    def wait_for(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Return what `work` comes to, in the event loop of all the desk's connections."""
        return self._runner.run(work)

    def asked(self, name: str, brief: Any) -> list[Message]:
        """Return the messages of the first call a brief takes."""
        return messages(self.ask(name, brief)[1][0])

    def _answer(self, call: Call) -> str | Answer:
        said = self.says.pop(0) if self.says else play
        return said(call) if callable(said) else said


def messages(call: Call) -> list[Message]:
    """Return the messages of a call as ours."""
    return [Message(each["role"], each["content"]) for each in call.messages]


def chat(*texts: str) -> list[Message]:
    """Return texts as the messages of a dialogue, the user's first."""
    return [Message("assistant" if place % 2 else "user", text) for place, text in enumerate(texts)]


def user_brief(*said: str, persona: Persona | None = None, **other: Any) -> UserBrief:
    """Return the brief of the user's turn after `said`."""
    told = {"role": "", "seed": 7, "turns": 10, "notes": {}, **other}
    return UserBrief(
        history=chat(*said), turn=len(said) // 2 + 1, persona=persona or a_persona(), **told
    )


def inducer_brief(
    *said: str, belief: Belief | None = None, persona: Persona | None = None, **other: Any
) -> InducerBrief:
    """Return the brief of the inducer's turn after `said`; in role `extract` with a persona."""
    told = {"role": "extract" if persona else "infer", "seed": 7, **other}
    return InducerBrief(
        history=chat(*said),
        turn=len(said) // 2 + 1,
        belief=belief or Belief(),
        persona=persona,
        **told,
    )


def assistant_brief(*said: str, **other: Any) -> AssistantBrief:
    """Return the brief of an assistant's turn after `said`; hinted where there is a hint."""
    told = {"role": "hinted" if other.get("hint") else "plain", "seed": 7, "place": 0, **other}
    return AssistantBrief(history=chat(*said), turn=len(said) // 2 + 1, **told)


def judge_brief(
    *said: str, replies: Sequence[str] = ("Oh, which?", "Bees!"), **other: Any
) -> JudgeBrief:
    """Return the brief of a judge's turn after `said`; the candidates' keys are k0, k1, …"""
    shown = [Candidate(f"k{place}", text) for place, text in enumerate(replies)]
    told = {"role": "", "seed": 7, "persona": a_persona(), **other}
    return JudgeBrief(history=chat(*said), turn=len(said) // 2 + 1, candidates=shown, **told)


class Tags(HTMLParser):
    """The tags of a text in order, and the unescaped text between them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.inside: list[tuple[str, str]] = []
        self._open = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(" ".join([tag, *(str(value) for _, value in attrs)]))
        self.inside.append((self.names[-1], ""))
        self._open = self.names[-1]

    def handle_endtag(self, tag: str) -> None:
        self.names.append(f"/{tag}")
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            name, text = self.inside[-1]
            self.inside[-1] = (name, text + data)


AGENTS = [
    (USER, ""),
    (INDUCER, "infer"),
    (INDUCER, "extract"),
    *((ASSISTANT, role) for role in ("hinted", "rag", "induce", "oracle")),
    *((JUDGE, role) for role in ROLES[JUDGE]),
]
"""Every seat and role with a prompt that tells, in its first call, of what others said or are."""
