"""Admission: who is in the pool is far from all others, and who is not is close to somebody."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.models.embedding import Embedder
from dialogues.persona import Description, Profile
from graphs.personas.admission import described, sift
from graphs.personas.distance import closest_across, nearest_others
from graphs.personas.index import Index, opened_index
from graphs.personas.shelf import Shelf
from tests.graphs.personas.pools import (
    NONSENSE,
    OTHER,
    PROFILE,
    Capture,
    build,
    built,
    records,
    texts,
    write_pool,
)

PLACES: dict[str, Any] = {}
"""The vectors the toy embedder has for texts."""


async def looked_up(asked: list[str]) -> Any:
    return [PLACES[text] for text in asked]


TOY = Embedder("toy", {"profile": 0.5, "personality": 0.5}, looked_up)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """An index, to be emptied by whoever uses it."""
    with opened_index(tmp_path_factory.mktemp("index"), TOY) as opened:
        yield opened


@st.composite
def directions(draw: st.DrawFn, least: int = 0, most: int = 30) -> Any:
    """Draw vectors of unit length, some of them equal, some nearly."""
    count, size = draw(st.integers(least, most)), draw(st.integers(2, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = rng.standard_normal((count, size))
    for row in range(1, count):
        if rng.random() < 0.3:
            rows[row] = rows[rng.integers(row)] + rng.choice([0, 0.1]) * rng.standard_normal(size)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def people(vectors: Any) -> list[Description]:
    """Return descriptions to which the toy embedder gives these vectors."""
    made = [Profile.of(f"Person number {number}.") for number in range(len(vectors))]
    PLACES.update((half.text, vector) for half, vector in zip(made, vectors, strict=True))
    return list(made)


async def admitted(
    index: Index, batches: Sequence[Sequence[Description]], threshold: float
) -> list[Description]:
    """Admit batch after batch into an emptied pool; return who came in."""
    await index.follow("profile", {})
    pool: list[Description] = []
    for batch in batches:
        known = {half.id for half in pool}
        sifted = await sift("profile", batch, known, index, TOY, threshold)
        assert len(sifted.admitted) + sifted.unfit + sifted.known + sifted.near == len(batch)
        index.add("profile", [half.id for half in sifted.admitted], sifted.vectors)
        pool += sifted.admitted
    return pool


@given(directions(), st.floats(0.05, 0.99), st.lists(st.integers(1, 12), min_size=1))
@settings(max_examples=30)
def test_no_two_in_a_pool_are_more_alike_than_the_threshold_and_nobody_else_had_room(
    index: Index, vectors: Any, threshold: float, sizes: list[int]
) -> None:
    everybody, batches = people(vectors), []
    rest = list(everybody)
    while rest:
        size = sizes[len(batches) % len(sizes)]
        batches.append(rest[:size])
        rest = rest[size:]
    pool = asyncio.run(admitted(index, batches, threshold))
    rows = [everybody.index(half) for half in pool]
    alike = vectors @ vectors.T
    for row in range(len(everybody)):
        before = [other for other in rows if other < row]
        closest = max(alike[row][before], default=0.0)
        assert closest <= threshold + 1e-5 if row in rows else closest > threshold - 1e-5


@given(directions(least=1), st.floats(0.05, 0.99))
@settings(max_examples=15)
def test_whoever_is_known_or_comes_twice_comes_in_once(
    index: Index, vectors: Any, threshold: float
) -> None:
    everybody = people(vectors)
    once = asyncio.run(admitted(index, [everybody], threshold))
    assert asyncio.run(admitted(index, [[*everybody, *everybody], everybody], threshold)) == once


def test_what_is_no_description_is_counted_and_left_out(index: Index) -> None:
    async def work() -> None:
        await index.follow("profile", {})
        one, other = people(np.eye(2))
        sifted = await sift("profile", [None, one, None, one, other], {other.id}, index, TOY, 0.5)
        assert (sifted.admitted, sifted.unfit, sifted.known, sifted.near) == ([one], 2, 2, 0)
        nobody = await sift("profile", [None, None], {}, index, TOY, 0.5)
        assert (nobody.admitted, nobody.unfit) == ([], 2)

    asyncio.run(work())


def test_a_text_without_words_the_embedder_knows_is_like_nothing(index: Index) -> None:
    async def work() -> list[Description]:
        return await admitted(index, [people(np.zeros((2, 3))), people(np.eye(3))], 0.5)

    assert len(asyncio.run(work())) == 3


@pytest.mark.parametrize(
    ("kind", "text", "fits"),
    [
        ("profile", OTHER, True),
        ("profile", "Tom is 30. He sings. He rows.", False),
        ("personality", "They are shy. They sing. They row.", True),
        ("personality", "They are shy. They sing.", False),
        ("profile", "He sings low. " * 150, False),
        ("profile", "", False),
        ("profile", " \n\t", False),
        ("profile", "... !!! --- ???", False),
        ("profile", "\x00\ud800", False),
    ],
)
def test_a_description_has_clauses_enough_and_is_not_too_long(
    kind: Any, text: str, fits: bool
) -> None:
    assert (described(kind, text, "en") is not None) is fits


@given(directions(least=2, most=25), st.data())
@settings(max_examples=15)
def test_the_closest_across_the_splits_is_found_exactly(
    index: Index, tmp_path_factory: pytest.TempPathFactory, vectors: Any, data: st.DataObject
) -> None:
    uses = st.lists(
        st.sampled_from(["train", "eval", "unseen"]), min_size=len(vectors), max_size=len(vectors)
    )
    splits = data.draw(uses)
    halves = [
        half.model_copy(update={"split": split})
        for half, split in zip(people(vectors), splits, strict=True)
    ]
    shelf = Shelf(tmp_path_factory.getbasetemp())
    shelf.halves["profile"] = {half.id: half for half in halves}

    async def closest() -> Any:
        await index.follow("profile", {})
        await index.follow("profile", shelf.halves["profile"])
        return closest_across(shelf, index, "profile")

    found = asyncio.run(closest())
    train = [row for row, split in enumerate(splits) if split == "train"]
    held_out = [row for row, split in enumerate(splits) if split != "train"]
    if not train or not held_out:
        assert found is None
        return
    alike = (vectors @ vectors.T)[np.ix_(held_out, train)]
    assert found.similarity == pytest.approx(float(alike.max()), abs=1e-5)
    ids = [half.id for half in halves]
    pair = alike[held_out.index(ids.index(found.one)), train.index(ids.index(found.other))]
    assert pair == pytest.approx(float(alike.max()), abs=1e-5)


@given(directions(least=0, most=25))
def test_the_nearest_other_of_each_is_found_exactly(vectors: Any) -> None:
    ids = [f"{row}" for row in range(len(vectors))]
    found = nearest_others(ids, vectors)
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -2)
    assert {close.one for close in found} == (set(ids) if len(ids) > 1 else set())
    for close in found:
        row, other = int(close.one), int(close.other)
        assert row != other
        assert close.similarity == pytest.approx(float(alike[row].max()), abs=1e-5)
        assert alike[row, other] == pytest.approx(float(alike[row].max()), abs=1e-5)
    similarities = [close.similarity for close in found]
    assert similarities == sorted(similarities, reverse=True)


def test_an_evaluation_text_edited_to_be_like_a_training_one_is_refused(
    tmp_path: Path, capsys: Capture
) -> None:
    pool = built(tmp_path / "a", target=30)
    path, before = pool / "profiles.jsonl", records(pool)
    place = next(at for at, each in enumerate(before) if each["split"] == "eval")
    near = f"{texts(pool, 'profile', 'train')[-1]} She hums."
    after = [*before[:place], {"profile": near, "split": "eval"}, *before[place + 1 :]]
    path.write_text("".join(json.dumps(each) + "\n" for each in after))
    capsys.readouterr()
    assert build(pool, target=30) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert len(told) == 1
    assert f"take one of them out of {path}" in told[0]
    assert Profile.of(near).id in told[0]
    path.write_text("".join(json.dumps(each) + "\n" for each in before))
    assert build(pool, target=30) == 0


def test_seeds_too_much_alike_do_not_both_come_in(tmp_path: Path) -> None:
    both = [{"profile": PROFILE}, {"profile": f"{PROFILE} She hums.", "split": "eval"}]
    seeds = write_pool(tmp_path / "mine", profiles=[*both, {"profile": OTHER, "split": "eval"}])
    pool = built(tmp_path / "a", "--seeds", seeds, target=10)
    assert texts(pool)[:2] == [PROFILE, OTHER]
    assert both[1]["profile"] not in texts(pool)


def test_a_threshold_of_its_own_holds_for_both_kinds(tmp_path: Path) -> None:
    pool = built(tmp_path / "a", "--threshold", "0.3", "--writer", NONSENSE, target=20)
    record = Shelf(pool).record
    assert record is not None
    assert record.thresholds == {"profile": 0.3, "personality": 0.3}


def test_the_index_takes_and_gives_as_many_vectors_as_a_large_pool_has(index: Index) -> None:
    count = 33_100
    vectors = np.random.default_rng(0).standard_normal((count, 3)).astype(np.float32)
    ids = [f"{number:05d}" for number in range(count)]
    asyncio.run(index.follow("personality", {}))
    index.add("personality", ids, vectors)
    assert np.allclose(index.vectors("personality", ids), vectors)
