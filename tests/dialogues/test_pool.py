"""Pools: reading persona files and drawing balanced pairs."""

import json
import warnings
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogues import Personality, Pool, Profile, load_files, load_pool
from dialogues.errors import UsageError
from tests.growing import error_line, simulate

PROFILE_LINE = '{"profile": "He is 40.", "split": "train"}'
PERSONALITY_LINE = '{"personality": "He is shy."}'


def written(folder: Path, profiles: str, personalities: str = PERSONALITY_LINE) -> Path:
    """Write a pool's two files and return its folder."""
    (folder / "profiles.jsonl").write_text(profiles, encoding="utf-8")
    (folder / "personalities.jsonl").write_text(personalities, encoding="utf-8")
    return folder


def a_pool(profiles: dict[str, int], personalities: dict[str, int]) -> Pool:
    """Return a pool with so many halves of each split."""
    return Pool(
        tuple(Profile.of(f"P {s} {n}.", s) for s, count in profiles.items() for n in range(count)),
        tuple(
            Personality.of(f"M {s} {n}.", s)
            for s, count in personalities.items()
            for n in range(count)
        ),
    )


sizes = st.fixed_dictionaries({"train": st.integers(0, 6), "eval": st.integers(0, 6)})
pools = st.builds(a_pool, sizes, sizes)


def test_our_lines_are_objects_with_a_split(tmp_path: Path) -> None:
    lines = PROFILE_LINE + "\n" + '{"profile": "She is 50.", "split": "eval"}\n'
    pool = load_pool(written(tmp_path, lines, PERSONALITY_LINE))
    assert [(half.text, half.split) for half in pool.profiles] == [
        ("He is 40.", "train"),
        ("She is 50.", "eval"),
    ]


def test_the_split_is_train_unless_told(tmp_path: Path) -> None:
    assert load_pool(written(tmp_path, PROFILE_LINE)).personalities[0].split == "train"


def test_a_line_may_be_a_json_string_as_in_the_released_files(tmp_path: Path) -> None:
    pool = load_pool(written(tmp_path, '"He is 40."\n"Caf\\u00e9 owner."\n', '"He is shy."'))
    assert [half.text for half in pool.profiles] == ["He is 40.", "Café owner."]


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    assert len(load_pool(written(tmp_path, f"\n{PROFILE_LINE}\n\n")).profiles) == 1


@pytest.mark.parametrize("between", ["", " ", ", ", ","])
def test_a_line_with_several_values_yields_them_all_and_one_warning(
    tmp_path: Path, between: str
) -> None:
    folder = written(tmp_path, f'"He is 40."\n"She is 50."{between}"He is 60."\n')
    with pytest.warns(UserWarning) as caught:
        pool = load_pool(folder)
    assert [half.text for half in pool.profiles] == ["He is 40.", "She is 50.", "He is 60."]
    assert len(caught) == 1
    assert f"{folder}/profiles.jsonl:2" in str(caught[0].message)


def test_a_repeated_half_is_kept_once_with_a_warning(tmp_path: Path) -> None:
    folder = written(tmp_path, f"{PROFILE_LINE}\n{PROFILE_LINE}\n")
    with pytest.warns(UserWarning, match=r"profiles\.jsonl:2.*same profile"):
        assert len(load_pool(folder).profiles) == 1


def test_a_clean_pool_warns_of_nothing(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_pool(written(tmp_path, PROFILE_LINE)).profiles


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_a_raw_unicode_line_separator_inside_a_string_ends_no_line(
    tmp_path: Path, separator: str
) -> None:
    line = json.dumps(f"He is 40.{separator}He sings.", ensure_ascii=False)
    assert load_pool(written(tmp_path, line)).profiles[0].text == "He is 40. He sings."


BAD_LINES = {
    "not JSON": "He is 40.",
    "half JSON": '{"profile": "He',
    "other key": '{"text": "He is 40."}',
    "unknown key": '{"profile": "He is 40.", "colour": "red"}',
    "wrong split": '{"profile": "He is 40.", "split": "test"}',
    "blank text": '{"profile": "  "}',
    "blank string": '" "',
    "number": "40",
    "list": '["He is 40."]',
    "null": "null",
    "text is no string": '{"profile": 40}',
    "lone surrogate": '"\\ud800"',
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_named_by_file_and_line(tmp_path: Path, line: str) -> None:
    folder = written(tmp_path, f'"She is 50."\n{line}\n')
    with pytest.raises(UsageError) as caught:
        load_pool(folder)
    assert f"{folder}/profiles.jsonl:2" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (BAD_LINES["unknown key"], '"colour"'),
        (BAD_LINES["wrong split"], "'test'"),
        (BAD_LINES["other key"], '"profile"'),
        (BAD_LINES["blank text"], "no words"),
    ],
)
def test_the_error_says_what_is_wrong(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_pool(written(tmp_path, line))
    assert told in str(caught.value)


def test_a_bad_pool_ends_a_command_with_2_before_any_store_is_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path, f"{PROFILE_LINE}\nnonsense\n")
    assert simulate(tmp_path / "a.db", "--pool", str(folder)) == 2
    assert "profiles.jsonl:2: not JSON" in error_line(capsys.readouterr().err)
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize("name", ["profiles.jsonl", "personalities.jsonl"])
def test_an_empty_file_is_named(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path, PROFILE_LINE)
    (folder / name).write_text("\n")
    with pytest.raises(UsageError, match=rf"{name} holds no"):
        load_pool(folder)


