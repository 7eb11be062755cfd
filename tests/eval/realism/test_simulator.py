"""The audit of users whose properties are known, through the real command."""

import shutil
from pathlib import Path

import pytest

from eval.realism.record import Audit
from eval.simulator import Simulator
from tests.dialogues.incoming import chat, lines
from tests.eval.realism.auditing import audit, grown, kept
from tests.eval.realism.users import AGES, PATH
from tests.growing import command, error_line, grow, simulate

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def store(grown_store: Path, tmp_path: Path) -> Path:
    """Return a copy of the shared store, since an audit writes."""
    return Path(shutil.copy(grown_store, tmp_path / "copy.db"))


def test_a_user_who_opens_alike_and_answers_nothing(tmp_path: Path) -> None:
    found = audit(grown(tmp_path, "Opener"))
    diversity, will = found.diversity, found.cooperation
    assert (found.dialogues, found.of) == (3, 3)
    assert diversity.distinct_first.value == pytest.approx(1 / 3)
    assert diversity.similarity.value == pytest.approx(1)
    assert (diversity.same_opening.value, diversity.same_opening.total) == (1, 3)
    assert (will.answered.value, will.answered.total) == (0, 9)
    assert (will.asks.value, will.left.value, will.acts) == (0, 0, {})
    assert found.consistency.persona.value == found.consistency.earlier.value == 1
    assert found.consistency.answered.value == 0
    assert found.consistency.right.value is None
    assert found.revelation and found.revelation.silent.value == 1
    # 6 + 3 + 3 + 3 words, the same in all three dialogues.
    assert diversity.words.value == pytest.approx(15 / 4)
    assert diversity.distinct_1 == pytest.approx(15 / 45)


def test_a_user_who_contradicts_its_age(tmp_path: Path) -> None:
    one = audit(grown(tmp_path, "Liar")).consistency
    assert (one.persona.value, one.persona.total) == (0.5, 12)
    # In the second message the first one is contradicted; then both ages have been said.
    assert (one.earlier.value, one.earlier.total) == (pytest.approx(2 / 3), 9)
    assert (one.by, one.checks, one.failed) == ("rules", 3 * (4 + 3 + 1), {})
    assert [each.turn for each in one.found if each.kind == "persona"] == [2, 4] * 3
    assert {each.words for each in one.found} == {"I'm 61, and glad of it.", AGES[3]}


def test_a_user_who_recites_its_profile(tmp_path: Path) -> None:
    found = audit(grown(tmp_path, "Dumper"))
    assert found.revelation
    # Five facts each: two, two, one, none.
    assert found.revelation.curve == [0.4, 0.8, 1.0, 1.0]
    assert found.revelation.per_turn.value == pytest.approx(5 / 4)
    assert (found.revelation.silent.value, found.revelation.dumps.value) == (0.25, 1)
    assert found.revelation.source == "words"
    one = found.consistency
    assert (one.answered.value, one.answered.total, one.right.value) == (1, 15, 1)


def test_a_user_who_answers_asks_and_leaves(tmp_path: Path) -> None:
    found = audit(grown(tmp_path, "Willing"))
    will = found.cooperation
    assert (will.answered.value, will.answered.total) == (1, 6)
    assert (will.asks.value, will.left.value) == (1, 1)
    assert will.acts["leave"].value == pytest.approx(1 / 3)
    assert [will.acts[name].value for name in ("refuse", "deflect", "complain")] == [0, 0, 0]
    assert found.revelation and found.revelation.source == "gold"
    assert found.revelation.curve == pytest.approx([0.2, 0.4, 0.6])
    assert found.revelation.dumps.value == 0


