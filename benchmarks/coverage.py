"""How often the intervals of an evaluation hold the truth, where the truth is known.

    python -m benchmarks.coverage

Simulated benchmarks of 20 profiles × 5 personalities × 10 turns: a score is a level, plus a slope
times the turn, plus noise, and the slope is the mean one plus the profile's plus the personality's.
A second assistant with the same mean slope, whose profiles and personalities do otherwise, shows
how often `compared` finds a difference that is not there. Last come benchmarks in which nothing
changes, beside the null bands.
"""

import argparse
from collections.abc import Iterator

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from eval.resampling import Estimate, Interval, Summary, compared, summarise
from eval.scores import AloeScores

PROFILES, PERSONALITIES, TURNS, DRAWS = 20, 5, 10, 500
SLOPE, NOISE = 0.05, 0.9
SPREADS = (0.0, 0.02, 0.05, 0.1)
UNIT = 0.1
"""Everything is a tenth of its size, so that no score leaves the scale; no share depends on it."""


def simulated(slope: float, spread: float, rng: np.random.Generator) -> AloeScores:
    """Return a benchmark's scores.

    Args:
        slope: the mean slope.
        spread: standard deviation of the profiles' slopes, and of the personalities'.
        rng: where they come from.
    """
    profiles, personalities = (
        rng.normal(0, spread, size) for size in ((PROFILES, 1, 1), (1, PERSONALITIES, 1))
    )
    trend = (slope + profiles + personalities) * np.arange(1, TURNS + 1)
    noise = rng.normal(0, NOISE, (PROFILES, PERSONALITIES, TURNS))
    return AloeScores(
        (3 + UNIT * (trend + noise)).reshape(-1, TURNS),
        tuple(f"profile {at // PERSONALITIES}" for at in range(PROFILES * PERSONALITIES)),
        tuple(f"personality {at % PERSONALITIES}" for at in range(PROFILES * PERSONALITIES)),
    )


def holds(interval: Estimate | Interval, truth: float | None) -> bool:
    assert interval.low is not None and interval.high is not None and truth is not None
    return interval.low <= truth <= interval.high


def coverage(spread: float, rng: np.random.Generator) -> list[bool]:
    """Return which intervals of a benchmark hold the truth, and if `compared` errs (p < 0.05)."""
    one, other = (simulated(SLOPE, spread, rng) for _ in range(2))
    found = summarise(one, DRAWS, int(rng.integers(2**32)))
    difference = compared(one, other, None, DRAWS, int(rng.integers(2**32)))
    assert difference.mean_p is not None and difference.ir_p is not None
    return [
        holds(found.ir, UNIT * SLOPE),
        holds(found.mean, 3 + UNIT * SLOPE * (TURNS + 1) / 2),
        holds(found.n_ir, 1 / (TURNS - 1)),
        holds(found.r2, 1.0),
        difference.ir_p < 0.05,
        difference.mean_p < 0.05,
    ]


def outside(found: Summary) -> list[bool]:
    """Return whether IR and N-IR lie outside their null bands."""
    return [
        not holds(found.null_ir, found.ir.value),
        not holds(found.null_n_ir, found.n_ir.value),
    ]


def shares(rows: Iterator[list[bool]], benchmarks: int, what: str, console: Console) -> list[str]:
    seen = track(rows, what, benchmarks, console=console, transient=True)
    return [f"{share:.1%}" for share in np.mean(list(seen), axis=0)]


def main() -> None:
    parser = argparse.ArgumentParser(description="How often intervals hold a known truth.")
    parser.add_argument("--benchmarks", type=int, default=1000, help="how many to simulate of each")
    count = parser.parse_args().benchmarks
    rng, console = np.random.default_rng(0), Console()
    table = Table(
        "slope SDs", "IR", "mean AL", "N-IR", "R²", "IR differs", "mean AL differs",
        title=f"95 % intervals that hold the truth, and false alarms at 5 %: {count} benchmarks",
    )  # fmt: skip
    for spread in SPREADS:
        rows = (coverage(spread, rng) for _ in range(count))
        table.add_row(f"{spread:g}", *shares(rows, count, f"slope SDs {spread:g}", console))
    flat = (simulated(0, 0, rng) for _ in range(count))
    nothing = (outside(summarise(each, DRAWS, at)) for at, each in enumerate(flat))
    ir, n_ir = shares(nothing, count, "null band", console)
    console.print(table)
    console.print(f"where nothing changes, outside the null band: IR {ir}, N-IR {n_ir}")


if __name__ == "__main__":
    main()
