"""Audits that a store keeps are in its report."""

from pathlib import Path

from dialogues.audits import note_audit
from dialogues.store import open_store
from eval.simulator import Simulator
from tests.eval.auditing.stage import audit, few_labels
from tests.eval.reporting.stage import report
from tests.growing import command, grow


def test_audits_of_judges_and_users_are_shown(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=3, turns=2)
    assert audit(store, "--sample", 3, "--labels", few_labels(tmp_path, 4)) == 0
    assert command(Simulator, store) == 0
    assert report(tmp_path / "report.html", store) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for told in (
        "a.db/main: judge scripted",
        "in both orders: first shown preferred",
        "agreement",
        "a.db, user scripted, run main: persona consistency, by rules",
        "facts revealed by a message",
    ):
        assert told in page
    assert "was audited" not in page


def test_an_audit_of_another_version_is_named(tmp_path: Path) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    with open_store(store) as opened:
        note_audit(opened.run(), "judge", "scripted", {"judge": "scripted", "old": True})
    assert report(tmp_path / "report.html", store) == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "the audit of scripted is of another version" in page
    assert "python -m eval.judge" in page
