"""Resuming a run: what may change, and what is refused by name."""

from pathlib import Path

import pytest

from graphs.simulate import FREE_ON_RESUME
from tests.agents.troupe import PATH
from tests.graphs.stage import Capture, error_line
from tests.growing import digest_of, grow, simulate, trees_of


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--turns", "4"], "(turns 3, not 4)"),
        (["--seed", "1"], "(seed 0, not 1)"),
        (["--expand", "best"], "(expand 'random', not 'best')"),
        (["--judge", f"{PATH}:DrawingJudge"], "(judge ['scripted'], not "),
        (["--assistant", "plain=scripted"], "(assistant "),
        (["--per-profile", "3"], "(per_profile 10, not 3)"),
        (["--system", "Be kind."], "(system '', not 'Be kind.')"),
    ],
)
def test_resuming_with_another_setting_is_refused_by_name(
    tmp_path: Path, capsys: Capture, flags: list[str], named: str
) -> None:
    store = grow(tmp_path / "a.db", limit=1)
    before = digest_of(store)
    capsys.readouterr()
    assert simulate(store, "--limit", "1", "--turns", "3", *flags) == 2
    assert named in error_line(capsys)
    assert digest_of(store) == before


def test_resuming_with_other_personas_is_refused(tmp_path: Path, capsys: Capture) -> None:
    store = grow(tmp_path / "a.db", limit=1)
    (tmp_path / "profiles.jsonl").write_text('"He is 30 and keeps bees."')
    (tmp_path / "personalities.jsonl").write_text('"He is shy."')
    capsys.readouterr()
    assert simulate(store, "--turns", "3", "--pool", str(tmp_path)) == 2
    assert "(pool " in error_line(capsys)


def test_limit_concurrency_and_workers_may_change_on_resume(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=1)
    grow(store, "--concurrency", "3", limit=4)
    assert len(trees_of(store)) == 4
    assert {"limit", "concurrency", "workers"} <= FREE_ON_RESUME


def test_a_smaller_limit_on_resume_takes_nothing_away(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=4)
    before = digest_of(store)
    grow(store, limit=2)
    assert digest_of(store) == before


def test_another_endpoint_may_be_used_on_resume(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", "--judge", "scripted@here", limit=1)
    grow(store, "--judge", "scripted@there", limit=2)
    assert len(trees_of(store)) == 2
