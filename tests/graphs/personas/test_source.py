"""Pools from files: the rows of a column in their order, and what happens when they end."""

import csv
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.graphs.personas.pools import (
    NONSENSE,
    Capture,
    build,
    built,
    check_index,
    content,
    records,
    rounds,
    said,
    texts,
)
from tests.graphs.personas.writers import of_nonsense
from tests.graphs.stage import error_line

_DRAW = Random(5)
ROWS = [of_nonsense(_DRAW) for _ in range(45)]
SHAPE = ("--per-profile", 1, "--personalities", 1, "--eval-profiles", 2, "--eval-personalities", 1)
FORMATS = ("jsonl", "json", "csv", "parquet")


@pytest.fixture(autouse=True)
def no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `datasets` keep nothing outside of the test's folder."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


def source(path: Path, rows: list[Any], column: str = "bio") -> Path:
    """Write a file with a column of texts beside one of numbers."""
    table = [{"number": number, column: row} for number, row in enumerate(rows)]
    if path.suffix == ".csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ["number", column])
            writer.writeheader()
            writer.writerows(table)
    elif path.suffix == ".parquet":
        import pyarrow
        from pyarrow.parquet import write_table

        write_table(pyarrow.Table.from_pylist(table), path)
    elif path.suffix == ".json":
        path.write_text(json.dumps(table))
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table))
    return path


def taken(path: Path, *flags: object) -> tuple[object, ...]:
    return ("--from", path, "--profile-column", "bio", "--writer", NONSENSE, *SHAPE, *flags)


@pytest.mark.parametrize("form", FORMATS)
def test_rows_are_taken_in_order_the_first_for_evaluation(tmp_path: Path, form: str) -> None:
    path = source(tmp_path / f"people.{form}", ROWS)
    pool = built(tmp_path / "a", *taken(path), target=25)
    assert texts(pool) == ROWS[:27]
    assert [each["split"] for each in records(pool)] == ["eval"] * 2 + ["train"] * 25
    check_index(pool)


@pytest.mark.parametrize("form", FORMATS)
def test_rows_that_are_no_text_are_left_out(tmp_path: Path, form: str) -> None:
    rows = [ROWS[0], None, ROWS[1], *[None] * 30, *ROWS[2:9]]
    pool = built(tmp_path / "a", *taken(source(tmp_path / f"people.{form}", rows)), target=7)
    assert texts(pool) == ROWS[:9]


def test_rows_that_are_no_description_or_known_or_alike_are_left_out(tmp_path: Path) -> None:
    rows = [ROWS[0], "short", ROWS[0], f"{ROWS[0]} Bababo.", "x" * 3000, "", ROWS[1], ROWS[2]]
    pool = built(tmp_path / "a", *taken(source(tmp_path / "people.jsonl", rows)), target=1)
    assert texts(pool) == ROWS[:3]
    made = rounds(pool)[0]
    assert (made.unfit, made.known, made.near, made.admitted) == (3, 1, 1, 3)


def test_the_language_is_recorded_with_each_text(tmp_path: Path) -> None:
    path = source(tmp_path / "people.jsonl", ROWS)
    pool = built(tmp_path / "a", *taken(path, "--language", "nn"), target=3)
    assert {each["language"] for each in records(pool)} == {"nn"}


def test_both_kinds_can_come_from_one_file(tmp_path: Path) -> None:
    path = source(tmp_path / "people.jsonl", ROWS)
    flags = ("--from", path, "--profile-column", "bio", "--personality-column", "bio", *SHAPE)
    pool = built(tmp_path / "a", *flags, target=3)
    assert texts(pool) == ROWS[:5]
    assert texts(pool, "personality") == ROWS[:2]


def test_seeds_that_are_named_come_before_the_rows(tmp_path: Path) -> None:
    path = source(tmp_path / "people.jsonl", ROWS)
    seeds = built(tmp_path / "other", "--writer", NONSENSE, *SHAPE, target=2)
    pool = built(tmp_path / "a", *taken(path, "--seeds", seeds), target=4)
    assert texts(pool) == texts(seeds) + ROWS[:2]


