"""Grids in a terminal: no word is broken, whatever the width; -0.00 is 0.00."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from eval import columns
from eval.grids import print_grid
from eval.result import Figure, Result
from tests.eval.benching import a_result, a_row
from tests.eval.test_writing import HALF, RISING, everything, shown, versus

NAMES = ("hinted=scripted", "examples.new_agent:Mirror", "plain=hf:Qwen/Qwen3-4B-Instruct-2507")


def contest(users: int = 2, turns: int = 10) -> Result:
    """Return a result of several assistants, users and judges, with long names and figures."""
    wide = Figure(value=-0.987, low=-0.999, high=-0.123)
    figures = dict.fromkeys(("ir", "n_ir", "n_r2"), wide)
    curve = [1 + each * 3.9 / turns for each in range(turns)]
    rows = [a_row(name, *curve, versus=versus(NAMES[0]), **figures) for name in NAMES]
    (table,) = a_result(*rows).tables
    names = [(f"scripted:user{at}", judge) for at in range(users) for judge in NAMES[1:]]
    update = [{"user": user, "judge": judge} for user, judge in names]
    return a_result(tables=[table.model_copy(update=each) for each in update], turns=turns)


def whole(text: str) -> set[str]:
    """Return the words of a text, as a line may be broken after the signs of a spec."""
    return set(re.split(r"(?<=[=:/@])|\s+", text))


@pytest.mark.parametrize("turns", [5, 10, 12, 13, 70])
def test_nothing_is_broken_inside_a_word_at_80_columns(turns: int) -> None:
    result = contest(turns=turns)
    lines = shown(result).splitlines()
    assert max(map(cell_len, lines)) <= 80
    seen = whole(" ".join(lines))
    grids = [grid for section in columns.sections(result) for grid in section.grids]
    cells = [cell for grid in grids for row in (grid.header, *grid.rows) for cell in row]
    assert set().union(*map(whole, cells)) <= seen
    figures = [cell for grid in grids for row in grid.rows for cell in row[1:]]
    assert all(cell in line for cell in figures for line in [" ".join(lines)])


def test_what_compares_users_and_judges_comes_first() -> None:
    assert shown(contest()).startswith("transfer")
    assert columns.sections(contest(1))[0].plot is None
    assert columns.sections(a_result(a_row("one", *RISING)))[0].plot == 1


def test_columns_without_room_stand_below_beside_the_names() -> None:
    console = Console(file=io.StringIO(), width=30)
    header = ("assistant", *(f"figure{at}" for at in range(4)))
    print_grid(console, "", header, [("one", *("0.50 ± 0.10",) * 4)])
    text = console.file.getvalue()
    assert text.count("assistant") == text.count("one") > 1
    assert all(name in text for name in header) and text.count("0.50 ± 0.10") == 4


@pytest.mark.parametrize("width", [1, 5, 12, 20])
def test_a_terminal_without_room_is_no_error(width: int) -> None:
    assert "v" in shown(everything("very-long-name-without-any-sign-at-all"), width)


def test_al_of_each_turn_is_a_table_and_of_long_dialogues_of_means() -> None:
    one = columns.levels(a_result(a_row("one", 1, None, 5)).tables[0])
    assert (list(one.header), one.rows) == (
        ["assistant", "1", "2", "3"],
        [["one", "1.00", "-", "5.00"]],
    )
    long = columns.levels(a_result(a_row("one", *([2.0] * 6 + [4.0] * 64))).tables[0])
    assert long.header[1:3] == ["1-6", "7-12"] and long.header[-1] == "67-70"
    assert long.rows[0][1:3] == ["2.00", "4.00"] and "means of 6 turns" in long.title


def test_the_scale_of_the_drawn_curves_is_told() -> None:
    assert columns.main(a_result(a_row("one", 1.5, 4.25)).tables[0]).header[1] == "AL(k), 1.50-4.25"
    hundred = a_result(a_row("one", 0.5, 0.75), factor=100)
    assert columns.main(hundred.tables[0]).header[1] == "AL(k), 50.00-75.00"
    assert columns.levels(hundred.tables[0]).rows == [["one", "50.00", "75.00"]]


def test_an_interval_is_plus_or_minus_unless_it_is_cut() -> None:
    assert columns.figure(HALF, 1, 2) == "0.50 ± 0.25"
    assert columns.figure(HALF, 100, 0) == "50 ± 25"
    cut = Figure(value=4.9, low=4.7, high=5.0)
    assert columns.figure(cut, 1, 2) == "4.90 [4.70, 5.00]"
    assert columns.figure(Figure(value=4.9, low=None, high=None), 1, 2) == "4.90"


def test_what_rounds_to_nothing_has_no_sign() -> None:
    tiny = Figure(value=-0.001, low=-0.002, high=-0.0005)
    assert columns.figure(tiny, 1, 2) == "0.00 [0.00, 0.00]"
