"""The batch runner: what the user's agent has to say of the personas comes first, and once."""

from pathlib import Path

import pytest

from dialogues.pool import load_pool
from tests.agents.troupe import PATH
from tests.growing import grow, simulate, trees_of

Capture = pytest.CaptureFixture[str]

SILENT = 'He told him \\"no\\". His sister says he is lazy.'
PLAYABLE = ["He keeps bees. He is 40.", "He sails a boat. He owns two kayaks."]


def told(capsys: Capture) -> str:
    """Return what was printed, without the line breaks of the terminal."""
    return " ".join(capsys.readouterr().err.split())


def pool(folder: Path, *profiles: str, personality: str = "He is shy and terse.") -> str:
    (folder / "profiles.jsonl").write_text("".join(f'"{text}"\n' for text in profiles))
    (folder / "personalities.jsonl").write_text(f'"{personality}"')
    return str(folder)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_remark_is_printed_once_and_before_the_run(
    tmp_path: Path, capsys: Capture, workers: str
) -> None:
    flags = ("--user", f"{PATH}:RemarkingUser", "--workers", workers)
    grow(tmp_path / "a.db", *flags, limit=3, turns=2)
    said = told(capsys)
    remark = f"{PATH}:RemarkingUser: 3 personas, 1 persona at a time"
    assert said.count(remark) == 1
    assert said.index(remark) < said.index("3 complete of 3")


def test_a_remark_is_printed_as_it_stands_and_obeyed_by_no_terminal(
    tmp_path: Path, capsys: Capture
) -> None:
    grow(tmp_path / "a.db", "--user", f"{PATH}:RemarkingUser", limit=1, turns=1)
    said = told(capsys)
    assert "[red]␛[31m looks odd" in said
    assert "\x1b" not in said


def test_an_agent_without_remarks_says_nothing(tmp_path: Path, capsys: Capture) -> None:
    grow(tmp_path / "a.db", "--user", f"{PATH}:NumberUser", limit=1, turns=1)
    assert "NumberUser: " not in told(capsys)


def test_the_scripted_user_says_how_much_of_the_personas_it_cannot_play(
    tmp_path: Path, capsys: Capture
) -> None:
    folder = pool(tmp_path, *PLAYABLE, SILENT, personality="A resident of Bath.")
    assert simulate(tmp_path / "a.db", "--pool", folder, "--turns", "1") == 0
    said = told(capsys)
    assert "scripted: facts left out because the first person is not sure: 2 of 6" in said
    assert "not playable (not English, or no fact to say): 1 of 3 profiles" in said
    assert "without a known trait, spoken neutrally: 1 of 1" in said


def test_only_personas_that_are_grown_are_remarked_on(tmp_path: Path, capsys: Capture) -> None:
    folder = pool(tmp_path, *PLAYABLE, SILENT)
    assert simulate(tmp_path / "a.db", "--pool", folder, "--turns", "1", "--limit", "2") == 0
    assert "scripted: " not in told(capsys)


def test_the_remarks_come_again_when_the_run_goes_on(tmp_path: Path, capsys: Capture) -> None:
    for limit in (1, 2):
        grow(tmp_path / "a.db", "--user", f"{PATH}:RemarkingUser", limit=limit, turns=1)
        assert told(capsys).count(f"{limit} personas, 1 persona at a time") == 1


def test_refused_settings_are_refused_before_any_remark(tmp_path: Path, capsys: Capture) -> None:
    store = grow(tmp_path / "a.db", "--user", f"{PATH}:RemarkingUser", limit=1)
    capsys.readouterr()
    assert simulate(store, "--user", f"{PATH}:RemarkingUser", "--turns", "5") == 2
    assert "persona at a time" not in told(capsys)


def test_a_run_grows_different_profiles_before_any_comes_again(tmp_path: Path) -> None:
    trees = trees_of(grow(tmp_path / "a.db", limit=40, turns=1))
    first = {profile.id for profile in load_pool().profiles[:40]}
    assert {tree.persona.profile.id for tree in trees} == first