def test_a_source_that_ends_too_early_says_so(tmp_path: Path, capsys: Capture) -> None:
    path = source(tmp_path / "people.jsonl", ROWS)
    assert build(tmp_path / "a", *taken(path), target=44) == 1
    assert f"profiles: {path} holds no more" in said(capsys)
    assert texts(tmp_path / "a") == ROWS
    before = content(tmp_path / "a")
    assert build(tmp_path / "a", *taken(path), target=44) == 1
    assert content(tmp_path / "a") == before


@pytest.mark.parametrize("count", [20, 40, 45])
def test_a_source_that_ends_with_the_target_is_enough(tmp_path: Path, count: int) -> None:
    path = source(tmp_path / "people.jsonl", ROWS[:count])
    pool = built(tmp_path / "a", *taken(path), target=count - 2)
    assert texts(pool) == ROWS[:count]


def test_a_source_without_news_in_many_rounds_is_read_to_its_end(tmp_path: Path) -> None:
    path = source(tmp_path / "people.jsonl", [ROWS[0]] * 500 + ROWS[1:4])
    pool = built(tmp_path / "a", *taken(path, "--patience", 1, "--calls", 1), target=2)
    assert texts(pool) == ROWS[:4]


def test_a_larger_target_goes_on_with_the_next_row(tmp_path: Path) -> None:
    path = source(tmp_path / "people.jsonl", ROWS)
    pool = tmp_path / "a"
    for target in (3, 9, 30, 43):
        built(pool, *taken(path), target=target)
        assert texts(pool) == ROWS[: target + 2]


def test_a_pool_that_lost_its_last_round_takes_no_row_twice(tmp_path: Path) -> None:
    path = source(tmp_path / "people.jsonl", ROWS)
    pool = built(tmp_path / "a", *taken(path, "--calls", 1), target=38)
    made = (pool / "rounds.jsonl").read_text().splitlines(keepends=True)
    (pool / "rounds.jsonl").write_text("".join(made[:1]))
    built(pool, *taken(path, "--calls", 1), target=43)
    assert texts(pool) == ROWS


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("missing.jsonl", None, "no such file"),
        ("people.txt", "He is 5.", "give a .jsonl, .json, .csv or .parquet file"),
        ("people", "He is 5.", "give a .jsonl, .json, .csv or .parquet file"),
        ("people.jsonl", '{"life": "He is 5."}\n', "no column 'bio'; it has life"),
        ("people.csv", "life,age\nHe is 5.,5\n", "no column 'bio'; it has life, age"),
        ("people.jsonl", "", "cannot be read"),
        ("people.csv", "", "cannot be read"),
        ("people.parquet", "PAR1", "cannot be read"),
        ("people.jsonl", "not JSON\n", "cannot be read"),
    ],
)
def test_a_bad_source_is_one_line_and_makes_no_pool(
    tmp_path: Path,
    capsys: Capture,
    caplog: pytest.LogCaptureFixture,
    name: str,
    text: str | None,
    told: str,
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    assert build(tmp_path / "a", *taken(tmp_path / name)) == 2
    line = error_line(capsys)
    assert f"--from {tmp_path / name}: " in line
    assert told in line
    assert not (tmp_path / "a").exists()
    assert not caplog.messages


def test_a_file_with_brackets_in_its_name_is_that_file(tmp_path: Path) -> None:
    path = source(tmp_path / "people[1].jsonl", ROWS)
    assert texts(built(tmp_path / "a", *taken(path), target=1)) == ROWS[:3]


def test_a_data_set_of_the_hub_may_have_a_dot_in_its_name(
    tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for switch in ("datasets.config.HF_HUB_OFFLINE", "huggingface_hub.constants.HF_HUB_OFFLINE"):
        monkeypatch.setattr(switch, True)
    assert build(tmp_path / "a", *taken(Path("argilla/FinePersonas-v0.1"))) == 2
    assert "--from argilla/FinePersonas-v0.1: cannot be read" in error_line(capsys)
