"""The options of the scripted user, as its spec gives them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.casting import seat
from agents.scripted.options import UserOptions
from dialogues.errors import UsageError
from dialogues.node import USER

RATES = [name for name in UserOptions.model_fields if name != "variant"]


def test_nothing_given_means_the_defaults() -> None:
    assert UserOptions.parse("") == UserOptions()
    assert UserOptions().variant == ""


@pytest.mark.parametrize("variant", ["fixed", "uncooperative", "flip"])
def test_a_variant_may_stand_alone(variant: str) -> None:
    assert UserOptions.parse(variant) == UserOptions.model_validate({"variant": variant})


@given(st.dictionaries(st.sampled_from(RATES), st.floats(0, 1, allow_nan=False)))
def test_every_rate_can_be_set(rates: dict[str, float]) -> None:
    given_rates = [f"{name}={rate}" for name, rate in rates.items()]
    parsed = UserOptions.parse(",".join(["fixed", *given_rates]))
    assert parsed == UserOptions.model_validate({"variant": "fixed", **rates})
    assert UserOptions.parse(",".join([*given_rates, "fixed"])) == parsed


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("shy", "variant"),
        ("typo=0.1", "typo"),
        ("typos=2", "typos"),
        ("typos=-0.1", "typos"),
        ("typos=often", "typos"),
        ("typos=", "typos"),
        ("drift=nan", "drift"),
        ("=0.5", "variants"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_known(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong) as caught:
        UserOptions.parse(text)
    assert "uncooperative" in str(caught.value)
    assert all(rate in str(caught.value) for rate in RATES)


def test_a_spec_with_a_wrong_rate_seats_nobody() -> None:
    with pytest.raises(UsageError, match="typos"):
        seat(USER, "scripted:typos=2")


def test_a_spec_carries_variant_and_rates() -> None:
    options = seat(USER, "scripted:uncooperative,drift=0.5").agent.options
    assert (options.variant, options.drift) == ("uncooperative", 0.5)
