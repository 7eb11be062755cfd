"""What models cost, by a file anybody can edit."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.models.prices import SHIPPED, Price, Prices
from dialogues.errors import UsageError
from dialogues.node import Usage

PER_MILLION = st.floats(0, 1000)
COUNTS = st.integers(0, 10**9)


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    prompt = draw(COUNTS)
    cached = draw(st.integers(0, prompt))
    return Usage(
        calls=draw(st.integers(1, 9)),
        prompt_tokens=prompt,
        cached_tokens=cached,
        completion_tokens=draw(COUNTS),
    )


prices = st.builds(Price, input=PER_MILLION, output=PER_MILLION, cached=st.none() | PER_MILLION)


@given(price=prices, usage=usages())
def test_every_token_costs_its_own_price(price: Price, usage: Usage) -> None:
    cached = price.input if price.cached is None else price.cached
    fresh = usage.prompt_tokens - usage.cached_tokens
    millionths = fresh * price.input + usage.cached_tokens * cached
    millionths += usage.completion_tokens * price.output
    assert price.of(usage) == pytest.approx(millionths / 1e6)
    assert price.of(usage) >= 0


@given(price=prices, one=usages(), other=usages())
def test_two_calls_cost_what_each_of_them_costs(price: Price, one: Usage, other: Usage) -> None:
    assert price.of(one + other) == pytest.approx(price.of(one) + price.of(other))


@given(usage=usages(), dollars=PER_MILLION)
def test_cached_tokens_without_a_price_cost_like_others(usage: Usage, dollars: float) -> None:
    plain = Price(input=dollars, output=0)
    assert plain.of(usage) == pytest.approx(usage.prompt_tokens * dollars / 1e6)


def file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "prices.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_million_tokens_cost_what_the_file_says(tmp_path: Path) -> None:
    read = Prices(file(tmp_path, "openai:m: {input: 2.5, output: 10, cached: 1.25}"))
    million = 10**6
    usage = Usage(calls=3, prompt_tokens=million, completion_tokens=million)
    assert read.cost("openai:m", usage) == pytest.approx(12.5)
    cached = usage.model_copy(update={"cached_tokens": million})
    assert read.cost("openai:m", cached) == pytest.approx(11.25)


@pytest.mark.parametrize("spec", ["openai:m", "hinted=openai:m", "openai:m@lab", "x=openai:m@lab"])
def test_role_and_endpoint_do_not_change_the_price(spec: str, tmp_path: Path) -> None:
    read = Prices(file(tmp_path, "openai:m: {input: 1, output: 1}"))
    assert read.cost(spec, Usage(calls=1, prompt_tokens=10**6)) == pytest.approx(1.0)
    read.check([spec])


def test_what_made_no_call_costs_nothing(tmp_path: Path) -> None:
    assert Prices(file(tmp_path, "")).cost("scripted", Usage()) == 0.0


def test_a_model_without_a_price_has_no_cost(tmp_path: Path) -> None:
    assert Prices(file(tmp_path, "")).cost("openai:m", Usage(calls=1)) is None


def test_a_price_of_nothing_is_a_cost(tmp_path: Path) -> None:
    read = Prices(file(tmp_path, "openai:m: {input: 0, output: 0}"))
    assert read.cost("openai:m", Usage(calls=1, prompt_tokens=99)) == 0.0


def test_the_shipped_prices_can_be_read() -> None:
    read = Prices()
    assert read.path == SHIPPED
    read.check(["openai:gpt-4o", "judge=openai:gpt-4o-mini@lab"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("openai:m: {input: 1}", "openai:m.output"),
        ("openai:m: {input: -1, output: 1}", "openai:m.input"),
        ("openai:m: {input: cheap, output: 1}", "openai:m.input"),
        ("openai:m: {input: 1, output: 1, cashed: 1}", "openai:m.cashed"),
        ("openai:m: {input: .nan, output: 1}", "openai:m.input"),
        ("openai:m: 5", "openai:m"),
        ("7: {input: 1, output: 1}", "7"),
        ("openai:m: {input: 1", "cannot be read"),
        ("openai:m: !!python/object:os.system {}", "cannot be read"),
        (b"\xff\xfe\xff", "cannot be read"),
    ],
)
def test_a_bad_file_is_told_in_one_line_with_its_key(
    text: str | bytes, said: str, tmp_path: Path
) -> None:
    path = file(tmp_path, text)
    with pytest.raises(UsageError) as caught:
        Prices(path)
    message = str(caught.value)
    assert message.startswith(f"--prices {path}: ")
    assert said in message
    assert "\n" not in message


def test_a_file_that_is_no_mapping_is_told_without_an_empty_key(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"yaml: [A-Z].*dictionary"):
        Prices(file(tmp_path, "- openai:m"))


def test_a_price_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"openai:m\.output"):
        Prices(file(tmp_path, "openai:m: {input: 1, output: .inf}"))


@pytest.mark.parametrize("name", ["", "missing.yaml"])
def test_what_is_no_file_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read") as caught:
        Prices(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_a_missing_price_names_the_model_and_the_line_to_add(tmp_path: Path) -> None:
    path = file(tmp_path, "openai:m: {input: 1, output: 1}")
    with pytest.raises(UsageError) as caught:
        Prices(path).check(["openai:m", "hinted=openai:other@lab"])
    message = str(caught.value)
    assert f"no price for openai:other in {path}" in message
    line = message.partition("`")[2].partition("`")[0]
    Prices(file(tmp_path, line)).check(["openai:other"])
