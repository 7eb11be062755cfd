"""Calibration: error rates of thresholds on labelled pairs, and the one recommended."""

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.models.embedding import Embedder, open_embedder
from agents.models.lexical import THRESHOLDS
from dialogues.persona import Kind
from dialogues.pool import KINDS
from graphs.personas.calibrate import (
    FALSE_ADMITS,
    PAIRS,
    Calibrate,
    Errors,
    Pair,
    error_curve,
    read_pairs,
    recommended,
)
from tests.graphs.personas.pools import Capture
from tests.growing import command


def pairs_of(kind: Kind) -> list[Pair]:
    """Return the shipped pairs of a kind."""
    return [pair for pair in read_pairs(PAIRS) if pair.kind == kind]


def lexical_curve(kind: Kind, retold: str) -> list[Errors]:
    """Return the errors of the lexical embedder on the shipped pairs."""
    return asyncio.run(error_curve(open_embedder("lexical"), pairs_of(kind), retold))


@pytest.mark.parametrize("kind", KINDS)
def test_the_lexical_thresholds_let_in_few_people_told_again(kind: Kind) -> None:
    curve = lexical_curve(kind, "moderate")
    at = next(one for one in curve if one.threshold == pytest.approx(THRESHOLDS[kind]))
    assert at.counted <= FALSE_ADMITS
    pairs = [pair for pair in pairs_of(kind) if pair.same and pair.retold != "thorough"]
    embedder = open_embedder("lexical")
    ones, others = (
        asyncio.run(embedder.embed([getattr(pair, side) for pair in pairs])) for side in "ab"
    )
    admitted = np.sum(ones * others, axis=1) <= THRESHOLDS[kind]
    assert admitted.mean() <= FALSE_ADMITS
    assert admitted.mean() == pytest.approx(at.counted)


@pytest.mark.parametrize("kind", KINDS)
def test_the_lexical_thresholds_are_those_that_calibration_recommends(kind: Kind) -> None:
    best = recommended(lexical_curve(kind, "moderate"))
    assert best is not None
    assert best.threshold == pytest.approx(THRESHOLDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_the_shipped_pairs_are_of_all_levels_and_each_there_once(kind: Kind) -> None:
    pairs = pairs_of(kind)
    assert {pair.retold for pair in pairs if pair.same} == {"light", "moderate", "thorough"}
    assert any(not pair.same for pair in pairs)
    told = [frozenset((pair.a, pair.b)) for pair in pairs]
    assert len(set(told)) == len(told)
    assert all(len(each) == 2 for each in told)


def a_curve(*points: tuple[float, float, float]) -> list[Errors]:
    return [Errors(threshold, {}, counted, refused) for threshold, counted, refused in points]


@pytest.mark.parametrize(
    ("curve", "best"),
    [
        (a_curve((0.1, 0, 0.9), (0.2, 0.05, 0.5), (0.3, 0.06, 0.1)), 0.2),
        (a_curve((0.1, 0, 0.5), (0.2, 0, 0.5), (0.3, 0.5, 0)), 0.1),
        (a_curve((0.1, 0.04, 0.5), (0.2, 0, 0.5)), 0.2),
        (a_curve((0.1, 0, 0), (0.2, 0, 0.3)), 0.1),
        (a_curve((0.1, 0.051, 0), (0.2, 1, 0)), None),
        ([], None),
    ],
)
def test_of_thresholds_with_few_false_admits_the_one_that_turns_away_fewest_is_recommended(
    curve: list[Errors], best: float | None
) -> None:
    found = recommended(curve)
    assert (found and found.threshold) == best


ANGLES = {"zero": 0.0, "near": 0.3, "right": np.pi / 2}


async def on_a_circle(texts: list[str]) -> Any:
    return [(np.cos(ANGLES[text]), np.sin(ANGLES[text])) for text in texts]


CIRCLE = Embedder("circle", THRESHOLDS, on_a_circle)


def a_pair(b: str, same: bool, retold: Any = "light") -> Pair:
    return Pair(kind="profile", a="zero", b=b, same=same, retold=retold)


def test_the_curve_tells_both_errors_of_each_threshold() -> None:
    pairs = [
        a_pair("near", True),
        a_pair("right", True, "thorough"),
        a_pair("near", False),
        a_pair("right", False),
    ]
    curve = asyncio.run(error_curve(CIRCLE, pairs))
    low = next(one for one in curve if one.threshold == pytest.approx(0.5))
    assert low == (low.threshold, {"light": 0, "moderate": 0, "thorough": 1}, 0.5, 0.5)
    high = next(one for one in curve if one.threshold == pytest.approx(0.96))
    assert high == (high.threshold, {"light": 1, "moderate": 0, "thorough": 1}, 1, 0)
    light = asyncio.run(error_curve(CIRCLE, pairs, "moderate"))
    assert next(one for one in light if one.threshold == low.threshold).counted == 0
    counted = [one.counted for one in curve]
    assert counted == sorted(counted)
    refused = [one.refused for one in curve]
    assert refused == sorted(refused, reverse=True)


def test_the_command_shows_the_rates_and_marks_what_it_recommends(capsys: Capture) -> None:
    assert command(Calibrate, "--retold", "moderate") == 0
    told = capsys.readouterr().out
    assert told.count("recommended") == 2
    for kind in KINDS:
        best = recommended(lexical_curve(kind, "moderate"))
        assert best is not None
        assert f"{len(pairs_of(kind))} {kind} pairs" in told
        assert any(
            f"{best.threshold:.2f}" in line and "recommended" in line for line in told.splitlines()
        )


def test_pairs_that_no_threshold_can_tell_apart_end_with_status_1(
    tmp_path: Path, capsys: Capture
) -> None:
    lines = [
        {"kind": "profile", "a": "Ada sings.", "b": "Bo rows.", "same": True},
        {"kind": "profile", "a": "Ada sings.", "b": "Ada sings.", "same": False},
    ]
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert command(Calibrate, "--pairs", path) == 1
    told = capsys.readouterr().out
    assert "no threshold keeps false admits of profile pairs under 5 %" in told
    assert "personality" not in told


def test_pairs_may_hold_any_line_break_json_allows_inside_a_text(tmp_path: Path) -> None:
    pair = Pair(kind="profile", a="Ada sings.\u2028She rows.", b="Bo\x85rows.", same=False)
    (tmp_path / "pairs.jsonl").write_text(pair.model_dump_json() + "\n", encoding="utf-8")
    assert read_pairs(tmp_path / "pairs.jsonl") == [pair]
