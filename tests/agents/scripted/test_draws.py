"""Draws: chances."""

import pytest

from agents.scripted.draws import Draws


def test_what_is_certain_happens_and_what_is_impossible_does_not() -> None:
    draws = Draws(0)
    assert all(draws.happens(1.0) for _ in range(100))
    assert not any(draws.happens(0.0) for _ in range(100))


@pytest.mark.parametrize("probability", [0.2, 0.7])
def test_an_event_happens_as_often_as_its_probability_says(probability: float) -> None:
    draws = Draws(1)
    happened = sum(draws.happens(probability) for _ in range(2000))
    assert happened / 2000 == pytest.approx(probability, abs=0.05)
