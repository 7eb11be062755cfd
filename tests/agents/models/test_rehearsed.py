"""The stand-ins of a rehearsal."""

from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from agents.models.counting import counted
from agents.models.form import Form, ask_for
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
    assert value.best == FORM.example.best
    assert (answer.usage.calls, answer.usage.faults) == (1, ())


class Notes(BaseModel):
    facts: list[str] = ["keeps bees"]
    mood: Literal["good", "bad"] = "good"
    labels: list[str] = ["A", "B"]
    numbers: list[int] = [3]


def check_labels(notes: Notes) -> None:
    if notes.labels != ["A", "B"]:
        raise ValueError("labels are A and B")


@pytest.mark.parametrize("form", [FORM, Form(Notes(), check_labels)])
async def test_the_texts_of_a_form_are_as_long_as_is_usual_and_the_rest_is_kept(
    form: Form[Any],
) -> None:
    value, answer = await ask_for(Rehearsed("m", "judge"), HELLO, 7, form)
    told = value.reason if form is FORM else value.facts[0]
    assert abs(len(told.split()) - WORDS["judge"]) <= 2
    rest = {"reason", "facts"}
    assert value.model_dump(exclude=rest) == form.example.model_dump(exclude=rest)
    assert answer.usage == counted("m", HELLO, answer.text)


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
