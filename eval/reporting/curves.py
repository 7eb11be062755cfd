"""Curves as shapes of an SVG picture, which the page's colours and dark mode apply to."""

import math
from typing import NamedTuple

from eval.plotting import Chart, Curve

WIDTH, HEIGHT = 680, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 12, 34
_TICKS, _MOST_TURNS = 5, 20
_LEAST = 1e-3
"""The least that the axis of values spans: a flat curve is drawn flat."""


class Point(NamedTuple):
    """Where a figure lies, and what it is."""

    x: float
    y: float
    told: str


class Line(NamedTuple):
    """A curve: its points, and the corners of its band."""

    name: str
    points: list[Point]
    band: str

    @property
    def path(self) -> str:
        """The points as SVG takes them."""
        return " ".join(f"{point.x:g},{point.y:g}" for point in self.points)


class Tick(NamedTuple):
    """A mark on an axis."""

    at: float
    label: str


class Drawn(NamedTuple):
    """A whole picture."""

    lines: list[Line]
    turns: list[Tick]
    values: list[Tick]


class _Frame(NamedTuple):
    """How turns and values lie on the picture."""

    turns: int
    low: float
    high: float

    def x(self, turn: int) -> float:
        width = WIDTH - _LEFT - _RIGHT
        return round(_LEFT + width * (turn - 1) / max(1, self.turns - 1), 1)

    def y(self, value: float) -> float:
        height = HEIGHT - _TOP - _BOTTOM
        return round(_TOP + height * (self.high - value) / (self.high - self.low), 1)


def drawn(chart: Chart) -> Drawn:
    """Lay out a chart."""
    ticks = _ticks(chart)
    turns = max((len(curve.figures) for curve in chart.curves), default=1)
    frame = _Frame(turns, ticks[0], ticks[-1])
    every = max(1, math.ceil(turns / _MOST_TURNS))
    return Drawn(
        [_line(curve, frame) for curve in chart.curves],
        [Tick(frame.x(turn), str(turn)) for turn in range(1, turns + 1, every)],
        [Tick(frame.y(value), f"{value:g}") for value in ticks],
    )


def _line(curve: Curve, frame: _Frame) -> Line:
    points, upper, lower = [], [], []
    for turn, one in enumerate(curve.figures, start=1):
        if one.value is None:
            continue
        x, told = frame.x(turn), f"{curve.name}, turn {turn}: {one.value:.2f}"
        if one.low is not None and one.high is not None:
            told += f" [{one.low:.2f}, {one.high:.2f}]"
            upper.append(f"{x:g},{frame.y(one.high):g}")
            lower.append(f"{x:g},{frame.y(one.low):g}")
        points.append(Point(x, frame.y(one.value), told))
    return Line(curve.name, points, " ".join([*upper, *reversed(lower)]))


def _ticks(chart: Chart) -> list[float]:
    """Return round values that enclose all figures and their bands."""
    values = [
        value
        for curve in chart.curves
        for one in curve.figures
        for value in (one.value, one.low, one.high)
        if value is not None
    ] or [0.0, 1.0]
    low, high = min(values), max(values)
    rough = max(high - low, _LEAST) / _TICKS
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [round(step * at, 9) for at in range(first, max(last, first + 1) + 1)]
