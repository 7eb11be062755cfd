"""The making of a pool: examples are drawn, writers write more, what is new is admitted.

    sample -> write x N -> admit -> sample -> ...

One run of this LangGraph state machine fills one half of a pool, profiles or personalities, until
there are as many as wanted or hardly anything new comes any more (ALOE, section 2.1). The state
only says how far it is; the texts are in the workshop, which is the graph's context.
"""

from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agents.casting import Seated
from agents.seats import WriterBrief, Written, WrongAnswer
from dialogues.errors import GroveError
from dialogues.node import Usage
from graphs.personas.shelf import Round
from graphs.personas.workshop import TEXTS_PER_CALL, Workshop

FULL, SATURATED, EXHAUSTED = "full", "saturated", "exhausted"


class Call(TypedDict, total=False):
    """What came of one call of a writer: texts, or an error."""

    place: int
    texts: list[str]
    last: bool
    failure: str
    tokens: int


def gathered(before: list[Call] | None, new: list[Call] | None) -> list[Call] | None:
    """Collect the calls of a round; None begins the next one."""
    return None if new is None else [*(before or []), *new]


class Making(TypedDict, total=False):
    """The state: how far one half of a pool is.

    Attributes:
        number: of the round at work, from 1.
        since: the rounds there were when this run began; what they brought ends no later one.
        calls: what came of the round's calls so far.
        over: why the graph stopped: `full`, `saturated` or `exhausted`.
        place: number of a call in its round; only within the fan-out.
    """

    number: int
    since: int
    calls: Annotated[list[Call] | None, gathered]
    over: str
    place: int


async def sample(state: Making, runtime: Runtime[Workshop]) -> Making:
    """Begin the next round, unless the pool is full or hardly anything new comes."""
    workshop = runtime.context
    rounds, goal = workshop.rounds, workshop.goal
    since, over = state.get("since", len(rounds)), ""
    if not workshop.missing:
        over = FULL
    elif is_saturated(rounds[since:], goal.least, goal.patience):
        over = SATURATED
    number = 1 + max((each.number for each in rounds), default=0)
    return {"number": number, "since": since, "calls": None, "over": over}


async def write(state: Making, runtime: Runtime[Workshop]) -> Making:
    """A writer sees five texts of the pool and writes twenty more; its failure is data too."""
    workshop, place = runtime.context, state["place"]
    return {"calls": [await called(workshop.writer, workshop.brief(place), place)]}


async def admit(state: Making, runtime: Runtime[Workshop]) -> Making:
    """What is far enough from the pool, and from what came with it, is added to the pool."""
    calls = sorted(state["calls"] or [], key=lambda call: call["place"])
    texts = [text for call in calls for text in call.get("texts", [])]
    failed = [call["failure"] for call in calls if "failure" in call]
    told = Round(
        kind=runtime.context.goal.kind,
        number=state["number"],
        asked=TEXTS_PER_CALL * len(calls),
        written=len(texts),
        failures={name: failed.count(name) for name in sorted(set(failed))},
        tokens=sum(call.get("tokens", 0) for call in calls),
    )
    await runtime.context.admit(told, texts)
    last = any(call.get("last") for call in calls)
    return {"over": EXHAUSTED if last and runtime.context.missing else ""}


async def fan_out(state: Making, runtime: Runtime[Workshop]) -> list[Send] | str:
    """Ask several writers at once, each with examples of its own."""
    if state["over"]:
        return END
    return [Send("write", {"place": place}) for place in range(runtime.context.calls())]


async def unless_over(state: Making) -> str:
    """Go on with the next round where anything more can come."""
    return END if state["over"] else "sample"


async def called(writer: Seated, brief: WriterBrief, place: int) -> Call:
    """Ask a writer once."""
    try:
        answer = await writer.agent.write(brief)
        if not isinstance(answer, Written):
            raise WrongAnswer(f"expected a Written, got {type(answer).__name__}")
        texts = list(answer.texts)
        if not all(isinstance(text, str) for text in texts):
            raise WrongAnswer("not all its texts are text")
    except GroveError:
        raise
    except Exception as error:
        failure = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return Call(place=place, failure=failure, tokens=_tokens(getattr(error, "usage", None)))
    return Call(place=place, texts=texts, last=answer.last, tokens=_tokens(answer.usage))


def is_saturated(rounds: list[Round], least: float, patience: int | None) -> bool:
    """Tell whether the last `patience` rounds each brought less than `least` of what they asked."""
    if patience is None or len(rounds) < patience:
        return False
    return all(each.acceptance < least for each in rounds[-patience:])


def _tokens(usage: object) -> int:
    return usage.prompt_tokens + usage.completion_tokens if isinstance(usage, Usage) else 0


def build_graph() -> CompiledStateGraph[Making, Workshop, Making, Making]:
    """Build the state machine; run it with an empty `Making` and a `Workshop` as context."""
    graph = StateGraph(Making, context_schema=Workshop)
    for step in (sample, write, admit):
        graph.add_node(step.__name__, step)
    graph.add_edge(START, "sample")
    graph.add_conditional_edges("sample", fan_out, ["write", END])
    graph.add_edge("write", "admit")
    graph.add_conditional_edges("admit", unless_over, ["sample", END])
    return graph.compile(name="personas")
