"""Writing results down: JSON with everything, Markdown to read, CSV, plots of AL(k)."""

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile

from dialogues.errors import UsageError
from eval.markdown import markdown
from eval.plotting import chart_of, plot
from eval.previous import RESULT, result_in
from eval.result import Result
from eval.sheets import write_sheets


def check_writable(folder: Path) -> None:
    """Make sure that a folder can be made and written into; leave everything as it was.

    Raises:
        UsageError: it cannot.
    """
    new = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refusal(folder, error) from error
    finally:
        for each in new:
            with suppress(OSError):
                each.rmdir()


def write(result: Result, folder: Path) -> None:
    """Write `result.json`, `result.md`, CSV and the plots into a folder, which is made if need be.

    Plots of the result that was there before are removed where the new one has no such table.

    Raises:
        UsageError: it cannot be written.
    """
    before = result_in(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / RESULT).write_text(result.model_dump_json(indent=2) + "\n", encoding="utf-8")
        (folder / "result.md").write_text(markdown(result), encoding="utf-8")
        write_sheets(result, folder)
        for number, table in enumerate(result.tables, start=1):
            plot(chart_of(table), *_plots(folder, number))
        for number in range(len(result.tables) + 1, len(before.tables) + 1 if before else 0):
            for path in _plots(folder, number):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error


def _plots(folder: Path, number: int) -> list[Path]:
    return [folder / f"al_{number}.{kind}" for kind in ("png", "svg")]


def _refusal(folder: Path, error: OSError) -> UsageError:
    reason = "it is no folder" if isinstance(error, FileExistsError) else error.strerror or error
    return UsageError(f"--out {folder}: cannot be written ({reason}); give another folder")
