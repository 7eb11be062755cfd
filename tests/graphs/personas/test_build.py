"""Building a pool: exact counts, nobody twice, larger later, the same again from the same seed."""

import re
import shlex
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from agents.models.lexical import THRESHOLDS
from dialogues.command import parse
from dialogues.persona import Persona
from dialogues.pool import KINDS, SHIPPED, load_pool
from graphs.personas.stats import Stats
from graphs.simulate import Simulate
from tests.graphs.personas.pools import (
    FILES,
    NONSENSE,
    OTHER,
    PROFILE,
    Capture,
    built,
    check_index,
    content,
    records,
    rounds,
    said,
    texts,
    vectors,
    write_pool,
)
from tests.graphs.personas.writers import PATH, Witness
from tests.growing import command, grow, trees_of


def drawn(pool: Path, per_profile: int) -> list[Persona]:
    """Draw the training personas of a pool."""
    return [each for each in load_pool(pool).personas(per_profile) if each.split == "train"]


@pytest.mark.parametrize("seeds", ["--shipped", "--calls=2"], ids=["shipped seeds", "few seeds"])
def test_a_target_is_met_exactly_and_each_profile_meets_ten(tmp_path: Path, seeds: str) -> None:
    pool = built(tmp_path / "a", seeds, "--per-profile", "10", target=50)
    assert {kind: Counter(each["split"] for each in records(pool, kind)) for kind in KINDS} == {
        "profile": {"train": 5, "eval": 20},
        "personality": {"train": 10, "eval": 5},
    }
    personas = drawn(pool, 10)
    assert len(personas) == 50
    assert len({each.id for each in personas}) == 50
    assert set(Counter(each.profile.id for each in personas).values()) == {10}
    assert set(Counter(each.personality.id for each in personas).values()) == {5}
    check_index(pool)


@pytest.mark.parametrize(
    ("target", "per_profile", "profiles", "personalities"),
    [(1, 10, 1, 10), (55, 10, 6, 10), (23, 4, 6, 4), (100, 1, 100, 20), (7, 3, 3, 3)],
)
def test_any_target_is_reached_with_as_few_profiles_as_can_be(
    tmp_path: Path, target: int, per_profile: int, profiles: int, personalities: int
) -> None:
    pool = built(tmp_path / "a", "--per-profile", per_profile, target=target)
    assert len(texts(pool, "profile", "train")) == profiles
    assert len(texts(pool, "personality", "train")) == personalities
    personas = drawn(pool, per_profile)
    assert target <= len(personas) < target + per_profile
    assert len({each.id for each in personas}) == len(personas)
    uses = Counter(each.personality.id for each in personas)
    assert max(uses.values()) - min(uses[half] for half in ids(pool)) <= 1


def ids(pool: Path) -> list[str]:
    return [each.id for each in load_pool(pool).personalities if each.split == "train"]


def test_how_many_personalities_and_for_evaluation_can_be_said(tmp_path: Path) -> None:
    flags = ("--personalities", 13, "--eval-profiles", 0, "--eval-personalities", 2)
    pool = built(tmp_path / "a", *flags)
    splits = [Counter(each["split"] for each in records(pool, kind)) for kind in KINDS]
    assert splits == [{"train": 5}, {"train": 13, "eval": 2}]


