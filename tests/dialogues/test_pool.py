"""Pools: reading persona files."""

import json
import warnings
from pathlib import Path

import pytest

from dialogues import Personality, Profile, load_files, load_pool
from dialogues.errors import UsageError
from dialogues.pool import KINDS, SHIPPED, read_halves
from tests.growing import error_line, simulate

SPLITS = ("train", "eval", "unseen")
PROFILE_LINE = '{"profile": "He is 40.", "split": "train"}'
PERSONALITY_LINE = '{"personality": "He is shy."}'


def written(folder: Path, profiles: str, personalities: str = PERSONALITY_LINE) -> Path:
    """Write a pool's two files and return its folder."""
    (folder / "profiles.jsonl").write_text(profiles, encoding="utf-8")
    (folder / "personalities.jsonl").write_text(personalities, encoding="utf-8")
    return folder


def test_our_lines_are_objects_with_a_split(tmp_path: Path) -> None:
    lines = [json.dumps({"profile": f"He is {n}.", "split": each}) for n, each in enumerate(SPLITS)]
    pool = load_pool(written(tmp_path, "\n".join(lines)))
    assert [half.split for half in pool.profiles] == [*SPLITS]
    assert [half.text for half in pool.profiles] == ["He is 0.", "He is 1.", "He is 2."]


def test_the_split_is_train_unless_told(tmp_path: Path) -> None:
    assert load_pool(written(tmp_path, PROFILE_LINE)).personalities[0].split == "train"


def test_the_language_is_english_unless_told(tmp_path: Path) -> None:
    lines = f'{PROFILE_LINE}\n{{"profile": "Sie ist 50.", "language": "de"}}'
    pool = load_pool(written(tmp_path, lines))
    assert [half.language for half in pool.profiles] == ["en", "de"]


def test_a_text_is_the_same_in_any_language_and_use() -> None:
    one, other = Profile.of("Er ist 40."), Profile.of("Er ist 40.", "eval", "de")
    assert (one.id, one.clauses) == (other.id, other.clauses)


def test_one_file_of_a_pool_can_be_read_alone(tmp_path: Path) -> None:
    folder = written(tmp_path, PROFILE_LINE, "")
    (half,) = read_halves(folder / "profiles.jsonl", Profile, "profile")
    assert isinstance(half, Profile)
    assert half == load_pool(written(tmp_path, PROFILE_LINE)).profiles[0]
    written(tmp_path, PROFILE_LINE, "")
    with pytest.raises(UsageError, match="holds no personality"):
        read_halves(folder / "personalities.jsonl", Personality, "personality")


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
    "wrong language": '{"profile": "He is 40.", "language": 5}',
    "no language": '{"profile": "He is 40.", "language": null}',
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
        (BAD_LINES["unknown key"], 'known: "profile", "split", "language"'),
        (BAD_LINES["wrong language"], '"language" is 5; write a code such as "en"'),
        (BAD_LINES["wrong split"], "'test'"),
        (BAD_LINES["wrong split"], '"train", "eval", "unseen"'),
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


def test_the_shipped_pool_has_81_profiles_and_37_personalities() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pool = load_pool()
    assert (len(pool.profiles), len(pool.personalities)) == (81, 37)


def test_no_split_of_the_shipped_pool_shares_a_text_with_another() -> None:
    pool = load_pool()
    for halves in (pool.profiles, pool.personalities):
        assert len({half.text.lower() for half in halves}) == len(halves)
    assert {half.split for half in pool.personalities} == {*SPLITS}


def test_each_kind_has_a_file_and_a_class() -> None:
    for kind, (name, model) in KINDS.items():
        assert all(isinstance(each, model) for each in getattr(load_pool(), name))
        assert read_halves(SHIPPED / f"{name}.jsonl", model, kind) == getattr(load_pool(), name)


def test_the_shipped_pool_serves_training_and_evaluation() -> None:
    assert {persona.split for persona in load_pool().personas(10)} == {"train", "eval"}


def test_a_missing_file_is_named_once(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_pool(tmp_path / "none")
    assert str(caught.value).count(str(tmp_path)) == 1
