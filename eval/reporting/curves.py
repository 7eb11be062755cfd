"""Curves as shapes of an SVG picture, which the page's colours and dark mode apply to."""

import math
from typing import NamedTuple

from eval.plotting import Chart, marked

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


class Bar(NamedTuple):
    """Where the interval of a figure ends."""

    x: float
    low: float
    high: float


class Line(NamedTuple):
    """A curve: its points, how thick it is, and the corners of its band or its bars."""

    name: str
    points: list[Point]
    width: float
    band: str
    bars: list[Bar]

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
    """How turns and values lie on the picture; at both ends of the turns is some room."""

    turns: int
    room: float
    low: float
    high: float

    def x(self, turn: float) -> float:
        width = WIDTH - _LEFT - _RIGHT
        across = max(1, self.turns - 1 + 2 * self.room)
        return round(_LEFT + width * (turn - 1 + self.room) / across, 1)

    def y(self, value: float) -> float:
        height = HEIGHT - _TOP - _BOTTOM
        return round(_TOP + height * (self.high - value) / (self.high - self.low), 1)


def drawn(chart: Chart) -> Drawn:
    """Lay out a chart."""
    ticks = _ticks(chart)
    turns = max((len(curve.figures) for curve in chart.curves), default=1)
    frame = _Frame(turns, -chart.aside(0) if chart.curves else 0.0, ticks[0], ticks[-1])
    every = max(1, math.ceil(turns / _MOST_TURNS))
    return Drawn(
        [_line(chart, number, frame) for number in range(len(chart.curves))],
        [Tick(frame.x(turn), str(turn)) for turn in range(1, turns + 1, every)],
        [Tick(frame.y(value), f"{value:g}") for value in ticks],
    )


def _line(chart: Chart, number: int, frame: _Frame) -> Line:
    curve, points, ends = chart.curves[number], [], {}
    for turn, one in enumerate(curve.figures, start=1):
        if one.value is None:
            continue
        x = frame.x(turn + chart.aside(number))
        told = f"{curve.name}, turn {turn}: {one.value:.2f}"
        if one.low is not None and one.high is not None:
            told += f" [{one.low:.2f}, {one.high:.2f}]"
            ends[turn] = Bar(x, frame.y(one.low), frame.y(one.high))
        points.append(Point(x, frame.y(one.value), told))
    width = round(1.2 + 1.4 * chart.thickness(number), 2)
    if chart.banded:
        return Line(curve.name, points, width, _band(list(ends.values())), [])
    marks = range(1, frame.turns + 1)[marked(frame.turns, number, len(chart.curves))]
    return Line(curve.name, points, width, "", [ends[turn] for turn in marks if turn in ends])


def _band(ends: list[Bar]) -> str:
    upper = [f"{end.x:g},{end.high:g}" for end in ends]
    return " ".join([*upper, *(f"{end.x:g},{end.low:g}" for end in reversed(ends))])


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
