"""Below the tables: every heading is explained, and so is every blank."""

import re
from pathlib import Path

import pytest

from eval import columns
from eval.legend import notes
from tests.eval.benching import CHEAP, EXACT, ONE, OTHER, a_result, a_row, bench, result_in
from tests.eval.test_writing import RISING, everything

FEW = ("--turns", "3", "--judge", EXACT, "--assistant", ONE, "--assistant", OTHER, *CHEAP[:2])


def test_every_heading_of_a_table_is_explained() -> None:
    told = "\n".join(notes(everything("one")))
    for kind in (columns.MAIN, columns.RISE, columns.VERSUS, columns.FLIPS, columns.PROBES):
        for heading in set(kind[1:]) - {"words", "missing", "cases", "mean AL"}:
            words = re.sub(r"(old|new) kept (before|after)", "new kept", heading)
            assert words in told, heading


@pytest.mark.parametrize(("cases", "counts"), [("1", "1 and 1"), ("5", "1 and 5"), ("6", "2 and")])
def test_few_people_have_no_interval_and_the_page_says_why(
    tmp_path: Path, cases: str, counts: str
) -> None:
    assert bench(tmp_path, "--cases", cases, *FEW, "--baseline", ONE) == 0
    result = result_in(tmp_path)
    for row in result.tables[0].rows:
        figures = [*row.al, row.mean, row.ir, *([row.gap] if row.gap else [])]
        assert {(each.low, each.high) for each in figures} == {(None, None)}
        assert row.versus is None or (row.versus.p, row.versus.detectable) == (None, None)
    (why,) = [note for note in notes(result) if note.startswith("no intervals")]
    assert f"there are {counts}" in why and "--cases" in why
    assert not [note for note in notes(result) if note.startswith("±")]
    assert "no intervals" in (tmp_path / "out" / "result.md").read_text()


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (("--cases", "5"), "give more --cases"),
        (("--cases", "11", "--swap", "0"), "give --swap 1 or more"),
    ],
)
def test_a_blank_matched_minus_mismatched_says_why(
    tmp_path: Path, flags: tuple[str, ...], why: str
) -> None:
    assert bench(tmp_path, *flags, *FEW) == 0
    result = result_in(tmp_path)
    assert {row.gap for row in result.tables[0].rows} == {None}
    assert all((row.mean.low is None) == ("5" in flags) for row in result.tables[0].rows)
    (told,) = [note for note in notes(result) if "is blank" in note and "matched" in note]
    assert why in told


def test_nothing_blank_needs_no_reason() -> None:
    said = notes(a_result(a_row("one", *RISING)))
    assert not [note for note in said if "blank" in note or "no intervals" in note]
    assert [note for note in said if note.startswith("±")]
