"""Specs: `[ROLE=]MODEL[@ENDPOINT]`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.errors import UsageError
from dialogues.spec import Spec

roles = st.from_regex(r"[a-z][a-z-]{0,6}", fullmatch=True) | st.just("")
models = st.from_regex(r"[A-Za-z0-9:./_,-]{1,12}", fullmatch=True)
endpoints = st.from_regex(r"[A-Za-z0-9:/._@=-]{1,12}", fullmatch=True) | st.just("")


@given(roles, models, endpoints)
def test_a_spec_reads_back_as_it_was_written(role: str, model: str, endpoint: str) -> None:
    text = (f"{role}=" if role else "") + model + (f"@{endpoint}" if endpoint else "")
    assert Spec.parse(text) == Spec(role, model, endpoint)


@given(roles, models, endpoints)
def test_the_name_is_the_spec_without_its_endpoint(role: str, model: str, endpoint: str) -> None:
    spec = Spec(role, model, endpoint)
    assert Spec.parse(spec.name) == Spec(role, model)


def test_the_parts_of_a_full_spec() -> None:
    spec = Spec.parse("self-critic=openai:org/model-1.5@https://user:key@lab:8000/v1?a=b")
    assert (spec.role, spec.kind, spec.variant) == ("self-critic", "openai", "org/model-1.5")
    assert spec.endpoint == "https://user:key@lab:8000/v1?a=b"
    assert "lab" not in spec.name and "key" not in spec.name


def test_a_bare_model_has_neither_role_variant_nor_endpoint() -> None:
    spec = Spec.parse("scripted")
    assert (spec.role, spec.kind, spec.variant, spec.endpoint) == ("", "scripted", "", "")


@pytest.mark.parametrize("text", ["", " ", "a b", "=m", "role=", "m@", "@lab", "Role=m", "a=b=c"])
def test_anything_else_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"\[ROLE=\]MODEL\[@ENDPOINT\]"):
        Spec.parse(text)