def test_no_text_of_a_pool_is_more_alike_to_another_than_the_threshold(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", "--per-profile", 1, "--personalities", 60, target=300)
    for kind in KINDS:
        found = vectors(texts(pool, kind))
        alike = found @ found.T
        np.fill_diagonal(alike, 0)
        assert alike.max() <= THRESHOLDS[kind] + 1e-5


def test_a_larger_target_makes_the_pool_larger_and_keeps_what_is_there(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", target=50)
    before = content(pool)
    built(pool, target=300)
    after = content(pool)
    assert all(after[name].startswith(before[name]) for name in FILES)
    assert len(drawn(pool, 10)) == 300
    check_index(pool)


def test_a_smaller_target_takes_nothing_away(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", target=50)
    before = content(pool)
    built(pool, target=10)
    assert content(pool) == before


@pytest.mark.parametrize("seeds", ["--shipped", "--calls=4"], ids=["shipped seeds", "few seeds"])
def test_a_pool_that_is_full_is_left_as_it_is(tmp_path: Path, seeds: str) -> None:
    pool = built(tmp_path / "a", seeds)
    files = (*FILES, "rounds.jsonl", "pool.json")
    before = content(pool, *files)
    built(pool, seeds)
    assert content(pool, *files) == before


def test_the_same_seed_twice_gives_the_same_files_byte_for_byte(tmp_path: Path) -> None:
    files = (*FILES, "rounds.jsonl", "pool.json")
    one, other = (built(tmp_path / name, "--per-profile", 2, target=120) for name in "ab")
    assert content(one, *files) == content(other, *files)


def test_another_seed_gives_other_texts(tmp_path: Path) -> None:
    one, other = (built(tmp_path / f"{seed}", "--seed", seed, target=100) for seed in (0, 1))
    for kind in KINDS:
        assert len(set(texts(one, kind)) & set(texts(other, kind))) == 2


def test_the_summary_counts_what_was_made_and_gives_a_command_that_fits(
    tmp_path: Path, capsys: Capture
) -> None:
    pool = built(tmp_path / "a", "--per-profile", 5, target=20)
    told = said(capsys)
    assert "│ to train on │ 4 │ 5 │" in told
    assert "│ for evaluation │ 20 │ 5 │" in told
    assert "20 personas;" in told
    _, _, *argv = shlex.split(re.findall(r"python -m graphs.simulate .*", told)[0])[1:]
    settings = parse(Simulate, "graphs.simulate", argv).model_dump()
    assert (settings["pool"], settings["limit"], settings["per_profile"]) == (pool, 20, 5)


def test_trees_grow_from_a_pool_that_was_built(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", "--per-profile", 1, target=4)
    store = grow(tmp_path / "a.db", "--pool", str(pool), "--per-profile", "1", limit=4, turns=1)
    assert {tree.persona.profile.text for tree in trees_of(store)} <= set(texts(pool))


def test_writers_see_five_texts_for_training_and_none_for_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Witness, "briefs", [])
    writer = ("--writer", f"{PATH}:Witness", "--language", "en", "--calls", 2)
    pool = built(tmp_path / "a", *writer, "--per-profile", 1, target=100)
    for brief in Witness.briefs:
        training = set(texts(pool, brief.kind, "train"))
        assert set(brief.examples) <= training
        assert len(set(brief.examples)) == len(brief.examples) <= 5
        assert (brief.count, brief.language) == (20, "en")
    shown = [len(brief.examples) for brief in Witness.briefs if brief.kind == "profile"]
    assert shown == [1, 1] + [5] * (len(shown) - 2)
    for kind in KINDS:
        calls = [brief for brief in Witness.briefs if brief.kind == kind]
        assert [brief.number for brief in calls] == list(range(len(calls)))
    assert len({brief.seed for brief in Witness.briefs}) == len(Witness.briefs)


def test_tokens_and_texts_of_all_rounds_are_counted(tmp_path: Path, capsys: Capture) -> None:
    pool = built(tmp_path / "a", "--writer", NONSENSE, "--per-profile", 1, target=100)
    made = [each for each in rounds(pool) if each.number]
    assert sum(each.tokens for each in made) == 3 * sum(each.asked for each in made) // 20
    for each in rounds(pool):
        parts = each.unfit + each.known + each.near + each.surplus + each.admitted
        assert parts == each.written
    assert sum(each.admitted for each in rounds(pool)) == sum(
        len(texts(pool, kind)) for kind in KINDS
    )


def test_texts_with_control_characters_are_stored_and_found_again(
    tmp_path: Path, capsys: Capture
) -> None:
    pool = built(tmp_path / "a", "--writer", f"{PATH}:Hostile", target=20)
    before = content(pool)
    built(pool, "--writer", f"{PATH}:Hostile", target=30)
    assert all(content(pool)[name].startswith(before[name]) for name in FILES)
    check_index(pool)
    capsys.readouterr()
    assert command(Stats, pool) == 0
    assert "\x1b" not in capsys.readouterr().out


def test_seeds_of_the_shipped_pool_come_first_each_for_its_use(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", "--shipped", target=700)
    shipped = load_pool(SHIPPED)
    ours = [each.text for each in load_pool(pool).profiles]
    assert ours[:81] == [each.text for each in shipped.profiles]
    splits = {each.text: each.split for each in (*shipped.profiles, *shipped.personalities)}
    for kind in KINDS:
        for each in records(pool, kind):
            assert splits.get(each[kind], each["split"]) == each["split"] != "unseen"
    train = [each.text for each in shipped.personalities if each.split == "train"]
    assert texts(pool, "personality", "train") == train[:14]


def test_seeds_come_from_any_folder_and_those_of_another_language_do_not(tmp_path: Path) -> None:
    seeds = write_pool(
        tmp_path / "mine",
        profiles=[
            {"profile": "Udo ist 40 und angelt gern.", "language": "de"},
            {"profile": PROFILE, "language": "en"},
            {"profile": OTHER, "split": "eval"},
        ],
    )
    pool = built(tmp_path / "a", "--seeds", seeds, target=20)
    assert texts(pool)[:2] == [PROFILE, OTHER]
    assert [each["split"] for each in records(pool)[:2]] == ["train", "eval"]
    assert not any("Udo" in text for text in texts(pool))
    assert rounds(pool)[0].written == 2


def test_seeds_of_another_language_alone_leave_all_to_the_writer(tmp_path: Path) -> None:
    flags = ("--language", "nn", "--writer", NONSENSE)
    pool = built(tmp_path / "a", "--shipped", *flags, target=20)
    assert {each["language"] for kind in KINDS for each in records(pool, kind)} == {"nn"}
    assert not [each for each in rounds(pool) if not each.number]


def test_seeds_that_found_no_room_come_in_when_the_pool_grows(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", "--shipped", target=50)
    assert rounds(pool)[0].surplus == 56
    built(pool, "--shipped", target=610)
    shipped = {each.text for each in load_pool(SHIPPED).profiles}
    assert set(texts(pool)) == shipped