def test_faults_and_failures_are_counted(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    flags = ("--user", f"{PATH}:Slipping", "--limit", "2", "--turns", "4")
    simulate(store, *flags)
    gate = audit(store).gate
    # Two trees: twice a slip that was mended, then three that were not.
    assert gate.faults == {"role_flip": 2 * (1 + 1 + 3)}
    assert gate.failures == {"RoleFlip": 2}
    assert gate.texts == 2 * 2 + 10


@pytest.mark.parametrize("user", ["scripted", "scripted:uncooperative", "scripted:interviewer"])
def test_the_shipped_users_contradict_nothing_the_rules_see(tmp_path: Path, user: str) -> None:
    store = grow(tmp_path / "a.db", "--user", user, limit=4, turns=5)
    found = audit(store)
    assert found.user == user
    assert found.consistency.persona.value == found.consistency.right.value == 1
    assert found.revelation and found.revelation.source == "gold"
    assert found.revelation.curve == sorted(found.revelation.curve)
    assert 0 < found.revelation.curve[-1] < 1
    assert sum(share.total for share in found.cooperation.acts.values()) > 0


def test_the_audit_is_kept_shown_and_the_same_again(
    store: Path, tmp_path: Path, capsys: Captured
) -> None:
    out = tmp_path / "out"
    texts = []
    for _ in range(2):
        assert command(Simulator, store, "--out", out, "--seed", "3") == 0
        texts.append(((out / "simulator.json").read_text(), (out / "simulator.md").read_text()))
    assert texts[0] == texts[1]
    (record,) = kept(store).values()
    assert record == Audit.model_validate(record).model_dump(mode="json")
    assert set(kept(store)) == {"scripted"} and record["seed"] == 3
    shown = capsys.readouterr().out
    assert "persona consistency, by rules" in shown and "rules see only" in shown
    assert max(map(len, shown.splitlines())) <= 80
    assert "## user scripted, run main" in texts[0][1]


def test_a_sample_is_drawn_by_the_seed(store: Path, tmp_path: Path) -> None:
    seen = set()
    for seed in range(6):
        assert command(Simulator, store, "--out", tmp_path, "--sample", "2", "--seed", seed) == 0
        (record,) = kept(store).values()
        assert (record["dialogues"], record["of"]) == (2, 6)
        seen.add(record["diversity"]["distinct_1"])
    assert len(seen) > 1


def people(folder: Path) -> Path:
    return lines(
        folder / "people.jsonl",
        chat("Hi, is anybody there?", "Yes! Do you have a dog?", "No, only two cats.", "Lovely."),
        chat("What a wet day.", "Is it cold, too?", "The tram was late.")["messages"],
        chat("Anyone up for chess?"),
    )


def test_people_stand_beside_the_simulated_users(tmp_path: Path) -> None:
    found = audit(grown(tmp_path, "Opener"), "--reference", people(tmp_path)).reference
    assert found and (found.file, found.dialogues) == ("people.jsonl", 3)
    rows = {row.name: row for row in found.rows}
    asks = rows["messages that ask"]
    assert (asks.simulated.value, asks.human.value) == (0, pytest.approx(2 / 5))
    assert asks.difference.value == pytest.approx(-2 / 5)
    answered = rows["questions answered"]
    assert (answered.simulated.value, answered.human.value) == (0, 0.5)
    assert rows["begin with three words of another"].difference.value == 1
    assert rows["words of a message"].human.value == pytest.approx(20 / 5)
    low, high = asks.difference.low, asks.difference.high
    assert low is not None and high is not None and low < -0.4 < high


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no message of a user"),
        ('[{"role": "assistant", "content": "Hi."}]\n', "the user first"),
        ('[{"role": "user", "content": " "}]\n', "no message of a user"),
        ("{nonsense\n", "not JSON"),
    ],
)
def test_a_reference_without_user_messages_is_refused(
    store: Path, tmp_path: Path, capsys: Captured, text: str, told: str
) -> None:
    path = tmp_path / "people.jsonl"
    path.write_text(text)
    assert command(Simulator, store, "--reference", path) == 2
    assert told in error_line(capsys.readouterr().err)


def test_where_nothing_can_be_written_nothing_is_checked(
    store: Path, tmp_path: Path, capsys: Captured
) -> None:
    (tmp_path / "taken").write_text("a file")
    assert command(Simulator, store, "--out", tmp_path / "taken", "--run", "other") == 2
    assert "cannot be written (it is no folder)" in error_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--run", "other"), "no run 'other'; name one with --run: main"),
        (("--judge", "scripted"), "write openai:MODEL"),
        (("--judge", "binary=openai:m"), "has no role"),
        (("--judge", "tests.nowhere:Checker"), "cannot make tests.nowhere:Checker"),
        (("--judge", f"{PATH}:NoChecker"), "no `async def against_persona`"),
        (("--reference", "nowhere.jsonl"), "cannot be read"),
        (("--sample", "0"), "--sample"),
    ],
)
def test_what_cannot_be_is_one_line(
    store: Path, capsys: Captured, flags: tuple[str, ...], told: str
) -> None:
    assert command(Simulator, store, *flags) == 2
    assert told in error_line(capsys.readouterr().err)
