"""The stand-ins of a rehearsal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.counting import counted
from agents.models.form import ask_for
from agents.models.rehearsed import OTHERWISE, WORDS, Rehearsed
from agents.models.stock import Models
from dialogues.errors import UsageError
from tests.agents.models.asking import HELLO
from tests.agents.models.test_requests import FORM


def test_a_rehearsal_needs_neither_key_nor_server_nor_folder() -> None:
    models = Models(rehearsal=True)
    for spec in ("openai:gpt-4o", "openai:m@http://127.0.0.1:9/v1", "hf:/no/such/folder"):
        assert isinstance(models.open(spec, "judge"), Rehearsed)
    assert models.remote == []


def test_a_rehearsal_does_not_pass_over_what_the_run_would_refuse() -> None:
    for spec in ("openai:m@nowhere", "openai:", "scripted"):
        with pytest.raises(UsageError):
            Models(rehearsal=True).open(spec)


async def test_an_answer_has_the_form_at_once() -> None:
    value, answer = await ask_for(Rehearsed("m", "judge"), HELLO, 7, FORM)
    assert value == FORM.example
    assert (answer.usage.calls, answer.usage.faults) == (1, ())


@pytest.mark.parametrize("seat", ["user", "inducer", "assistant", "judge"])
async def test_an_answer_is_as_long_as_is_usual_in_its_seat(seat: str) -> None:
    answer = await Models(rehearsal=True).open("openai:m", seat).ask(HELLO, 7)
    assert abs(len(answer.text.split()) - WORDS.get(seat, OTHERWISE)) <= 2


async def test_tokens_are_counted_and_called_estimated() -> None:
    answer = await Rehearsed("m", "user").ask(HELLO, 7)
    assert answer.usage == counted("m", HELLO, answer.text)
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.completion_tokens > 0
    assert answer.usage.estimated == 1


@given(seed=st.integers(0, 2**31), other=st.integers(0, 2**31))
async def test_a_seed_has_one_answer_and_another_seed_another(seed: int, other: int) -> None:
    model = Rehearsed("m", "user")
    one, again = await model.ask(HELLO, seed), await model.ask(HELLO, seed)
    assert one == again
    assert (one == await model.ask(HELLO, other)) == (seed == other)
