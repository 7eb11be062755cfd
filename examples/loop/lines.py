"""Lines of the loop's tables: the figures of one model, or their means over several loops."""

from collections.abc import Sequence
from math import sqrt
from statistics import fmean
from typing import Any, NamedTuple

from eval.result import Band, Figure, Row

HEADINGS = (
    "model", "mean AL", "minus first", "IR", "null IR", "matched - mismatched", "words",
    "earlier: own", "others'", "circles",
)  # fmt: skip


class Line(NamedTuple):
    """What a table says of a model: figures with intervals, and shares of replies."""

    model: str
    mean: Figure
    versus: Figure | None
    ir: Figure
    null_ir: Band
    gap: Figure | None
    words: float
    earlier: float
    others: float
    circles: float

    def cells(self) -> list[str]:
        """Return the line as texts, one for each of the headings."""
        shares = (f"{100 * share:.0f} %" for share in (self.earlier, self.others, self.circles))
        figures = (_told(self.mean), _told(self.versus), _told(self.ir, 3), _band(self.null_ir))
        return [self.model, *figures, _told(self.gap), f"{self.words:.0f}", *shares]


def line_of(row: dict[str, Any]) -> Line:
    """Return the line of a row of `rows.jsonl`."""
    figures = Row.model_validate({**row["figures"], "assistant": row["model"], "al": []})
    return Line(
        model=row["model"].rpartition(":")[2],
        mean=figures.mean,
        versus=figures.versus.mean if figures.versus else None,
        ir=figures.ir,
        null_ir=figures.null_ir,
        gap=figures.gap,
        words=figures.words or 0,
        earlier=row["earlier"]["own"],
        others=row["earlier"]["others"],
        circles=row["circles"],
    )


def over_seeds(lines: Sequence[Line]) -> Line:
    """Return the means of a model's lines in several loops; one line is its own."""
    first, *others = lines
    if not others:
        return first
    return Line(
        model=first.model,
        mean=pooled([line.mean for line in lines]),
        versus=pooled([line.versus for line in lines]),
        ir=pooled([line.ir for line in lines]),
        null_ir=_pooled_band([line.null_ir for line in lines]),
        gap=pooled([line.gap for line in lines]),
        words=fmean(line.words for line in lines),
        earlier=fmean(line.earlier for line in lines),
        others=fmean(line.others for line in lines),
        circles=fmean(line.circles for line in lines),
    )


def pooled(figures: Sequence[Figure | None]) -> Figure:
    """Return the mean of a figure over loops, with the 95 % interval of that mean.

    It is of people, taken as independent in each loop: what others would have made of these very
    models. How other trainings would differ it does not say; that is in the figures of each loop.
    """
    values, halves = [], []
    for each in figures:
        if each is None or each.value is None or each.low is None or each.high is None:
            return Figure(value=None, low=None, high=None)
        values.append(each.value)
        halves.append((each.high - each.low) / 2)
    mean, half = fmean(values), _of_mean(halves)
    return Figure(value=mean, low=mean - half, high=mean + half)


def _pooled_band(bands: Sequence[Band]) -> Band:
    """Return the band of the mean of figures that are independent."""
    ends = [(band.low, band.high) for band in bands]
    if any(low is None or high is None for low, high in ends):
        return Band(low=None, high=None)
    low, high = map(_of_mean, zip(*ends, strict=True))
    return Band(low=-low, high=high)


def _of_mean(halves: Sequence[float]) -> float:
    return sqrt(sum(half * half for half in halves)) / len(halves)


def _told(figure: Figure | None, digits: int = 2) -> str:
    if figure is None or figure.value is None:
        return "-"
    half = "" if figure.low is None or figure.high is None else (figure.high - figure.low) / 2
    return f"{figure.value:.{digits}f}" + (f" ± {half:.{digits}f}" if half != "" else "")


def _band(band: Band) -> str:
    return f"[{band.low:.3f}, {band.high:.3f}]" if band.low is not None else "-"
