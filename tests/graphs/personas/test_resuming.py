"""A pool whose building was cut off anywhere, or whose files changed, goes on to the same end."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphs.personas.shelf import Shelf, building
from tests.graphs.personas.pools import (
    FILES,
    NONSENSE,
    Capture,
    build,
    built,
    check_index,
    content,
    records,
    rounds,
    said,
    texts,
    vectors,
)

SHAPE = ("--per-profile", 1, "--personalities", 30, "--eval-profiles", 7, "--calls", 2)
TARGET = 70


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool that nobody disturbed; to be copied."""
    return built(tmp_path_factory.mktemp("whole") / "a", *SHAPE, target=TARGET)


@pytest.fixture
def pool(whole: Path, tmp_path: Path) -> Path:
    """A copy of that pool."""
    return Path(shutil.copytree(whole, tmp_path / "a"))


def cut(pool: Path, offset: int, told: float) -> None:
    """Leave what a process would have that was killed after `offset` bytes of both halves.

    Args:
        pool: a whole pool.
        offset: bytes written to profiles.jsonl and then personalities.jsonl.
        told: share that was written of the line of the round at work, where its texts were.
    """
    made, ended = rounds(pool), 0
    left = offset
    for name in FILES:
        data = (pool / name).read_bytes()
        lines = data[:left].count(b"\n")
        (pool / name).write_bytes(data[:left])
        if not left:
            (pool / name).unlink()
        for each in [one for one in made if name.startswith(one.kind[:7])]:
            lines -= each.admitted
            ended += lines >= 0
        left = max(0, left - len(data))
    path = pool / "rounds.jsonl"
    written = path.read_bytes().splitlines(keepends=True)[:ended]
    if written:
        written[-1] = written[-1][: int(told * len(written[-1]))]
    path.write_bytes(b"".join(written))


@given(share=st.floats(0, 1), told=st.floats(0, 1), indexed=st.booleans())
@example(share=0, told=0, indexed=True)
@example(share=1, told=0, indexed=True)
@example(share=1, told=0.99, indexed=False)
@settings(max_examples=8)
def test_a_build_cut_off_at_any_byte_ends_as_if_undisturbed(
    whole: Path, share: float, told: float, indexed: bool
) -> None:
    with TemporaryDirectory() as folder:
        pool = Path(shutil.copytree(whole, Path(folder) / "a"))
        cut(pool, int(share * sum(map(len, content(whole).values()))), told)
        if not indexed:
            shutil.rmtree(pool / "index")
        built(pool, *SHAPE, target=TARGET)
        assert content(pool) == content(whole)
        check_index(pool)


def test_a_torn_line_is_cut_off_with_a_warning(pool: Path, whole: Path, capsys: Capture) -> None:
    for name in (*FILES, "rounds.jsonl"):
        with (pool / name).open("ab") as file:
            file.write('{"profile": "Zoë'.encode()[:-1])
    built(pool, *SHAPE, target=TARGET)
    assert said(capsys).count("half-written last line is cut off") == 3
    files = (*FILES, "rounds.jsonl")
    assert content(pool, *files) == content(whole, *files)


def test_texts_written_without_the_line_of_their_round_are_known_again(
    pool: Path, whole: Path
) -> None:
    path = pool / "rounds.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    (last, *_) = rounds(whole)[-1:]
    built(pool, *SHAPE, target=TARGET + 30)
    assert all(content(pool)[name].startswith(content(whole)[name]) for name in FILES)
    again = rounds(pool)[len(rounds(whole)) - 1]
    assert (again.kind, again.number) != (last.kind, last.number) or again.known == last.admitted


def test_without_its_rounds_a_pool_grows_by_the_same_texts(pool: Path, tmp_path: Path) -> None:
    larger = built(tmp_path / "b", *SHAPE, target=TARGET + 50)
    (pool / "rounds.jsonl").unlink()
    built(pool, *SHAPE, target=TARGET + 50)
    assert set(texts(pool)) == set(texts(larger))


def test_without_its_record_a_pool_is_taken_over(pool: Path, whole: Path) -> None:
    (pool / "pool.json").unlink()
    built(pool, *SHAPE, target=TARGET)
    assert content(pool, *FILES, "pool.json") == content(whole, *FILES, "pool.json")


def opened(pool: Path) -> chromadb.ClientAPI:
    return chromadb.PersistentClient(pool / "index", settings=Settings(anonymized_telemetry=False))


def delete(pool: Path) -> None:
    shutil.rmtree(pool / "index")


def empty(pool: Path) -> None:
    (pool / "index" / "chroma.sqlite3").write_bytes(b"")


def be_garbage(pool: Path) -> None:
    (pool / "index" / "chroma.sqlite3").write_bytes(Random(1).randbytes(50_000))


