"""CSV: a line for every turn and every figure, which no spreadsheet runs."""

import csv
from pathlib import Path

from eval.result import Band, Result
from eval.sheets import write_sheets
from tests.eval.benching import a_result, a_row
from tests.eval.test_writing import HALF, RISING, everything, versus


def lines(result: Result, folder: Path, name: str) -> list[dict[str, str]]:
    write_sheets(result, folder)
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_there_is_a_line_for_each_assistant_user_judge_and_turn(tmp_path: Path) -> None:
    found = lines(everything("a,b"), tmp_path, "result.csv")
    assert len(found) == 2 * 2 * len(RISING)
    assert found[1] == {
        **{"assistant": "a,b", "user": "a,b", "judge": "a,b", "scale": "ALOE-style"},
        **{"turn": "2", "value": str(RISING[1])},
        **{"low": str(RISING[1] - 0.1), "high": str(RISING[1] + 0.1)},
    }


def test_what_is_undefined_is_empty(tmp_path: Path) -> None:
    found = lines(a_result(a_row("one", 2.0, None)), tmp_path, "result.csv")
    assert [each["value"] for each in found] == ["2.0", ""]


def test_every_figure_of_the_tables_is_in_the_summary(tmp_path: Path) -> None:
    row = a_row("one", *RISING, versus=versus("base"), null_ir=Band(low=-0.5, high=0.5), ir=HALF)
    found = {each["figure"]: each for each in lines(a_result(row), tmp_path, "summary.csv")}
    assert (found["ir"]["value"], found["ir"]["low"]) == ("0.5", "0.25")
    assert (found["null_ir"]["value"], found["null_ir"]["high"]) == ("", "0.5")
    assert found["minus base: mean"]["value"] == "0.5" and found["words"]["value"] == "21.4"


def test_no_name_is_a_formula_or_a_control_character(tmp_path: Path) -> None:
    for name in ("=cmd()", " +1", "@x", "-1", "\x1b[31m"):
        found = lines(a_result(a_row(name, *RISING)), tmp_path, "result.csv")
        assert found[0]["assistant"].startswith("'" if name[0] != "\x1b" else "␛")
