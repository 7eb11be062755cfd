"""The audit of judges as a command: what is asked, kept, written and refused."""

import json
import shutil
from pathlib import Path

import pytest

from eval.auditing.record import Audit
from eval.labels import read_labels
from tests.agents.prompted.serving import config
from tests.eval.auditing.stage import (
    audit,
    audits,
    dialogues,
    few_labels,
    named,
    scored_by,
    spec,
)
from tests.growing import digest_of, error_line
from tests.model_server import ModelServer

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(grown_store: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "trees.db"
    shutil.copyfile(grown_store, copy)
    return copy


@pytest.fixture
def few(tmp_path: Path) -> tuple[str, ...]:
    """Flags of a small audit."""
    return ("--sample", "5", "--repeats", "2", "--labels", str(few_labels(tmp_path)))


def the_only(store: Path) -> Audit:
    (found,) = audits(store).values()
    return found


def test_the_runs_own_judge_is_audited_and_no_tree_changes(
    store: Path, few: tuple[str, ...], capsys: Captured
) -> None:
    before = digest_of(store)
    assert audit(store, *few) == 0
    found = the_only(store)
    assert (found.judge, found.agent) == ("scripted", "agents.scripted.judge:ScriptedJudge")
    assert (found.repetition.same.value, found.place.same.value) == (1.0, 1.0)
    assert (found.repetition.differ.value, found.sampling) == (0.0, None)
    assert digest_of(store) == before
    shown = capsys.readouterr().out
    assert "judge scripted" in shown and "labels by construction" in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_the_next_audit_of_a_judge_takes_the_place_of_the_last(
    store: Path, few: tuple[str, ...]
) -> None:
    assert audit(store, *few, *named("scripted", "FirstShown")) == 0
    assert audit(store, *few, "--seed", "1") == 0
    found = audits(store)
    assert {name: each.seed for name, each in found.items()} == {"scripted": 1, "FirstShown": 0}


def test_a_benchmarks_judges_score_what_they_saw(tmp_path: Path, few: tuple[str, ...]) -> None:
    judged = scored_by("LastMessageOnly", "aloe")
    store = dialogues(tmp_path / "bench.db", ["Oh.", "Oh."], turns=3, judged=judged)
    assert audit(store, *few) == 0
    found = the_only(store)
    assert (found.judge, found.single, found.sets) == (spec("LastMessageOnly"), True, 5)
    on_sets = [each for each in found.answers if each.order == (0,)]
    assert [each.scores for each in on_sets] == [{0: 5.0}] * 10
    assert (found.repetition.same.value, found.repetition.same.items) == (1.0, 5)
    assert (found.place.same.items, found.repetition.preferred.items) == (0, 0)


def test_judges_of_single_replies_are_compared_by_their_scores(
    tmp_path: Path, few: tuple[str, ...]
) -> None:
    store = dialogues(tmp_path / "bench.db", ["Oh."], turns=3)
    assert audit(store, *few, *named("Moody", "LengthScore", "Passing", "FirstShown")) == 0
    found = audits(store)
    items = {name: [each.alpha.items for each in audited.panel] for name, audited in found.items()}
    # One scores from 0 to 1, and one not at all.
    assert items["Moody"] == [5, 0, 0]
    assert items["Passing"] == items["FirstShown"] == [0, 0, 0]
    assert found["FirstShown"].repetition.same.items == 0


def test_a_judge_that_fails_has_said_nothing(
    store: Path, few: tuple[str, ...], capsys: Captured
) -> None:
    assert audit(store, *few, *named("Failing")) == 1
    found = the_only(store)
    assert found.failures == {"TimeoutError": found.asked}
    assert (found.repetition.same.items, found.place.ties.value) == (0, None)
    assert (found.rightness.right.items, found.rightness.ties.value) == (0, None)
    assert (found.labelled[0].kappa.value, found.labelled[0].kappa.items) == (None, 0)
    said = " ".join(capsys.readouterr().err.split())
    assert f"{found.asked} × TimeoutError, such as no answer in 60 s" in said


def test_a_few_failures_are_named_and_left_out(store: Path, tmp_path: Path) -> None:
    labels = ("--labels", few_labels(tmp_path, 20))
    assert audit(store, *labels, "--repeats", "5", *named("RarelyFailing")) == 0
    found = the_only(store)
    assert set(found.failures) == {"ConnectionError"}
    assert 0 < found.failed <= 0.1 * found.asked
    assert found.repetition.same.items < found.sets
    assert (found.repetition.same.value, found.place.ties.value) == (1.0, 0.0)
    lost = sum(bool(each.failure) for each in found.answers[-20:])
    assert found.rightness.right.items == 20 - lost


def test_what_is_found_is_written(store: Path, few: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "new" / "folder"
    assert audit(store, *few, *named("scripted", "Longest"), "--out", out) == 0
    written = json.loads((out / "judges.json").read_text(encoding="utf-8"))
    found = {each["judge"]: Audit.model_validate(each) for each in written}
    assert found == {each.judge: each for each in audits(store).values()}
    page = (out / "judges.md").read_text(encoding="utf-8")
    assert page.startswith("# Audit of judges") and "judges:Longest" in page


@pytest.mark.parametrize(("role", "scale"), [("", None), ("pointwise=", 5), ("binary=", 1)])
def test_a_model_is_a_judge_whose_every_verdict_is_read(
    store: Path, few: tuple[str, ...], tmp_path: Path, role: str, scale: int | None
) -> None:
    with ModelServer() as server:
        flags = (*few, *config(tmp_path, server), "--judge", f"{role}openai:stub")
        assert audit(store, *flags) == 0
    found = the_only(store)
    assert (found.judge, found.failures) == (f"{role}openai:stub", {})
    assert found.sampling is not None and found.sampling.temperature == 0
    assert found.prompt
    assert (found.place.same.value, found.repetition.same.value) == (1.0, 1.0)
    assert {each.scale[1] for each in found.answers if each.scores} == ({scale} if scale else set())


def test_a_text_that_is_no_verdict_is_none(
    store: Path, few: tuple[str, ...], tmp_path: Path
) -> None:
    with ModelServer(lambda call: "I like them both, really.") as server:
        assert audit(store, *few, *config(tmp_path, server), "--judge", "openai:stub") == 1
    found = the_only(store)
    assert found.failures == {"Unparsable": found.asked}
    assert found.rightness.right.value is None


def filled(form: Path, out: Path) -> None:
    """Two people fill the form: Ada as the labels have it but for ties, Bo always the first."""
    labels = {label.id: label for label in read_labels(form.with_name("labels.jsonl"))}
    lines = []
    for text in form.read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        preferred = labels[line["item"]].preferred
        ada = "" if preferred is None else ("first", "second")[line["shown"].index(preferred)]
        lines += [{**line, "by": "Ada", "pick": ada}, {**line, "by": "Bo", "pick": "first"}]
    out.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")


def test_people_fill_the_form_and_are_compared(store: Path, tmp_path: Path) -> None:
    labels = ("--labels", few_labels(tmp_path, 20))
    form, picks = tmp_path / "form.jsonl", tmp_path / "picks.jsonl"
    assert audit(None, "--blind", form, *labels) == 0
    filled(form, picks)
    flags = ("--sample", "2", "--repeats", "2", "--picks", picks, *labels)
    assert audit(store, *flags, *named("Perfect")) == 0
    found = the_only(store)
    rows = {(each.one, each.other): each for each in (*found.people, *found.labelled)}
    made, judge = "labels (construction)", spec("Perfect")
    assert set(rows) == {
        *((made, "Ada"), (made, "Bo"), ("Ada", "Bo")),
        *((judge, made), (judge, "Ada"), (judge, "Bo")),
    }
    decided = sum(each.preferred is not None for each in read_labels(tmp_path / "labels.jsonl"))
    assert 0 < decided < 20
    assert (rows[made, "Ada"].kappa.value, rows[made, "Ada"].kappa.items) == (1.0, decided)
    assert (rows[made, "Bo"].kappa.items, rows["Ada", "Bo"].kappa.items) == (20, decided)
    for other in ("Ada", "Bo"):
        assert rows[judge, other].kappa == rows[made, other].kappa


def test_a_form_needs_no_store_and_asks_nobody(store: Path, tmp_path: Path) -> None:
    form = tmp_path / "form.jsonl"
    assert audit(store, "--blind", form, *named("Failing")) == 0
    assert len(form.read_text(encoding="utf-8").splitlines()) == 134
    assert audits(store) == {}


def test_a_filled_form_is_not_written_over(tmp_path: Path, capsys: Captured) -> None:
    form = tmp_path / "form.jsonl"
    form.write_text("filled")
    assert audit(None, "--blind", form) == 2
    assert "is there already" in error_line(capsys.readouterr().err)
    assert form.read_text() == "filled"


def test_a_form_is_written_or_read(store: Path, tmp_path: Path, capsys: Captured) -> None:
    form = tmp_path / "form.jsonl"
    assert audit(store, "--blind", form, "--picks", tmp_path / "picks.jsonl") == 2
    assert "give one of the two" in error_line(capsys.readouterr().err)
    assert not form.exists()


@pytest.mark.parametrize("name", ["taken", "taken/below"])
def test_where_nothing_can_be_written_nobody_is_asked(
    store: Path, tmp_path: Path, capsys: Captured, name: str
) -> None:
    (tmp_path / "taken").write_text("a file")
    assert audit(store, "--out", tmp_path / name, *named("Failing")) == 2
    assert f"--out {tmp_path / name}: cannot be written (" in error_line(capsys.readouterr().err)
    assert audits(store) == {}


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--run", "nope"), "no run 'nope'; name one with --run: main"),
        (("--judge", "scripted", "--judge", "scripted"), "named twice"),
        (("--judge", "nobody"), "unknown agent 'nobody'"),
        (("--labels", "gone.jsonl"), "gone.jsonl"),
        (("--picks", "gone.jsonl"), "gone.jsonl"),
        (("--repeats", "1"), "--repeats 1"),
        (("--sample", "0"), "--sample 0"),
    ],
)
def test_wrong_usage_is_one_line(
    store: Path, capsys: Captured, flags: tuple[str, ...], told: str
) -> None:
    assert audit(store, *flags) == 2
    assert told in error_line(capsys.readouterr().err)
    assert audits(store) == {}


def test_a_store_is_needed(capsys: Captured) -> None:
    assert audit(None, "--sample", "5") == 2
    assert "STORE is missing" in error_line(capsys.readouterr().err)


def test_a_run_without_a_judge_wants_one_named(tmp_path: Path, capsys: Captured) -> None:
    store = dialogues(tmp_path / "a.db", ["Oh.", "Indeed."])
    assert audit(store) == 2
    assert "no judge of its own; give --judge" in error_line(capsys.readouterr().err)


def test_the_runs_judge_may_be_out_of_reach(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    judged = scored_by("openai:far-away", "grove")
    store = dialogues(tmp_path / "a.db", ["Oh.", "Indeed."], judged=judged)
    assert audit(store) == 2
    line = error_line(capsys.readouterr().err)
    assert "OPENAI_API_KEY" in line and "name one with --judge" in line
