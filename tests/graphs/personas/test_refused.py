"""Wrong usage and broken files: one clear line that names the mend, and exit status 2."""

import json
import shutil
from pathlib import Path

import pytest

from dialogues.command import Command
from graphs.personas.build import Build
from graphs.personas.calibrate import Calibrate
from graphs.personas.search import Search
from graphs.personas.stats import Stats
from tests.graphs.personas.pools import (
    FILES,
    NONSENSE,
    Capture,
    build,
    built,
    content,
    rounds,
    said,
    write_pool,
)
from tests.graphs.personas.writers import PATH
from tests.graphs.stage import error_line
from tests.growing import command


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--target", "0"], "--target 0"),
        (["--per-profile", "0"], "--per-profile 0"),
        (["--threshold", "0"], "--threshold 0"),
        (["--threshold", "1.5"], "--threshold 1.5"),
        (["--threshold", "-0.1"], "--threshold -0.1"),
        (["--threshold", "nan"], "--threshold nan"),
        (["--threshold", "near"], "--threshold near"),
        (["--patience", "0"], "--patience 0"),
        (["--calls", "0"], "--calls 0"),
        (["--least-acceptance", "2"], "--least-acceptance 2"),
        (["--eval-profiles", "-1"], "--eval-profiles -1"),
        (["--language", "e"], "--language e"),
        (["--seed", "x"], "--seed x"),
        (["--personalities", "0"], "--personalities 0"),
        (["--personalities", "9"], "--per-profile"),
        (["--per-profile", "4", "--personalities", "3"], "--per-profile"),
        (["--embedder", "minilim"], "lexical, minilm, st:MODEL"),
        (["--embedder", "st:"], "known are lexical"),
        (["--embedder", "openai:m@lab"], "lab"),
        (["--writer", "skripted"], "unknown agent 'skripted'"),
        (["--writer", "no_such_module:Writer"], "no_such_module"),
        (["--writer", f"{PATH}:GOOD"], "is not a class"),
        (["--writer", "tests.agents.troupe:NumberUser"], "write(self, brief)"),
        (["--writer", "hinted=scripted"], "unknown role 'hinted'"),
        (["--from", "people.csv"], "--profile-column, --personality-column"),
        (["--profile-column", "bio"], "--from"),
        (["--personality-column", "bio"], "--from"),
        (["--seeds", "no/such/folder"], "no/such/folder/profiles.jsonl"),
        (["--prompts", "no/such/folder", "--writer", "openai:m"], "openai:m"),
        (["--config", "no_such.yaml"], "no_such.yaml"),
        (["--tagret", "3"], "--tagret"),
        (["statz"], "statz"),
    ],
)
def test_wrong_usage_is_one_line_and_makes_no_pool(
    tmp_path: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    assert command(Build, "--out", tmp_path / "new" / "a", *flags) == 2
    assert told in error_line(capsys)
    assert not (tmp_path / "new").exists()


def test_a_missing_out_is_named(capsys: Capture) -> None:
    assert command(Build) == 2
    assert "--out is missing" in error_line(capsys)


def test_a_language_the_writer_does_not_know_is_one_line_and_another_can_be_given(
    tmp_path: Path, capsys: Capture
) -> None:
    assert build(tmp_path / "a", "--language", "de") == 2
    told = capsys.readouterr().err.splitlines()
    assert told[-1].startswith("error: --language de: the scripted writer knows only English")
    assert build(tmp_path / "a", "--language", "en") == 0


@pytest.mark.parametrize("where", ["a file", "below a file"])
def test_an_out_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: Capture, where: str
) -> None:
    (tmp_path / "taken").write_text("mine")
    out = tmp_path / "taken" / "a" if where == "below a file" else tmp_path / "taken"
    assert build(out.parent / out.name, "--shipped") == 2
    assert f"cannot write to {out}" in error_line(capsys)
    assert (tmp_path / "taken").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no profile"),
        ("\n\n", "holds no profile"),
        ("not JSON", "profiles.jsonl:1: not JSON"),
        ('"He is 30."\n{"profile": 5}', "profiles.jsonl:2"),
        ('{"profile": "He is 30.", "spilt": "eval"}', '"spilt"'),
    ],
)
def test_bad_seeds_are_one_line_with_file_and_line(
    tmp_path: Path, capsys: Capture, text: str, told: str
) -> None:
    seeds = write_pool(tmp_path / "mine")
    (seeds / "profiles.jsonl").write_text(text)
    assert build(tmp_path / "a", "--seeds", seeds) == 2
    assert told in error_line(capsys)
    assert not (tmp_path / "a").exists()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool; to be copied."""
    return built(tmp_path_factory.mktemp("whole") / "a", "--writer", NONSENSE, target=30)


@pytest.fixture
def pool(whole: Path, tmp_path: Path) -> Path:
    """A copy of that pool."""
    return Path(shutil.copytree(whole, tmp_path / "a"))


@pytest.mark.parametrize("kind", [Build, Stats, Search], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        ("profiles.jsonl", b"Ada is 52.", "profiles.jsonl:2: not JSON"),
        ("profiles.jsonl", b'{"profile": 5}', "profiles.jsonl:2"),
        ("profiles.jsonl", b'{"profile": "He is 5.", "split": "test"}', "profiles.jsonl:2"),
        ("profiles.jsonl", b"\xff\xfe", "profiles.jsonl"),
        ("personalities.jsonl", b'{"profile": "He is 5."}', "personalities.jsonl:2"),
        ("rounds.jsonl", b"garbage", "rounds.jsonl"),
        ("rounds.jsonl", b'{"kind": "profile"}', "rounds.jsonl"),
        ("rounds.jsonl", b'{"kind": "profile", "number": "many"}', "rounds.jsonl"),
        ("rounds.jsonl", b"[1, 2]", "rounds.jsonl"),
        ("rounds.jsonl", b"\xff\xfe", "rounds.jsonl"),
        ("pool.json", b"garbage", "pool.json"),
    ],
)
def test_a_broken_line_amid_a_file_is_one_line_that_names_the_file(
    pool: Path, capsys: Capture, kind: type[Command], name: str, line: bytes, told: str
) -> None:
    lines = (pool / name).read_bytes().splitlines(keepends=True)
    (pool / name).write_bytes(b"".join([*lines[:1], line + b"\n", *lines[1:]]))
    before = content(pool, *FILES, "rounds.jsonl", "pool.json")
    if kind is Build:
        assert build(pool, "--writer", NONSENSE, target=30) == 2
    else:
        assert command(kind, pool, *["anybody"] * (kind is Search)) == 2
    assert f"{pool / told}" in error_line(capsys)
    assert content(pool, *FILES, "rounds.jsonl", "pool.json") == before


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '{"embedder": 5}'])
def test_a_malformed_record_is_one_line(pool: Path, capsys: Capture, text: str) -> None:
    (pool / "pool.json").write_text(text)
    assert build(pool, "--writer", NONSENSE, target=30) == 2
    assert f"cannot read {pool / 'pool.json'}" in error_line(capsys)


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (["--seed", "1"], "seed 0, not 1"),
        (["--threshold", "0.7"], "profile 0.7, personality 0.7"),
        (["--writer", "scripted"], f"profile {NONSENSE}"),
        (["--language", "de"], "language 'en', not 'de'"),
    ],
)
def test_a_pool_made_in_another_way_is_refused_by_name(
    pool: Path, whole: Path, capsys: Capture, flags: list[str], told: str
) -> None:
    assert build(pool, "--writer", NONSENSE, *flags, target=90) == 2
    line = error_line(capsys)
    assert f"{pool} was built with " in line
    assert told in line
    assert content(pool) == content(whole)


def test_a_pool_made_with_another_embedder_is_refused_by_name(
    pool: Path, whole: Path, capsys: Capture
) -> None:
    record = json.loads((pool / "pool.json").read_text())
    (pool / "pool.json").write_text(json.dumps({**record, "embedder": "minilm"}))
    assert build(pool, "--writer", NONSENSE, target=90) == 2
    assert "was built with embedder 'minilm', not 'lexical'" in error_line(capsys)
    assert command(Stats, pool, "--embedder", "lexical") == 2
    assert "was built with --embedder minilm; give that one" in error_line(capsys)
    assert content(pool) == content(whole)


def test_a_pool_made_from_another_file_is_refused_by_name(
    pool: Path, capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "people.jsonl").write_text('{"bio": "He is 5."}\n')
    flags = ("--from", tmp_path / "people.jsonl", "--profile-column", "bio")
    assert build(pool, "--writer", NONSENSE, *flags, target=90) == 2
    assert f"not profile from:{tmp_path / 'people.jsonl'}" in error_line(capsys)


def test_other_versions_of_libraries_are_no_other_way(pool: Path) -> None:
    record = json.loads((pool / "pool.json").read_text())
    (pool / "pool.json").write_text(json.dumps({**record, "versions": {"chromadb": "0.1"}}))
    assert build(pool, "--writer", NONSENSE, target=30) == 0


@pytest.mark.parametrize("kind", [Stats, Search], ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("made", [False, True], ids=["missing folder", "empty folder"])
def test_no_pool_is_one_line_and_stays_none(
    tmp_path: Path, capsys: Capture, kind: type[Command], made: bool
) -> None:
    if made:
        (tmp_path / "a").mkdir()
    assert command(kind, tmp_path / "a", *["anybody"] * (kind is Search)) == 2
    assert f"no pool in {tmp_path / 'a'}" in error_line(capsys)
    assert (tmp_path / "a").exists() is made
    assert not made or not list((tmp_path / "a").iterdir())


@pytest.mark.parametrize(
    ("kind", "flags", "told"),
    [
        (Stats, (), "required: POOL"),
        (Search, ("a",), "required: TEXT"),
        (Search, ("a", "b", "--top", "0"), "--top 0"),
        (Search, ("a", "b", "--kind", "people"), "--kind people"),
        (Stats, ("a", "--closest", "-1"), "--closest -1"),
        (Calibrate, ("--embedder", "bogus"), "--embedder bogus"),
        (Calibrate, ("--retold", "badly"), "--retold badly"),
        (Calibrate, ("--pairs", "no_such.jsonl"), "no_such.jsonl"),
    ],
)
def test_wrong_usage_of_the_others_is_one_line(
    capsys: Capture, kind: type[Command], flags: tuple[str, ...], told: str
) -> None:
    assert command(kind, *flags) == 2
    assert told in error_line(capsys)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "holds no pairs"),
        (b"not JSON\n", "pairs.jsonl:2"),
        (b"[1]\n", "pairs.jsonl:2"),
        (b'{"kind": "profile", "a": "x", "b": "y"}\n', "pairs.jsonl:2"),
        (b'{"kind": "people", "a": "x", "b": "y", "same": true}\n', "pairs.jsonl:2"),
        (b'{"kind": "profile", "a": "x", "b": "y", "same": true, "level": 1}\n', "pairs.jsonl:2"),
        (b"\xff\n", "pairs.jsonl"),
    ],
)
def test_malformed_pairs_are_one_line(
    tmp_path: Path, capsys: Capture, line: bytes, told: str
) -> None:
    good = b'{"kind": "profile", "a": "x", "b": "y", "same": true}\n'
    (tmp_path / "pairs.jsonl").write_bytes(good + line if line else b"")
    assert command(Calibrate, "--pairs", tmp_path / "pairs.jsonl") == 2
    assert told in error_line(capsys)


def test_settings_come_from_the_config_file(tmp_path: Path, capsys: Capture) -> None:
    seeds = write_pool(tmp_path / "mine")
    config = tmp_path / "a.yaml"
    config.write_text(f"out: {tmp_path / 'a'}\ntarget: 20\nwriter: {NONSENSE}\nseeds: {seeds}\n")
    assert command(Build, "--config", config, "--eval-profiles", 1) == 0
    assert "20 personas" in said(capsys)
    assert rounds(tmp_path / "a")[0].written == 2
    config.write_text("from: people.csv\nout: b\n")
    assert command(Build, "--config", config) == 2
    assert "--profile-column" in error_line(capsys)
