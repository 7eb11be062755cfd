"""Pools written by a model and compared by an embedder, both on a server that often fails."""

import io
import json
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pytest
import yaml

from dialogues.persona import Kind
from dialogues.pool import load_pool
from graphs.personas.build import Build
from graphs.personas.shelf import Round, Shelf
from tests.agents.models.asking import closed_port
from tests.growing import PROFILE, command, error_line
from tests.model_server import Answer, Call, ModelServer, problem
from tests.model_wire import vector_of

KEY, VARIABLE = 'k3y/with+signs="&<>\\-0123456789', "GROVE_TEST_KEY"
PARTS = (KEY, "k3y/with", "0123456789")
PERSONALITY = "They are dry and brief. They dislike fuss. They never ask."
PER_CALL = 3
"""Texts the model writes where it is asked for twenty, so that a small pool takes many calls."""
AT_ONCE = {"Retry-After-Ms": "1"}
FAULTS = ("429", "500", "cut body", "cut text", "prose")
SYLLABLES = ("ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "dra", "flo", "gri", "ple")


def words(draw: Random, count: int) -> str:
    return " ".join("".join(draw.choices(SYLLABLES, k=3)) for _ in range(count))


def a_text(kind: Kind, draw: Random) -> str:
    """Make up a text which has hardly a word in common with any other."""
    name = words(draw, 1).title()
    if kind == "personality":
        return " ".join(f"They {words(draw, 6)}." for _ in range(5))
    return f"{name} is {draw.randint(18, 80)} and mends {words(draw, 4)}. " + " ".join(
        f"{name} has {words(draw, 6)}." for _ in range(4)
    )


def kind_of(call: Call) -> Kind:
    return "personality" if "<personality>" in call.last else "profile"


def fault_of(seed: int) -> str:
    """Return what is wrong with the answer to a call: in four of five nothing."""
    return FAULTS[seed // 5 % len(FAULTS)] if seed % 5 == 0 else ""


def said(call: Call) -> str:
    draw, kind = Random(call.body["seed"]), kind_of(call)
    texts = [a_text(kind, draw) for _ in range(PER_CALL)]
    if draw.random() < 0.3:
        return "Here are some:\n" + "\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1))
    return json.dumps({"descriptions": texts})


def write(call: Call) -> Answer:
    """Write new texts, always the same for the same seed, or fail in one of five ways."""
    text = said(call)
    match fault_of(call.body["seed"]):
        case "429":
            return problem(429, f"Slow down, {call.headers['authorization']}.")
        case "500":
            return problem(500, f"Oops: {call.headers['authorization']}.")
        case "cut body":
            return Answer(raw=b'{"id": "x", "object": "chat.compl')
        case "cut text":
            return Answer(text[: len(text) // 2], "length")
        case "prose":
            return Answer("I'm sorry, but I cannot make up any people today; ask me tomorrow.")
        case _:
            return Answer(text)


def flaky(call: Call) -> Answer:
    """Embed, but fail at every third call, which is then made again."""
    return Answer(status=500, headers=AT_ONCE) if call.number % 3 == 1 else Answer()


class Made(NamedTuple):
    """A pool, the server it was made with, and what was printed."""

    pool: Path
    server: ModelServer
    printed: str

    @property
    def rounds(self) -> list[Round]:
        return Shelf(self.pool).rounds

    @property
    def seeds(self) -> list[int]:
        return [call.body["seed"] for call in self.server.calls]


def flags(folder: Path, url: str, *more: object, target: int = 20) -> list[str]:
    """Return the flags of a build: two endpoints with a key, and a pool of two to begin with."""
    lab = {"base_url": url, "api_key_env": VARIABLE, "timeout": 20}
    endpoints = {"lab": {**lab, "retries": 0}, "vectors": {**lab, "retries": 2}}
    (folder / "config.yaml").write_text(yaml.safe_dump({"endpoints": endpoints}))
    (folder / "seeds").mkdir(exist_ok=True)
    for kind, name, text in (
        ("profile", "profiles", PROFILE),
        ("personality", "personalities", PERSONALITY),
    ):
        (folder / "seeds" / f"{name}.jsonl").write_text(json.dumps({kind: text}) + "\n")
    told = ["--out", folder / "pool", "--target", target, "--per-profile", 2, *more]
    told += ["--config", folder / "config.yaml", "--seeds", folder / "seeds"]
    told += ["--writer", "openai:stub@lab", "--embedder", "openai:embed@vectors"]
    return [str(word) for word in told]


def build(folder: Path, server: ModelServer, *more: object, target: int = 20) -> int:
    return command(Build, *flags(folder, server.url, *more, target=target))


@pytest.fixture(autouse=True, scope="module")
def key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, KEY)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A pool of 20 personas, made while one call in five failed."""
    folder = tmp_path_factory.mktemp("made")
    printed = io.StringIO()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        ModelServer(write, embed=flaky, key=KEY) as server,
    ):
        assert build(folder, server) == 0
    assert "20 personas" in printed.getvalue()
    return Made(folder / "pool", server, printed.getvalue())


def test_the_pool_is_complete_though_calls_failed(made: Made) -> None:
    pool = load_pool(made.pool)
    uses = [[half.split for half in halves] for halves in (pool.profiles, pool.personalities)]
    assert [(split.count("train"), split.count("eval")) for split in uses] == [(10, 20), (2, 5)]
    assert len([one for one in pool.personas(2) if one.split == "train"]) == 20
    assert {fault_of(seed) for seed in made.seeds} > {""}


def test_all_of_the_pool_was_written_by_the_model_but_the_seeds(made: Made) -> None:
    kinds = {call.body["seed"]: kind_of(call) for call in made.server.calls}
    draws = {seed: Random(seed) for seed in kinds}
    written = {a_text(kinds[seed], draws[seed]) for seed in kinds for _ in range(PER_CALL)}
    pool = load_pool(made.pool)
    texts = {half.text for half in (*pool.profiles, *pool.personalities)}
    assert texts - written == {PROFILE, PERSONALITY}


def test_no_two_of_the_pool_are_more_alike_than_the_embedder_allows(made: Made) -> None:
    for half in ("profiles", "personalities"):
        texts = [each.text for each in getattr(load_pool(made.pool), half)]
        rows = np.array([vector_of(text) for text in texts])
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        assert (rows @ rows.T - np.eye(len(rows))).max() <= 0.6


def test_every_call_is_accounted_for_in_a_round(made: Made) -> None:
    rounds = [each for each in made.rounds if each.number]
    assert sum(each.asked for each in rounds) == 20 * len(made.seeds)
    lost = [fault_of(seed) for seed in made.seeds]
    failed = sum(sum(each.failures.values()) for each in rounds)
    assert failed == sum(fault in ("429", "500", "cut body") for fault in lost)
    told = " ".join(name for each in rounds for name in each.failures)
    for fault, error in {"429": "RateLimited", "500": "ServerFailed", "cut body": "Broken"}.items():
        assert (fault in lost) == (error in told)
    assert sum(each.unfit for each in rounds) >= lost.count("prose")


def test_the_tokens_of_all_answers_are_counted(made: Made) -> None:
    answered = [
        call
        for call in made.server.calls
        if fault_of(call.body["seed"]) not in ("429", "500", "cut body")
    ]
    taken = sum(call.words + len((write(call).text or "").split()) for call in answered)
    assert sum(each.tokens for each in made.rounds) == taken > 0


def test_the_model_is_shown_texts_to_train_on_and_none_for_evaluation(made: Made) -> None:
    pool = load_pool(made.pool)
    held_out = [half.text for half in pool.profiles if half.split == "eval"]
    assert held_out and not any(
        text in call.last for call in made.server.calls for text in held_out
    )
    shown = [re.findall(r"<(?:profile|personality)>", call.last) for call in made.server.calls]
    assert all(1 <= len(tags) <= 5 for tags in shown)
    assert {call.body["model"] for call in made.server.calls} == {"stub"}
    assert {call.body["model"] for call in made.server.embedded} == {"embed"}


def test_the_embedder_was_asked_again_and_each_text_once(made: Made) -> None:
    answered = [call for call in made.server.embedded if flaky(call).status == 200]
    texts = [text for call in answered for text in call.texts]
    assert len(answered) < len(made.server.embedded)
    assert len(texts) == len(set(texts))


def test_the_key_is_nowhere_in_the_folder_nor_in_what_is_said(made: Made) -> None:
    files = [path for path in made.pool.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if any(part.encode() in path.read_bytes() for part in PARTS)]
    assert not any(part in made.printed for part in PARTS)
    assert made.server.calls[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_address_of_the_server_is_no_part_of_how_the_pool_is_built(made: Made) -> None:
    record = Shelf(made.pool).record
    assert record and record.embedder == "openai:embed"
    assert record.writers == {"profile": "openai:stub", "personality": "openai:stub"}
    assert [*record.prompts] == ["openai:stub"]


def test_a_resumed_pool_buys_no_round_twice(tmp_path: Path) -> None:
    with ModelServer(write, embed=flaky, key=KEY) as server:
        assert build(tmp_path, server) == 0
        bought, before = len(server.calls), len(server.embedded)
        assert build(tmp_path, server) == 0
        assert (len(server.calls), len(server.embedded)) == (bought, before)
        assert build(tmp_path, server, target=40) == 0
        made = Made(tmp_path / "pool", server, "")
    assert len(made.seeds) == len(set(made.seeds)) > bought
    numbers = [(each.kind, each.number) for each in made.rounds]
    assert len(numbers) == len(set(numbers))
    assert len(load_pool(made.pool).profiles) == 40


def test_after_the_embedder_failed_only_the_round_at_work_is_bought_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails_later(call: Call) -> Answer:
        return Answer(status=500, headers=AT_ONCE) if 4 <= call.number < 8 else Answer()

    with ModelServer(write, embed=fails_later, key=KEY) as server:
        assert build(tmp_path, server) == 1
        assert "gave no vectors" in capsys.readouterr().err
        made = Made(tmp_path / "pool", server, "")
        first, whole = made.seeds, sum(each.asked for each in made.rounds if each.number) // 20
        assert build(tmp_path, server) == 0
    later = made.seeds[len(first) :]
    assert 0 < whole < len(first)
    assert not set(first[:whole]) & set(later)
    assert set(first[whole:]) <= set(later)
    assert len(later) == len(set(later))


def test_the_same_server_makes_the_same_pool_again(made: Made, tmp_path: Path) -> None:
    with ModelServer(write, key=KEY) as server:
        assert build(tmp_path, server) == 0
    for name in ("profiles.jsonl", "personalities.jsonl"):
        assert (tmp_path / "pool" / name).read_bytes() == (made.pool / name).read_bytes()


def test_a_url_in_the_specs_is_enough_where_no_key_is_wanted(tmp_path: Path) -> None:
    with ModelServer(lambda call: said(call)) as server:
        told = flags(tmp_path, server.url)
        told[told.index("openai:stub@lab")] = f"openai:stub@{server.url}"
        told[told.index("openai:embed@vectors")] = f"openai:embed@{server.url}"
        assert command(Build, *told) == 0
    assert len(load_pool(tmp_path / "pool").profiles) == 30


def test_a_model_that_only_repeats_itself_ends_the_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = json.dumps({"descriptions": [PROFILE] * 20})
    with ModelServer(lambda call: same, key=KEY) as server:
        assert build(tmp_path, server, "--patience", 3) == 1
        assert len(server.calls) <= 4 * 3 * 2
    assert "hardly anything new comes any more" in " ".join(capsys.readouterr().err.split())


def test_a_model_that_never_answers_a_text_ends_the_build_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer(lambda call: problem(500, "Oops."), key=KEY) as server:
        assert build(tmp_path, server, "--patience", 2) == 1
    assert "ServerFailed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "status", "told"),
    [
        (problem(401, "No such key."), 2, "the key is not accepted"),
        (problem(404, "No such model."), 2, "there is no such model"),
        (problem(429, "Pay.", "insufficient_quota"), 1, "quota is used up"),
    ],
)
def test_what_no_later_call_can_mend_stops_the_build_in_one_line(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    answer: Answer,
    status: int,
    told: str,
) -> None:
    with ModelServer(lambda call: answer, key=KEY) as server:
        assert build(tmp_path, server) == status
        assert len(server.calls) <= 4
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith("error: ") and told in line
    assert "--retry-failed" not in line


def test_a_writer_that_is_not_there_is_one_line_and_makes_no_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command(Build, *flags(tmp_path, closed_port())) == 2
    assert "no answer from" in error_line(capsys.readouterr().err)
    assert not (tmp_path / "pool").exists()


def test_an_embedder_that_is_not_there_is_one_line_and_spoils_no_pool(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ModelServer(write, models=["stub", "embed"], key=KEY) as server:
        told = flags(tmp_path, server.url)
        told[told.index("openai:embed@vectors")] = "openai:misspelt@vectors"
        assert command(Build, *told) in (1, 2)
        assert "openai:misspelt" in error_line(capsys.readouterr().err)
        assert build(tmp_path, server) == 0
