"""A history that overflows: what the failure tells whoever reads it."""

import pytest

from agents.models.errors import ContextOverflow
from dialogues.node import ASSISTANT
from tests.agents.prompted.asking import Desk, assistant_brief

LONG = ("one " * 20, "two " * 20, "three " * 20)


def overflow(desk: Desk, *said: str) -> str:
    with desk, pytest.raises(ContextOverflow) as caught:
        desk.ask(ASSISTANT, assistant_brief(*said))
    return str(caught.value)


def test_turns_that_could_be_dropped_are_told_of() -> None:
    assert "(see --overflow)" in overflow(Desk(context=10), *LONG)


@pytest.mark.parametrize("said", [LONG, LONG[:1]])
def test_where_nothing_is_left_to_drop_that_is_told(said: tuple[str, ...]) -> None:
    told = overflow(Desk("drop-oldest", context=10), *said)
    assert "alone exceed the model's context" in told and "--overflow" not in told