def lose_its_half(pool: Path) -> None:
    path = pool / "index" / "chroma.sqlite3"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def hold_garbage_early(pool: Path) -> None:
    overwrite(pool, 4096)


def hold_garbage_in_the_middle(pool: Path) -> None:
    overwrite(pool, (pool / "index" / "chroma.sqlite3").stat().st_size // 2)


def overwrite(pool: Path, start: int) -> None:
    path = pool / "index" / "chroma.sqlite3"
    data = bytearray(path.read_bytes())
    data[start : start + 4000] = Random(2).randbytes(4000)
    path.write_bytes(data)


def lose_its_tables(pool: Path) -> None:
    with closing(sqlite3.connect(pool / "index" / "chroma.sqlite3")) as connection:
        connection.execute("drop table collections")
        connection.commit()


def know_a_stranger(pool: Path) -> None:
    client = opened(pool)
    stranger = vectors(["A stranger sings."])
    client.get_collection("profiles", embedding_function=None).add(["stranger"], stranger)
    client.close()


def have_forgotten_some(pool: Path) -> None:
    client = opened(pool)
    ids = list(Shelf(pool).halves["profile"])
    client.get_collection("profiles", embedding_function=None).delete(ids[3:40:2])
    client.close()


def be_of_another_embedder(pool: Path) -> None:
    client = opened(pool)
    ids = list(Shelf(pool).halves["profile"])
    client.delete_collection("profiles")
    other = client.create_collection(
        "profiles", metadata={"embedder": "minilm"}, embedding_function=None
    )
    other.add(ids, np.random.default_rng(0).standard_normal((len(ids), 384)))
    client.close()


DAMAGES = (
    delete, empty, be_garbage, lose_its_half, hold_garbage_early, lose_its_tables,
    know_a_stranger, have_forgotten_some, be_of_another_embedder,
)  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_whatever_becomes_of_the_index_the_pool_and_a_right_index_come_of_it(
    whole: Path, pool: Path, damage: Callable[[Path], None]
) -> None:
    damage(pool)
    cut(pool, 3 * len(content(whole)["profiles.jsonl"]) // 4, 1)
    built(pool, *SHAPE, target=TARGET)
    assert content(pool) == content(whole)
    check_index(pool)


def test_damage_found_only_in_use_is_mended_or_told_with_the_mend(
    whole: Path, pool: Path, capsys: Capture
) -> None:
    hold_garbage_in_the_middle(pool)
    cut(pool, 3 * len(content(whole)["profiles.jsonl"]) // 4, 1)
    if build(pool, *SHAPE, target=TARGET):
        assert f"the index in {pool / 'index'} failed" in (told := said(capsys))
        assert "remove that folder and try again" in told
        delete(pool)
        built(pool, *SHAPE, target=TARGET)
    assert content(pool) == content(whole)
    check_index(pool)


def test_a_line_added_by_hand_is_kept_and_nothing_like_it_comes_in(
    pool: Path, whole: Path, tmp_path: Path
) -> None:
    larger = built(tmp_path / "b", *SHAPE, target=TARGET + 40)
    coming = texts(larger)[len(texts(whole))]
    with (pool / "profiles.jsonl").open("a") as file:
        file.write(json.dumps({"profile": f"{coming} She hums."}) + "\n" + json.dumps("He is Bo."))
    built(pool, *SHAPE, target=TARGET + 40)
    ours = texts_of(pool)
    assert ours[len(texts(whole)) :][:2] == [f"{coming} She hums.", "He is Bo."]
    assert coming not in ours
    assert len(ours) == len(texts(larger))
    check_index(pool)


def texts_of(pool: Path) -> list[str]:
    return [half.text for half in Shelf(pool).halves["profile"].values()]


def test_a_line_taken_out_by_hand_makes_room_for_another(pool: Path, whole: Path) -> None:
    path = pool / "profiles.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:9] + lines[10:]))
    built(pool, *SHAPE, target=TARGET)
    assert texts(pool)[:-1] == texts(whole)[:9] + texts(whole)[10:]
    assert records(pool)[-1]["split"] == records(whole)[9]["split"]
    check_index(pool)


def test_a_pool_grown_in_steps_holds_no_one_twice(tmp_path: Path) -> None:
    pool = tmp_path / "a"
    for target in (1, 15, 16, 60, 61):
        built(pool, *SHAPE, "--writer", NONSENSE, target=target)
    assert len(set(texts(pool))) == len(texts(pool)) == 61 + 7


def test_only_one_process_builds_a_pool(pool: Path, capsys: Capture) -> None:
    with building(pool):
        assert build(pool, *SHAPE, target=TARGET) == 2
    assert "is being built by another process" in said(capsys)
    assert build(pool, *SHAPE, target=TARGET) == 0
