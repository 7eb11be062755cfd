"""Tables of several loops: what is alike in all, and its means."""

from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.result import Band, Figure, Row
from examples.loop.lines import HEADINGS, line_of, over_seeds, pooled
from examples.loop.table import alike

UNDEFINED = Figure(value=None, low=None, high=None)
FIGURES = st.builds(
    lambda value, half: Figure(value=value, low=value - half, high=value + half),
    st.floats(-5, 5),
    st.floats(0.001, 1),
)


def a_row(model: str, mean: Figure, **more: Any) -> dict[str, Any]:
    figures = Row(
        assistant=model, al=[], mean=mean, ir=mean, r2=mean, n_ir=mean, n_r2=mean, span=1,
        null_ir=Band(low=-0.3, high=0.4), null_n_ir=Band(low=None, high=None),
        gap=None, gap_p=None, words=20, missing=0,
    )  # fmt: skip
    return {
        "benchmark": "results", "user": "u", "judge": "j", "model": model,
        "figures": figures.model_dump(mode="json", exclude={"assistant", "al"}),
        "earlier": {"own": 0.3, "others": 0.0}, "circles": 0.01, "told_apart": None, **more,
    }  # fmt: skip


@given(st.lists(FIGURES, min_size=1, max_size=5))
def test_a_mean_lies_among_its_figures_and_is_known_better(figures: list[Figure]) -> None:
    mean = pooled(figures)
    assert mean.value is not None and mean.low is not None and mean.high is not None
    values = [figure.value for figure in figures if figure.value is not None]
    assert min(values) - 1e-9 <= mean.value <= max(values) + 1e-9
    halves = [(each.high or 0) - (each.low or 0) for each in figures]
    assert mean.high - mean.low <= max(halves) / sqrt(len(figures)) + 1e-9
    assert pooled([*figures, UNDEFINED]) == pooled([*figures, None]) == UNDEFINED


def test_the_interval_of_a_mean_holds_the_truth_in_95_of_100_cases() -> None:
    rng, halves = np.random.default_rng(0), np.array([0.5, 1.0, 2.0])
    truth, held = np.array([1.0, 2.0, 6.0]), 0
    for _ in range(2000):
        seen = rng.normal(truth, halves / 1.96)
        figures = [
            Figure(value=v, low=v - h, high=v + h) for v, h in zip(seen, halves, strict=True)
        ]
        mean = pooled(figures)
        assert mean.low is not None and mean.high is not None
        held += mean.low <= truth.mean() <= mean.high
    assert 0.93 < held / 2000 < 0.97


def test_a_line_over_seeds_has_means_and_a_narrower_band() -> None:
    low, high = (Figure(value=v, low=v - 0.2, high=v + 0.2) for v in (1.0, 2.0))
    one = line_of(a_row("hinted=scripted:x", low))
    both = over_seeds([one, line_of(a_row("hinted=scripted:x", high, circles=0.03))])
    assert over_seeds([one]) == one
    assert (both.model, both.mean.value, both.versus) == ("x", 1.5, UNDEFINED)
    assert (both.null_ir.low, both.null_ir.high) == pytest.approx((-0.3 / sqrt(2), 0.4 / sqrt(2)))
    assert both.circles == pytest.approx(0.02)
    cells = dict(zip(HEADINGS, both.cells(), strict=True))
    assert cells["mean AL"] == "1.50 ± 0.14"
    assert cells["circles"] == "2 %"
    assert cells["minus first"] == "-"


def test_only_what_all_loops_measured_is_put_together() -> None:
    here = [a_row("base", UNDEFINED), a_row("sft", UNDEFINED)]
    there = [a_row("base", UNDEFINED), a_row("sft", UNDEFINED, user="another")]
    assert alike([here, there]) == [[here[0], there[0]]]
