"""What LangSmith is told, where its variables turn tracing on; without them nothing is sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from langchain_core.runnables.config import merge_configs, var_child_runnable_config
from langchain_core.tracers.langchain import get_client
from langsmith.utils import tracing_is_enabled

from agents.casting import Seated
from dialogues.node import Slot

_SECONDS = 30.0


@contextmanager
def traced(seated: Seated, slot: Slot) -> Iterator[None]:
    """Tag what the body calls with the seat, and tell which slot of the tree it fills."""
    if not tracing_is_enabled():
        yield
        return
    told = {
        "tags": [seated.seat, seated.spec.name],
        "metadata": {"seat": seated.seat, "slot": slot.key, "attempt": slot.attempt},
    }
    before = var_child_runnable_config.set(
        merge_configs(var_child_runnable_config.get(), told)  # type: ignore[arg-type]
    )
    try:
        yield
    finally:
        var_child_runnable_config.reset(before)


def send_traces() -> None:
    """Wait, but not for ever, until what was traced is sent."""
    if tracing_is_enabled():
        get_client().flush(timeout=_SECONDS)
