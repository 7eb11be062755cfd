"""The table of the loop: what the benchmark says of each model, beside the one it began from."""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console

from dialogues.card import read_card
from dialogues.store import open_store
from eval.grids import print_grid
from eval.result import Band, Figure, Row
from examples.loop.circles import circles_of
from examples.loop.memory import memory_of
from examples.loop.over_seeds import measured_by, over_seeds, read_result, row_of
from examples.loop.stages import Stages

BENCHMARKS = ("results", "controls", "expansion")

_HEADINGS = (
    "model", "mean AL", "minus first", "IR", "null IR", "matched - mismatched", "words",
    "earlier: own", "others'", "circles",
)  # fmt: skip


def rows_of(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Walk the figures of each user, judge and model as a benchmark of the loop has them.

    `earlier` is the share of replies that speak of what this user, or another, told two turns ago
    or before; `circles` of those that say the same few words again and again; `told_apart` the
    share of pairs of people never trained on that a model of DPO orders as the judge does.
    """
    result = read_result(folder, name)

    @cache
    def said(user: str, assistant: str) -> dict[str, Any]:
        cases = (case for case in result.cases if (case.user, case.assistant) == (user, assistant))
        with open_store(str(folder / "eval.db")) as store:
            trees = [*store.run(next(cases).run).trees()]
        return {"earlier": memory_of(trees)._asdict(), "circles": circles_of(trees)}

    for table in result.tables:
        for row in table.rows:
            card = read_card(Path(row.assistant.removeprefix("hf:"))) or {}
            yield {
                **row_of(table, row),
                **said(table.user, row.assistant),
                "told_apart": card.get("measured", {}).get("rewards/accuracies"),
            }


def print_tables(stages: Stages) -> None:
    """Print the figures of the benchmarks, and leave them in `rows.jsonl`.

    Where loops of the same size and other seeds lie beside this one, do so with their means, too:
    those lie beside the loops.
    """
    folder, console = stages.path("."), Console()
    had = [name for name in BENCHMARKS if (folder / name / "result.json").exists()]
    rows = [{"benchmark": name, **row} for name in had for row in rows_of(folder, name)]
    _print(console, "", folder / "rows.jsonl", rows)
    size = folder.name.rpartition("-")[0]
    loops = sorted(file.parent for file in folder.parent.glob(f"{size}-*/rows.jsonl"))
    if len(loops) > 1:
        seeds = ", ".join(loop.name.rpartition("-")[2] for loop in loops)
        shared = [name for name in BENCHMARKS if all(name in measured_by(loop) for loop in loops)]
        means = [{"benchmark": name, **row} for name in shared for row in over_seeds(loops, name)]
        _print(console, f"mean of seeds {seeds}: ", folder.parent / f"{size}.jsonl", means)


def _print(console: Console, title: str, path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for (name, user, judge), group in groupby(rows, itemgetter("benchmark", "user", "judge")):
        above = f"{title}{name}: user {user}, judge {judge}"
        print_grid(console, above, _HEADINGS, [*map(_cells, group)])
    for model, share in {row["model"]: row["told_apart"] for row in rows}.items():
        if share is not None:
            console.print(f"{model}: orders {share:.1%} of the held-out pairs as the judge does")


def _cells(row: dict[str, Any]) -> list[str]:
    figures = Row.model_validate({**row["figures"], "assistant": row["model"], "al": []})
    versus = figures.versus.mean if figures.versus else None
    shares = (f"{100 * share:.0f} %" for share in (*row["earlier"].values(), row["circles"]))
    gap, words = _told(figures.gap), f"{figures.words or 0:.0f}"
    null = _band(figures.null_ir)
    name = row["model"].rpartition(":")[2]
    return [name, _told(figures.mean), _told(versus), _told(figures.ir, 3), null, gap,
            words, *shares]  # fmt: skip


def _told(figure: Figure | None, digits: int = 2) -> str:
    if figure is None or figure.value is None:
        return "-"
    half = "" if figure.low is None or figure.high is None else (figure.high - figure.low) / 2
    return f"{figure.value:.{digits}f}" + (f" ± {half:.{digits}f}" if half != "" else "")


def _band(band: Band) -> str:
    return f"[{band.low:.3f}, {band.high:.3f}]" if band.low is not None else "-"