@pytest.mark.parametrize("name", ["profiles.jsonl", "personalities.jsonl"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    folder = written(tmp_path, PROFILE_LINE)
    (folder / name).unlink()
    with pytest.raises(UsageError, match=name):
        load_pool(folder)


def test_a_file_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    folder = written(tmp_path, PROFILE_LINE)
    (folder / "profiles.jsonl").write_bytes(b'"caf\xe9"')
    with pytest.raises(UsageError, match=r"profiles\.jsonl"):
        load_pool(folder)


def test_files_that_share_no_split_are_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, PROFILE_LINE, '{"personality": "He is shy.", "split": "eval"}')
    with pytest.raises(UsageError, match="share no split"):
        load_files(folder / "profiles.jsonl", folder / "personalities.jsonl")


def test_the_shipped_pool_has_12_profiles_and_8_personalities() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pool = load_pool()
    assert (len(pool.profiles), len(pool.personalities)) == (12, 8)


def test_the_shipped_pool_serves_training_and_evaluation() -> None:
    assert {persona.split for persona in load_pool().personas(10)} == {"train", "eval"}


@given(pools, st.integers(1, 8), st.integers(0, 9))
def test_no_persona_is_drawn_twice(pool: Pool, per_profile: int, seed: int) -> None:
    ids = [persona.id for persona in pool.personas(per_profile, seed)]
    assert len(set(ids)) == len(ids)


@given(pools, st.integers(1, 8), st.integers(0, 9))
def test_drawing_is_balanced_within_a_split(pool: Pool, per_profile: int, seed: int) -> None:
    drawn = pool.personas(per_profile, seed)
    for split in ("train", "eval"):
        used = Counter(p.personality.id for p in drawn if p.profile.split == split)
        counts = [used[each.id] for each in pool.personalities if each.split == split]
        assert not counts or max(counts) - min(counts) <= 1


@given(pools, st.integers(1, 8))
def test_each_profile_meets_as_many_personalities_as_there_are(
    pool: Pool, per_profile: int
) -> None:
    met = Counter(persona.profile.id for persona in pool.personas(per_profile))
    for profile in pool.profiles:
        there = sum(each.split == profile.split for each in pool.personalities)
        assert met[profile.id] == min(per_profile, there)


@given(pools, st.integers(1, 8), st.integers(0, 9))
def test_drawing_is_the_same_for_the_same_seed(pool: Pool, per_profile: int, seed: int) -> None:
    assert pool.personas(per_profile, seed) == pool.personas(per_profile, seed)


def test_drawing_depends_on_the_seed() -> None:
    pool = a_pool({"train": 6}, {"train": 6})
    drawn = {tuple(p.id for p in pool.personas(2, seed)) for seed in range(4)}
    assert len(drawn) == 4


@given(pools, st.integers(1, 8), st.integers(0, 9))
def test_halves_of_different_splits_never_meet(pool: Pool, per_profile: int, seed: int) -> None:
    for persona in pool.personas(per_profile, seed):
        assert persona.profile.split == persona.personality.split


def test_the_pool_id_depends_on_texts_and_splits() -> None:
    ids = {
        a_pool({"train": 2}, {"train": 2}).id,
        a_pool({"eval": 2}, {"train": 2}).id,
        a_pool({"train": 2}, {"train": 1}).id,
        a_pool({"train": 1}, {"train": 2}).id,
    }
    assert len(ids) == 4
