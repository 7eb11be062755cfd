"""Specs: `[ROLE=]MODEL[@ENDPOINT]`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues.errors import UsageError
from dialogues.spec import Spec

roles = st.from_regex(r"[a-z][a-z-]{0,6}", fullmatch=True) | st.just("")
names = st.from_regex(r"[A-Za-z0-9./_,-]{1,12}", fullmatch=True)
variants = st.from_regex(r"[A-Za-z0-9:./_,=-]{0,12}", fullmatch=True)
models = names | st.builds("{}:{}".format, names | st.just(""), variants)
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


@pytest.mark.parametrize(
    ("text", "role", "variant"),
    [
        ("scripted:uncooperative,typos=0.2", "", "uncooperative,typos=0.2"),
        ("hinted=scripted:typos=0.2,drift=0", "hinted", "typos=0.2,drift=0"),
        ("scripted:typos=1", "", "typos=1"),
        ("a:b=c:d", "", "b=c:d"),
        ("scripted:", "", ""),
    ],
)
def test_options_follow_the_colon_and_may_set_something(text: str, role: str, variant: str) -> None:
    spec = Spec.parse(f"{text}@lab")
    assert (spec.role, spec.variant, spec.endpoint) == (role, variant, "lab")
    assert spec.name == text


def test_a_bare_model_has_neither_role_variant_nor_endpoint() -> None:
    spec = Spec.parse("scripted")
    assert (spec.role, spec.kind, spec.variant, spec.endpoint) == ("", "scripted", "", "")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a b", "=m", "role=", "m@", "@lab", "Role=m", "a=b=c",
        "m,x=1", "Role=m:x=1", "a=b=c:d", "m:typos=0.2 drift=1",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(UsageError, match=r"\[ROLE=\]MODEL\[@ENDPOINT\]"):
        Spec.parse(text)
