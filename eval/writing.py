"""Writing results down: JSON with everything, Markdown to read, plots of AL(k)."""

from pathlib import Path

from dialogues.errors import UsageError
from eval.markdown import markdown
from eval.plotting import chart_of, plot
from eval.result import Result

RESULT = "result.json"


def write(result: Result, folder: Path) -> None:
    """Write `result.json`, `result.md` and the plots into a folder, which is made if need be.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RESULT).write_text(result.model_dump_json(indent=2) + "\n", encoding="utf-8")
        (folder / "result.md").write_text(markdown(result), encoding="utf-8")
        for number, table in enumerate(result.tables, start=1):
            plot(chart_of(table), *(folder / f"al_{number}.{kind}" for kind in ("png", "svg")))
    except OSError as error:
        raise UsageError(f"--out {folder}: cannot be written ({error.strerror})") from error
