"""The table of the loop: what the benchmark says of each model, beside the one it began from."""

import json
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console

from dialogues.card import read_card
from dialogues.store import open_store
from eval.grids import print_grid
from eval.result import Band, Figure, Result, Row
from examples.loop.circles import circles_of
from examples.loop.memory import memory_of
from examples.loop.stages import Stages

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
    result = Result.model_validate_json((folder / name / "result.json").read_text("utf-8"))

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
                "user": table.user,
                "judge": table.judge,
                "model": Path(row.assistant).name,
                "figures": row.model_dump(mode="json", exclude={"assistant", "al"}),
                "al": [level.value for level in row.al],
                **said(table.user, row.assistant),
                "told_apart": card.get("measured", {}).get("rewards/accuracies"),
            }


def print_tables(stages: Stages) -> None:
    """Print the figures of the benchmarks, and leave them in `rows.jsonl`."""
    folder = stages.path(".")
    rows = [
        {"benchmark": name, **row}
        for name in ("results", "controls", "expansion")
        if (folder / name / "result.json").exists()
        for row in rows_of(folder, name)
    ]
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")
    console = Console()
    for (name, user, judge), group in groupby(rows, itemgetter("benchmark", "user", "judge")):
        print_grid(console, f"{name}: user {user}, judge {judge}", _HEADINGS, [*map(_cells, group)])
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
