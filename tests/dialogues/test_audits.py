"""Audits: kept with their run, by kind and name, the newest in place of older ones."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Run, RunRecord, open_store
from dialogues.audits import audits_of, note_audit
from dialogues.errors import StoreError
from tests.growing import digest_of, grow
from tests.stress import at_once

json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-1, 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    with open_store(tmp_path / "a.db", create=True) as store:
        yield store.begin(RunRecord())


def test_a_run_nobody_audited_has_none(run: Run) -> None:
    assert audits_of(run, "judge") == audits_of(run, "simulator") == {}


def test_an_audit_is_kept_word_for_word(tmp_path: Path, run: Run) -> None:
    record = {"kappa": 0.74, "by": {"style": [1, None]}, "text": "“[red]”\n\U0001f469\u200d"}
    note_audit(run, "judge", "pointwise=openai:m", record)
    with open_store(tmp_path / "a.db") as again:
        assert audits_of(again.run(), "judge") == {"pointwise=openai:m": record}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with open_store(tmp_path_factory.mktemp("shared") / "a.db", create=True) as store:
        yield store.begin(RunRecord())


@given(st.dictionaries(st.text(max_size=5), json, max_size=4))
def test_any_json_comes_back_as_it_was(shared: Run, record: dict[str, Any]) -> None:
    note_audit(shared, "simulator", "any", record)
    assert audits_of(shared, "simulator") == {"any": record}


def test_the_newest_of_a_name_takes_the_place_of_older_ones(run: Run) -> None:
    for kappa in (0.1, 0.2):
        note_audit(run, "judge", "scripted", {"kappa": kappa})
    assert audits_of(run, "judge") == {"scripted": {"kappa": 0.2}}


def test_kinds_and_names_and_runs_do_not_touch_each_other(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db", create=True) as store:
        one, other = (store.begin(RunRecord(name=name)) for name in ("one", "other"))
        note_audit(one, "judge", "scripted", {"at": 1})
        note_audit(one, "simulator", "scripted", {"at": 2})
        note_audit(other, "judge", "scripted", {"at": 3})
        note_audit(one, "judge", "aardvark", {"at": 4})
        assert audits_of(one, "judge") == {"aardvark": {"at": 4}, "scripted": {"at": 1}}
        assert audits_of(one, "simulator") == {"scripted": {"at": 2}}
        assert audits_of(other, "judge") == {"scripted": {"at": 3}}
        assert audits_of(other, "simulator") == {}


def test_audits_come_by_name_whatever_the_order_they_were_made_in(run: Run) -> None:
    for name in ("b", "c", "a"):
        note_audit(run, "judge", name, {})
    assert list(audits_of(run, "judge")) == ["a", "b", "c"]


def test_an_audit_changes_no_tree(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    before = digest_of(store)
    with open_store(store) as opened:
        note_audit(opened.run(), "judge", "scripted", {"kappa": 1})
    assert digest_of(store) == before


def test_several_may_note_at_once(run: Run) -> None:
    at_once(lambda index: note_audit(run, "judge", "scripted", {"index": index}))
    (found,) = audits_of(run, "judge").values()
    assert found["index"] in range(6)


def test_a_store_that_cannot_keep_it_says_so(tmp_path: Path, run: Run) -> None:
    with closing(sqlite3.connect(tmp_path / "a.db")) as connection, connection:
        connection.execute("DROP TABLE audits")
    for work in (lambda: note_audit(run, "judge", "x", {}), lambda: audits_of(run, "judge")):
        with pytest.raises(StoreError, match=r"a\.db: no such table: audits"):
            work()
