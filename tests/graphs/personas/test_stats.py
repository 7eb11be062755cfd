"""What a pool is like, in figures and a picture; and search. Texts in it are printed harmlessly."""

import ctypes
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dialogues.persona import Description, Personality, Profile
from graphs.personas.picture import draw
from graphs.personas.search import Search
from graphs.personas.stats import Stats, coverage, distinct
from tests.graphs.personas.pools import (
    HOME,
    NONSENSE,
    OTHER,
    PROFILE,
    Capture,
    build,
    built,
    content,
    said,
    texts,
    vectors,
    write_pool,
)
from tests.graphs.personas.writers import PATH
from tests.growing import command

PNG = b"\x89PNG\r\n\x1a\n"
HOSTILE = "[red]Eve[/red] is 3. \x1b[31mShe hacks. \x1b]0;title\x07She rows. \u202eShe sings.\x9b2J"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool; to be copied."""
    flags = ("--writer", NONSENSE, "--per-profile", 1, "--calls", 1, "--personalities", 5)
    return built(tmp_path_factory.mktemp("whole") / "a", *flags, target=31)


@pytest.fixture
def pool(whole: Path, tmp_path: Path) -> Path:
    """A copy of that pool."""
    return Path(shutil.copytree(whole, tmp_path / "a"))


def shown(capsys: Capture, pool: Path, *flags: object) -> str:
    """Return what stats prints of a pool."""
    capsys.readouterr()
    assert command(Stats, pool, *flags) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("told", "size", "share"),
    [
        (["a b a b", "a b"], 1, 2 / 6),
        (["a b a b", "a b"], 2, 2 / 4),
        (["a b a b", "a b"], 3, 1),
        (["A b", "a B"], 2, 1 / 2),
        (["a b", "b a"], 2, 1),
        (["a"], 2, 0),
        ([""], 1, 0),
        ([], 1, 0),
    ],
)
def test_distinct_n_is_the_share_of_different_word_groups(
    told: list[str], size: int, share: float
) -> None:
    assert distinct(told, size) == pytest.approx(share)


def test_coverage_is_the_share_of_texts_that_touch_a_side() -> None:
    people: list[Description] = [
        Profile.of(PROFILE),
        Profile.of("Tom is 30. He plays the violin. He plays the flute. He blorps a quib."),
    ]
    told = coverage("profile", people)
    assert (told["music"], told["age"], told["sport"]) == (1, 1, 0.5)
    assert "other" not in told
    assert list(told.values()) == sorted(told.values(), reverse=True)
    manners: list[Description] = [
        Personality.of("They are talkative and formal. They never ask."),
        Personality.of("They are terse. They hum."),
    ]
    told = coverage("personality", manners)
    assert (told["talkative/terse"], told["formal/casual"]) == (1, 0.5)


def test_the_figures_are_those_of_the_files(pool: Path, capsys: Capture) -> None:
    told = " ".join(shown(capsys, pool).split())
    for row in (
        "to train on │ 31 │ 5",
        "for evaluation │ 20 │ 5",
        "rounds │ 3 │ 1",
        "texts written │ 62 │ 22",
        "failed calls │ 0 │ 0",
        "tokens │ 9 │ 3",
    ):
        assert f"│ {row} │" in told
    assert told.count("new in each round, from first to last: 100%") == 2
    words = [text.lower().split() for text in texts(pool)]
    share = len({word for each in words for word in each}) / sum(map(len, words))
    assert f"variety: distinct-1 {share:.2f}," in told


def test_the_histogram_holds_everybody_once_at_their_place(pool: Path, capsys: Capture) -> None:
    told = shown(capsys, pool).split("personalities ─")
    for part, kind in zip(told, ("profile", "personality"), strict=True):
        found = vectors(texts(pool, kind))  # type: ignore[arg-type]
        alike = found @ found.T
        np.fill_diagonal(alike, -1)
        right = np.histogram(alike.max(axis=1), np.linspace(0, 1, 21))[0]
        bars = re.findall(r"^  (0\.\d\d) █+ ([\d,]+)$", part, re.MULTILINE)
        assert {edge: int(count) for edge, count in bars} == {
            f"{at / 20:.2f}": count for at, count in enumerate(right) if count
        }


def test_the_closest_pairs_are_shown_with_their_texts_each_once(
    tmp_path: Path, capsys: Capture
) -> None:
    told = [PROFILE, OTHER, f"{PROFILE} She hums.", "Zed mints coins on Mars."]
    mine = write_pool(tmp_path / "mine", profiles=[{"profile": text} for text in told])
    output = shown(capsys, mine, "--closest", 1).split("personalities ─")[0]
    found = vectors([told[0], told[2]])
    assert f"closest: {found[0] @ found[1]:.3f}" in output
    assert output.count("closest:") == 1
    assert PROFILE in output and "She hums." in output
    assert "Zed" not in output
    assert "evaluation to training" not in output
    assert "closest:" not in shown(capsys, mine, "--closest", 0)


def test_equal_texts_but_for_a_word_that_does_not_count_are_wholly_alike(
    tmp_path: Path, capsys: Capture
) -> None:
    told = ["Ada mends clocks.", "And Ada mends clocks.", "The Ada mends the clocks.", OTHER]
    mine = write_pool(tmp_path / "mine", profiles=[{"profile": text} for text in told])
    output = shown(capsys, mine).split("personalities ─")[0]
    assert "closest: 1.000" in output
    assert re.search(r"0\.95 █+ 3$", output, re.MULTILINE)


def test_evaluation_and_training_are_compared(pool: Path, capsys: Capture) -> None:
    held_out, train = (vectors(texts(pool, "profile", split)) for split in ("eval", "train"))
    told = shown(capsys, pool).split("personalities ─")[0]
    assert f"evaluation to training: at most {(held_out @ train.T).max():.3f} alike" in told


def test_the_picture_is_a_png_in_the_folder_of_the_pool_or_elsewhere(
    pool: Path, tmp_path: Path, capsys: Capture
) -> None:
    told = shown(capsys, pool)
    assert f"nearest-neighbour histograms: {pool / 'neighbours.png'}" in told
    assert (pool / "neighbours.png").read_bytes().startswith(PNG)
    shown(capsys, pool, "--picture", tmp_path / "other.png")
    assert (tmp_path / "other.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("name", ["no/such/folder/a.png", "a.docx"])
def test_a_picture_that_cannot_be_written_is_one_line(
    pool: Path, tmp_path: Path, capsys: Capture, name: str
) -> None:
    assert command(Stats, pool, "--picture", tmp_path / name) in (1, 2)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith(f"error: cannot write {tmp_path / name}")


def test_the_picture_of_one_kind_is_drawn_too(tmp_path: Path) -> None:
    draw({"profile": [0.1, 0.5]}, {"profile": 0.4}, tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize("kept", ["profiles.jsonl", "personalities.jsonl"])
def test_a_pool_of_one_half_or_one_text_is_shown(
    tmp_path: Path, capsys: Capture, kept: str
) -> None:
    mine = write_pool(tmp_path / "mine", profiles=[{"profile": PROFILE}])
    for path in mine.iterdir():
        if path.name != kept:
            path.unlink()
    assert "distinct-1" in shown(capsys, mine)


def test_a_pool_nothing_came_into_yet_is_shown(tmp_path: Path, capsys: Capture) -> None:
    flags = ("--language", "nn", "--patience", 1, "--writer", f"{PATH}:Silent")
    assert build(tmp_path / "a", *flags) == 1
    assert "│ rounds │ 1 │ 1 │" in " ".join(shown(capsys, tmp_path / "a").split())
    assert command(Search, tmp_path / "a", "anybody") == 0


def test_failures_are_told_with_their_number(tmp_path: Path, capsys: Capture) -> None:
    flags = ("--patience", 2, "--writer", f"{PATH}:Refusing")
    assert build(tmp_path / "a", *flags) == 1
    told = shown(capsys, tmp_path / "a")
    assert "× AgentError: not [red]today" in told
    assert "new in each round, from first to last: 0% 0%" in told


def found(capsys: Capture, pool: Path, text: str, *flags: object) -> list[list[str]]:
    """Return the rows search prints: how much alike, which split, which text."""
    capsys.readouterr()
    assert command(Search, pool, text, *flags) == 0
    rows = [line.split("│")[1:-1] for line in capsys.readouterr().out.splitlines() if "│" in line]
    return [[cell.strip() for cell in row] for row in rows]


def test_search_finds_who_is_most_like_a_text(pool: Path, capsys: Capture) -> None:
    rows = found(capsys, pool, "somebody who mends clocks, with greyhounds", "--top", 3)
    assert len(rows) == 3
    assert rows[0][1:] == ["train", PROFILE]
    alike = [float(row[0]) for row in rows]
    assert alike == sorted(alike, reverse=True)
    assert found(capsys, pool, OTHER)[0] == ["1.00", "eval", OTHER]
    manner = found(capsys, pool, "joking, cheerful", "--kind", "personality", "--top", 1)
    assert manner[0][1:] == ["eval", "They are cheerful. They joke a lot. They trust."]


@pytest.mark.parametrize("text", ["", "the and of", "[red]", "\x00\ud800", "x" * 100_000])
def test_search_takes_any_text_and_more_than_there_are(
    pool: Path, capsys: Capture, text: str
) -> None:
    assert len(found(capsys, pool, text, "--top", 1000)) == len(texts(pool))


def test_search_leaves_the_pool_as_it_is(pool: Path, whole: Path, capsys: Capture) -> None:
    before = {path.name for path in pool.iterdir()}
    found(capsys, pool, "anybody")
    assert {path.name for path in pool.iterdir()} == before
    assert content(pool) == content(whole)


def test_hostile_texts_are_shown_not_obeyed(tmp_path: Path, capsys: Capture) -> None:
    halves = {
        "profiles": [{"profile": HOSTILE}, {"profile": f"{HOSTILE} He hums.", "split": "eval"}],
        "personalities": [{"personality": HOSTILE}],
    }
    mine = write_pool(tmp_path / "mine", **halves)
    assert command(Stats, mine) == 0
    assert command(Search, mine, "Eve hacks [bold]") == 0
    output = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(output)
    assert output.count("[red]Eve[/red]") == 4


def test_a_pool_of_somebody_elses_is_shown_and_left_as_it_is(
    tmp_path: Path, capsys: Capture
) -> None:
    mine = write_pool(tmp_path / "mine")
    path = mine / "profiles.jsonl"
    path.write_text(f'"{PROFILE}"\n\n"{OTHER}" "He is Bo."')
    before = content(mine)
    told = shown(capsys, mine)
    assert "│ to train on │ 3 │ 1 │" in " ".join(told.split())
    assert found(capsys, mine, "mends clocks")[0][2] == PROFILE
    assert content(mine) == before
    assert {each.name for each in mine.iterdir()} == {*before, "neighbours.png"}


def test_a_pool_nobody_may_write_to_is_shown(tmp_path: Path) -> None:
    mine = write_pool(tmp_path / "mine")
    before = content(mine)
    mine.chmod(0o555)
    try:
        searched, shown = as_anybody(
            f"main(Search, 'search', [{str(mine)!r}, 'mends clocks', '--top', '1'])",
            f"main(Stats, 'stats', [{str(mine)!r}])",
        )
    finally:
        mine.chmod(0o755)
    assert PROFILE in searched[1]
    assert searched[0] == "0"
    assert "distinct-1" in shown[1]
    assert {path.name: path.read_bytes() for path in mine.iterdir()} == before
    assert shown[0] == "0"


def as_anybody(*calls: str) -> list[list[str]]:
    """Call commands in a process that may not write to what is read-only.

    Returns:
        The exit status of each and what it printed.
    """
    code = (
        "from dialogues.command import main\n"
        "from graphs.personas.search import Search\n"
        "from graphs.personas.stats import Stats\n"
    ) + "".join(f"status = {call}\nprint('SEP', status, 'SEP')\n" for call in calls)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=HOME,
        preexec_fn=without_privilege,
    )
    assert "Traceback" not in done.stderr
    told = done.stdout.split("SEP")
    return [[told[at + 1].strip(), told[at]] for at in range(0, 2 * len(calls), 2)]


def without_privilege() -> None:
    """Take from root its right to write where nobody may: PR_CAPBSET_DROP, CAP_DAC_OVERRIDE."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_the_figures_fit_a_narrow_terminal(
    pool: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    assert command(Stats, pool) == 0
    assert command(Search, pool, "anybody") == 0
    assert said(capsys)
