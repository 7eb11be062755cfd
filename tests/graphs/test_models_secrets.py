"""The key of a server stays in the environment: it is stored, exported, shown and said nowhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from dialogues.export import Export
from dialogues.ingest import Ingest
from dialogues.show import Show
from tests.agents.prompted.serving import EVERY_SEAT, MODEL, run, shape, statuses
from tests.growing import command, trees_of
from tests.model_server import Answer, Call, ModelServer, play, problem

KEY = 'k3y/with+signs="&<>\\-0123456789'
PARTS = (KEY, "k3y/with", "0123456789")
FORMATS = ("tree", "preference", "sft", "kto", "prompt")


def echoing(call: Call) -> Answer:
    """Answer with the key everywhere a server can put one."""
    key = call.headers["authorization"].removeprefix("Bearer ")
    match call.seat:
        case "judge" | "inducer":
            return Answer(play(call), reasoning=f"The key is {key}.")
        case "user" if len(call.messages) > 2:
            return problem(400, f"Bad request with Authorization: Bearer {key}", code=key)
        case _:
            text = f"{play(call)} Is {key} your key? Number {call.body['seed']}."
            return Answer(text, reasoning=f"Bearer {key}")


def refusing(call: Call) -> Answer:
    """Decline, and say the key."""
    key = call.headers["authorization"].removeprefix("Bearer ")
    return Answer(refusal=f"I will not answer {key}.")


class Said(NamedTuple):
    """A grown run and all that was said of it."""

    store: Path
    printed: str


def grown(folder: Path, answer: object, *flags: str, listing: bool = True) -> int:
    with ModelServer(answer, key=KEY, listing=listing) as server:  # type: ignore[arg-type]
        return run(folder / "a.db", server, *flags, *shape(2, 2), key="GROVE_TEST_KEY")


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GROVE_TEST_KEY", KEY)
    return None


def leaked(folder: Path) -> list[str]:
    """Return the files below a folder that hold the key or much of it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    wanted = [part.encode() for part in PARTS] + [KEY.encode("unicode_escape")]
    return [path.name for path in files if any(part in path.read_bytes() for part in wanted)]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_key_is_in_no_file_and_nothing_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], workers: str
) -> None:
    assert grown(tmp_path, echoing, *EVERY_SEAT, "--workers", workers) == 1
    store = tmp_path / "a.db"
    assert statuses(store) == ["failed"] * 2
    for name in FORMATS:
        assert command(Export, store, "--format", name, "--out", tmp_path / f"{name}.jsonl") == 0
    assert (
        command(Ingest, "--from", "tree", tmp_path / "tree.jsonl", "--store", tmp_path / "b.db")
        == 0
    )
    for tree in trees_of(store):
        assert command(Show, store, tree.key, "--svg", tmp_path / f"{tree.key}.svg") == 0
        for node in tree.user_messages():
            assert command(Show, store, tree.key, "--path", node.key) == 0
    command(Show, store)
    assert leaked(tmp_path) == []
    said = "".join(capfd.readouterr())
    assert [part for part in PARTS if part in said] == []
    assert "***" in said


def test_a_reply_with_the_key_keeps_the_rest_of_its_words(tmp_path: Path) -> None:
    grown(tmp_path, echoing, "--assistant", MODEL)
    texts = [node.text for tree in trees_of(tmp_path / "a.db") for node in tree]
    assert any("Is *** your key?" in text for text in texts)


def test_a_refusal_that_says_the_key_is_stored_without_it(tmp_path: Path) -> None:
    assert grown(tmp_path, refusing, "--judge", MODEL) == 1
    failures = [node.failure for tree in trees_of(tmp_path / "a.db") for node in tree.failures()]
    assert {failure.type for failure in failures if failure} == {"Refused"}
    assert leaked(tmp_path) == []


@pytest.mark.parametrize("usual", [True, False], ids=["usual body", "other body"])
@pytest.mark.parametrize("status", [401, 429, 418])
def test_an_error_that_says_the_key_is_told_without_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], status: int, usual: bool
) -> None:
    def failing(call: Call) -> Answer:
        told = f"Your key was {call.headers['authorization'].removeprefix('Bearer ')}."
        return problem(status, told) if usual else Answer(status=status, error={"detail": told})

    assert grown(tmp_path, failing, "--user", MODEL) in (1, 2)
    said = "".join(capfd.readouterr())
    assert [part for part in PARTS if part in said] == []
    assert leaked(tmp_path) == []


def test_a_key_in_the_url_of_a_spec_is_not_stored(tmp_path: Path) -> None:
    with ModelServer() as server:
        spec = f"{MODEL}@{server.url}?token={PARTS[2]}"
        assert run(tmp_path / "a.db", server, "--assistant", spec, *shape(1, 1)) in (0, 1, 2)
    assert leaked(tmp_path) == []


def test_a_dry_run_needs_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GROVE_TEST_KEY")
    assert grown(tmp_path, play, *EVERY_SEAT, "--dry-run") == 0
    assert not (tmp_path / "a.db").exists()
