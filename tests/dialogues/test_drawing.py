"""Drawing personas from a pool: balanced pairs, all profiles before any comes again."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dialogues import Personality, Pool, Profile, load_pool

SPLITS = ("train", "eval", "unseen")


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


sizes = st.fixed_dictionaries({split: st.integers(0, 6) for split in SPLITS})
pools = st.builds(a_pool, sizes, sizes)


@given(pools, st.integers(1, 8), st.integers(0, 9))
def test_no_persona_is_drawn_twice(pool: Pool, per_profile: int, seed: int) -> None:
    ids = [persona.id for persona in pool.personas(per_profile, seed)]
    assert len(set(ids)) == len(ids)


@given(pools, st.integers(1, 8), st.integers(0, 9))
def test_drawing_is_balanced_within_a_split(pool: Pool, per_profile: int, seed: int) -> None:
    drawn = pool.personas(per_profile, seed)
    for split in SPLITS:
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
def test_all_profiles_come_once_before_any_comes_again(
    pool: Pool, per_profile: int, seed: int
) -> None:
    drawn = [persona.profile for persona in pool.personas(per_profile, seed)]
    met: Counter[str] = Counter()
    rounds = []
    for profile in drawn:
        met[profile.id] += 1
        rounds.append(met[profile.id])
    assert rounds == sorted(rounds)
    for number in {*rounds}:
        ids = [p.id for p, at in zip(drawn, rounds, strict=True) if at == number]
        assert ids == [profile.id for profile in pool.profiles if profile.id in ids]


def test_the_first_shipped_personas_are_of_different_profiles() -> None:
    pool = load_pool()
    first = pool.personas(10)[: len(pool.profiles)]
    assert [persona.profile for persona in first] == [*pool.profiles]
    assert len({persona.personality.id for persona in first}) >= 30


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
