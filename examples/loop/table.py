"""The table of the loop: what the benchmark says of each model, beside the one it began from."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from statistics import fmean
from typing import Any

from rich.console import Console

from dialogues.card import read_card
from dialogues.store import open_store
from eval.grids import print_grid
from eval.result import Result
from examples.loop.circles import circles_of
from examples.loop.lines import HEADINGS, line_of, over_seeds
from examples.loop.memory import memory_of
from examples.loop.stages import Stages

_TABLE = itemgetter("benchmark", "user", "judge")


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
    """Print the figures of the benchmarks, and leave them in `rows.jsonl`.

    Where loops of the same size and other seeds lie beside this one, print their means as well.
    """
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
    _print(console, "", [[row] for row in rows])
    size = folder.name.rpartition("-")[0]
    files = sorted(folder.parent.glob(f"{size}-*/rows.jsonl"))
    if len(files) > 1:
        seeds = ", ".join(file.parent.name.rpartition("-")[2] for file in files)
        _print(console, f"mean of seeds {seeds}: ", alike([rows_in(file) for file in files]))


def rows_in(file: Path) -> list[dict[str, Any]]:
    """Return the rows of a loop."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def alike(loops: Sequence[Sequence[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Return the rows of what was measured in all loops, those of one model together."""
    same = defaultdict(list)
    for row in chain.from_iterable(loops):
        same[_TABLE(row), row["model"]].append(row)
    return [rows for rows in same.values() if len(rows) == len(loops)]


def _print(console: Console, title: str, models: Sequence[Sequence[dict[str, Any]]]) -> None:
    for (name, user, judge), group in groupby(models, lambda rows: _TABLE(rows[0])):
        cells = [over_seeds([*map(line_of, rows)]).cells() for rows in group]
        print_grid(console, f"{title}{name}: user {user}, judge {judge}", HEADINGS, cells)
    told_apart = {rows[0]["model"]: [row["told_apart"] for row in rows] for rows in models}
    for model, shares in told_apart.items():
        if None not in shares:
            share = fmean(shares)
            console.print(f"{model}: orders {share:.1%} of the held-out pairs as the judge does")
