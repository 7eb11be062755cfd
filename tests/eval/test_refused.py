"""Wrong usage of the benchmark: one line, exit status 2, and nothing is made."""

import json
from pathlib import Path

import pytest

from dialogues.pool import load_pool
from eval.aloe import Aloe
from eval.suites import UNSEEN
from tests.eval.benching import CHEAP, EXACT, ONE, PATH, SIX, Capture, bench, forest, last_line
from tests.growing import command, digest_of, error_line, grow

SERVER = "http://127.0.0.1:9/v1"


def refused(folder: Path, capsys: Capture, *flags: object) -> str:
    """Run a benchmark that has to be refused; return what it says."""
    there = sorted(folder.rglob("*"))
    capsys.readouterr()
    assert command(Aloe, "--store", folder / "a.db", "--out", folder / "out", *flags) == 2
    assert sorted(folder.rglob("*")) == there, "something was made"
    return error_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--baseline", "cot=scripted"], "--baseline cot=scripted is no assistant of this run"),
        (["--assistant", ONE, "--assistant", ONE], "--assistant: the same one is named twice"),
        (["--assistant", f"{ONE}@a", "--assistant", f"{ONE}@b"], "the same one is named twice"),
        (["--user", "scripted", "--user", "scripted"], "--user: the same one is named twice"),
        (["--judge", EXACT, "--judge", EXACT], "--judge: the same one is named twice"),
        (
            ["--judge", f"openai:m@{SERVER}", "--judge", f"overall=openai:m@{SERVER}"],
            "--judge: the same one is named twice",
        ),
        (["--judge", "scripted:recall"], "needs --protocol grove"),
        (["--judge", f"listwise=openai:m@{SERVER}"], "each reply is scored by itself"),
        (["--judge", "nonsense"], "unknown agent 'nonsense'"),
        (["--judge", f"{PATH}:Nobody"], "cannot import"),
        (["--judge", "openai:m@nowhere"], "no endpoint 'nowhere'"),
        (["--judge", "binary=scripted"], "has no role 'binary'; it has none"),
        (["--protocol", "grove", "--judge", "pointwise=scripted:recall"], "it has none"),
        (
            ["--judge", "scripted:nope"],
            "unknown agent 'scripted:nope'; known: scripted, scripted:r",
        ),
        (["--user", "scripted:nope"], "scripted:interviewer"),
        (["--assistant", "nope"], "known: scripted, scripted:ignores, scripted:interrogates, "),
        (["--pool", str(UNSEEN)], "--suite aloe talks to people of split 'eval', and the pool has"),
        (["--sampling.assistant.temperature", "0.5"], "--protocol aloe sets it to 0"),
        (["--sampling.judge.temperature", "1"], "--protocol aloe sets it to 0"),
        (["--out", ""], "name a folder"),
        (["--swap", "-1"], "--swap -1"),
        (["--cases", "0"], "--cases 0"),
        (["--turns", "1"], "--turns 1"),
        (["--suite", "best"], "--suite best"),
        (["--protocol", "own"], "--protocol own"),
        (["--assistant", "a b"], "is no spec"),
        (["--rescore", "b.db"], "give --store STORE, or --rescore STORE"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_made(
    tmp_path: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    assert told in refused(tmp_path, capsys, *flags)


def test_a_store_or_a_store_to_rescore_must_be_given(tmp_path: Path, capsys: Capture) -> None:
    assert command(Aloe, "--out", tmp_path / "out") == 2
    assert "give --store STORE, or --rescore STORE" in error_line(capsys.readouterr().err)


def test_a_store_to_rescore_must_be_there(tmp_path: Path, capsys: Capture) -> None:
    assert command(Aloe, "--rescore", tmp_path / "a.db", "--out", tmp_path / "out") == 2
    assert "no store at" in error_line(capsys.readouterr().err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suite", ["aloe", "flip"])
def test_a_store_without_dialogues_of_the_suite_cannot_be_rescored(
    tmp_path: Path, capsys: Capture, suite: str
) -> None:
    store = grow(tmp_path / "a.db", limit=1, turns=1)
    before = digest_of(store)
    capsys.readouterr()
    flags = ("--rescore", store, "--out", tmp_path / "out", "--suite", suite)
    assert command(Aloe, *flags) == 2
    assert f"no dialogues of --suite {suite} there" in error_line(capsys.readouterr().err)
    assert digest_of(store) == before and not (tmp_path / "out").exists()


def test_a_judge_on_another_scale_is_refused_and_the_scale_told(
    tmp_path: Path, capsys: Capture
) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", f"{PATH}:OutOfTen") == 2
    told = last_line(capsys.readouterr().err)
    assert "scores from 0 to 10; it must be 1 to 5, or 0 to 1" in told
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (["--turns", "4"], "turns 3, not 4"),
        (["--seed", "1"], "seed 0, not 1"),
        (["--per-profile", "3"], "per_profile 2, not 3"),
        (["--system", "Be kind."], "system '', not 'Be kind.'"),
        (["--protocol", "grove"], "sampling.assistant.temperature 0.0, not 0.7"),
    ],
)
def test_going_on_with_other_settings_is_refused_by_name(
    tmp_path: Path, capsys: Capture, flags: list[str], named: str
) -> None:
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 0
    before = [tree.key for tree in forest(tmp_path, ONE)]
    capsys.readouterr()
    # The last flag of a name is the one that counts.
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT, *flags, out="again") == 2
    assert named in last_line(capsys.readouterr().err)
    assert [tree.key for tree in forest(tmp_path, ONE)] == before
    assert not (tmp_path / "again").exists()


def test_a_plot_cannot_be_written_into_a_file(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "out").write_text("Dear diary")
    assert bench(tmp_path, *SIX, *CHEAP, "--judge", EXACT) == 2
    assert f"--out {tmp_path / 'out'}: cannot be written" in last_line(capsys.readouterr().err)
    assert (tmp_path / "out").read_text() == "Dear diary"


def a_trained_model(folder: Path, **card: object) -> str:
    """Make the folder of a model with a card; return its spec."""
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "grove.json").write_text(json.dumps(card))
    return f"hf:{folder}"


def eval_id(half: str) -> str:
    first = next(each for each in load_pool().personas(5) if each.split == "eval")
    return str(getattr(first, half).id)


@pytest.mark.parametrize("half", ["profile", "personality"])
@pytest.mark.parametrize("deep", [False, True])
def test_who_was_trained_on_is_not_measured_on(
    tmp_path: Path, capsys: Capture, half: str, deep: bool
) -> None:
    kind = {"profile": "profiles", "personality": "personalities"}[half]
    card: dict[str, object] = {kind: [eval_id(half)]}
    model = a_trained_model(tmp_path / "model", **({"before": {"before": card}} if deep else card))
    assert bench(tmp_path, "--assistant", f"plain={model}") == 2
    told = error_line(capsys.readouterr().err)
    assert f"was trained on {half} {eval_id(half)}" in told and model in told


def test_a_damaged_card_is_refused(tmp_path: Path, capsys: Capture) -> None:
    model = a_trained_model(tmp_path / "model")
    (tmp_path / "model" / "grove.json").write_text("{")
    assert bench(tmp_path, "--assistant", model) == 2
    assert "grove.json: damaged" in error_line(capsys.readouterr().err)


def test_a_temperature_in_a_file_is_refused_too(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "settings.yaml").write_text("sampling: {assistant: {temperature: 0.5}}")
    told = refused(tmp_path, capsys, "--config", tmp_path / "settings.yaml", "--protocol", "grove")
    assert "--sampling.assistant.temperature 0.5: --protocol grove sets it to 0.7" in told
