"""Shares and their intervals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as student

from eval.auditing.figures import Measure, estimate, ratio, share

ITEMS = st.lists(st.tuples(st.booleans(), st.sampled_from("abcdef")), min_size=1, max_size=30)


def wilson(value: float, size: float, people: int) -> tuple[float, float]:
    z = float(student(people - 1).ppf(0.975))
    half = z * math.sqrt(value * (1 - value) / size + z * z / (4 * size * size))
    middle, scale = value + z * z / (2 * size), 1 + z * z / size
    return (middle - half) / scale, (middle + half) / scale


def test_people_of_one_item_each_have_the_interval_of_wilson() -> None:
    hits = [1] * 30 + [0] * 70
    found = share(hits, [1] * 100, [str(at) for at in range(100)], seed=0)
    low, high = wilson(0.3, 100, 100)
    assert (found.value, found.items) == (0.3, 100)
    assert found.low == pytest.approx(low, abs=0.015)
    assert found.high == pytest.approx(high, abs=0.015)


@pytest.mark.parametrize("hit", [0, 1])
def test_where_all_is_alike_each_person_is_one_item(hit: int) -> None:
    found = share([hit] * 20, [1] * 20, [str(at % 10) for at in range(20)], seed=0)
    low, high = wilson(hit, 10, 10)
    assert found.value == hit
    assert found.low == pytest.approx(max(0, low), abs=1e-6)
    assert found.high == pytest.approx(min(1, high), abs=1e-6)


def test_items_that_only_repeat_what_a_person_did_make_nothing_surer() -> None:
    people = [str(at) for at in range(12)]
    hits = [at % 3 > 0 for at in range(12)]
    once = share(hits, [1] * 12, people, seed=3)
    often = share(hits * 5, [1] * 60, people * 5, seed=3)
    assert often == Measure(value=once.value, low=once.low, high=once.high, items=60)


def test_items_that_vary_within_each_person_make_it_surer() -> None:
    people = [str(at) for at in range(12)] * 5
    hits = list(np.random.default_rng(0).random(60) < 0.5)
    found = share(hits, [1] * 60, people, seed=3)
    alone = share(hits[:12], [1] * 12, people[:12], seed=3)
    assert None not in (found.low, found.high, alone.low, alone.high)
    assert found.high - found.low < alone.high - alone.low  # type: ignore[operator]


@given(ITEMS, st.integers(0, 3))
def test_an_interval_holds_its_share_and_is_one(items: list[tuple[bool, str]], seed: int) -> None:
    hits, people = [hit for hit, _ in items], [name for _, name in items]
    found = share(hits, [1] * len(items), people, seed)
    assert found.value == pytest.approx(sum(hits) / len(items), abs=1e-6)
    if len(set(people)) == 1:
        assert (found.low, found.high) == (None, None)
    else:
        assert found.low is not None and found.high is not None
        assert 0 <= found.low <= found.value + 1e-6
        assert found.value - 1e-6 <= found.high <= 1


def test_the_order_of_the_items_changes_no_interval() -> None:
    hits, people = [1, 0, 0, 1, 1], ["b", "a", "c", "a", "d"]
    forward = share(hits, [1] * 5, people, seed=1)
    assert share(hits[::-1], [1] * 5, people[::-1], seed=1) == forward


def test_items_that_count_nothing_are_left_out() -> None:
    found = share([1, 0, 2], [1, 0, 2], ["a", "b", "c"], seed=0)
    assert (found.value, found.items) == (1.0, 2)


def test_nothing_has_no_share() -> None:
    assert share([], [], [], seed=0) == Measure(value=None, low=None, high=None, items=0)


def test_a_share_that_no_draw_changes_is_exact() -> None:
    found = share([1, 1, 1], [2, 2, 2], ["a", "b", "c"], seed=0)
    assert (found.value, found.low, found.high) == (0.5, 0.5, 0.5)


def test_an_estimate_is_cut_to_what_it_can_be() -> None:
    found = estimate(ratio([0, 0, 3], [1, 1, 1]), ["a", "b", "c"], seed=0, low=0.0)
    assert (found.value, found.low) == (1.0, 0.0)
    assert found.high is not None and found.high > 3
