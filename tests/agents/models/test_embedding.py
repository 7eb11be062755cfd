"""Embedders: rows of unit length from words, from a folder's model and from a server."""

import asyncio
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.models.embedding import Embedder, Vectors, open_embedder
from agents.models.settings import Endpoint, ModelSettings
from dialogues.errors import GroveError, UsageError
from tests.agents.models.asking import closed_port
from tests.agents.models.tiny import SENTENCES
from tests.model_server import Answer, Call, ModelServer, problem
from tests.model_wire import vector_of

KEY, VARIABLE = "sk-lab-0123456789abcdef", "LAB_KEY"
ADA, BEN = "Ada mends clocks in Bath.", "Ben drives a tram in Lagos."
AT_ONCE = {"Retry-After-Ms": "1"}
BUSY = Answer(status=500, headers=AT_ONCE)
KINDS = ("lexical", "openai", "st")
MARK = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\n"


def embed(embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Return the vectors of texts, which must not take for ever."""
    return in_turn(embedder, texts)[0]


def in_turn(embedder: Embedder, *lots: Sequence[str]) -> list[Vectors]:
    """Return the vectors of several lots of texts, in one event loop."""

    async def patient() -> list[Vectors]:
        return [await asyncio.wait_for(embedder.embed(texts), 20) for texts in lots]

    return asyncio.run(patient())


def served(url: str, key: str = "", **endpoint: Any) -> Embedder:
    """Return an embedder on a server, with one further try unless told."""
    told = {"retries": 1, "timeout": 20, **endpoint}
    endpoints = {"lab": Endpoint(base_url=url, api_key_env=key, **told)}
    return open_embedder("openai:embed@lab", ModelSettings(endpoints=endpoints))


def lost(url: str, **endpoint: Any) -> str:
    """Return what is said when a server gives no vectors: one line with the server's place."""
    with pytest.raises(GroveError) as caught:
        embed(served(url, **endpoint), [ADA])
    told = str(caught.value)
    assert told.startswith(f"openai:embed at {url} gave no vectors: ") and "\n" not in told
    return told


def refused(spec: str, settings: ModelSettings | None = None) -> str:
    """Return the one line that says why there is no such embedder."""
    with pytest.raises(UsageError) as caught:
        open_embedder(spec, settings)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sentence-transformers model of some hundred random weights."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    made = tmp_path_factory.mktemp("st")
    words = ["[PAD]", "[UNK]", *sorted({word for text in SENTENCES for word in text.split()})]
    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate(words)}, "[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", model_max_length=32
    ).save_pretrained(made / "bert")
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}
    config = BertConfig(vocab_size=len(words), intermediate_size=8, **shape)
    BertModel(config).save_pretrained(made / "bert")
    modules = [Transformer(str(made / "bert"), max_seq_length=32), Pooling(8)]
    SentenceTransformer(modules=modules).save(str(made / "model"))
    return made / "model"


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with ModelServer() as opened:
        yield opened


@pytest.fixture(params=KINDS)
def any_embedder(request: pytest.FixtureRequest, server: ModelServer) -> Embedder:
    if request.param == "openai":
        return served(server.url)
    if request.param == "st":
        return open_embedder(f"st:{request.getfixturevalue('folder')}")
    return open_embedder(request.param)


def test_every_row_has_the_length_one(any_embedder: Embedder) -> None:
    vectors = embed(any_embedder, SENTENCES)
    assert vectors.dtype == np.float32 and len(vectors) == len(SENTENCES)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_every_row_is_that_of_its_text(any_embedder: Embedder) -> None:
    together, *alone = in_turn(any_embedder, SENTENCES, *([text] for text in SENTENCES))
    assert together == pytest.approx(np.concatenate(alone), abs=1e-5)


def test_no_texts_have_no_rows(any_embedder: Embedder) -> None:
    assert len(embed(any_embedder, [])) == 0


def test_it_serves_one_event_loop_after_another(any_embedder: Embedder) -> None:
    assert np.array_equal(embed(any_embedder, [ADA]), embed(any_embedder, [ADA]))


@pytest.mark.parametrize("any_embedder", KINDS[:2], indirect=True)
def test_a_text_without_words_is_all_zeros(any_embedder: Embedder) -> None:
    vectors = embed(any_embedder, [ADA, "…!", BEN])
    assert [bool(row.any()) for row in vectors] == [True, False, True]
    assert np.isfinite(vectors).all()


def test_many_texts_go_in_several_calls_and_keep_their_order(server: ModelServer) -> None:
    texts, before = [f"person {number}" for number in range(600)], len(server.embedded)
    vectors = embed(served(server.url), texts)
    calls = server.embedded[before:]
    assert [len(call.texts) for call in calls] == [256, 256, 88]
    assert [text for call in calls for text in call.texts] == texts
    wanted = np.array([vector_of(text) for text in texts])
    assert vectors == pytest.approx(wanted / np.linalg.norm(wanted, axis=1, keepdims=True))


def test_a_server_is_asked_for_the_model_of_the_spec(server: ModelServer) -> None:
    embedder = open_embedder(f"openai:embed@{server.url}")
    embed(embedder, [ADA])
    assert server.embedded[-1].body["model"] == "embed"
    assert server.embedded[-1].texts == [ADA]
    assert embedder.name == "openai:embed"


def test_the_key_of_a_named_endpoint_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    with ModelServer(key=KEY) as strict:
        embed(served(strict.url, VARIABLE), [ADA])
        assert strict.embedded[0].headers["authorization"] == f"Bearer {KEY}"


def test_the_names_of_ones_account_are_nobody_elses_business(
    monkeypatch: pytest.MonkeyPatch, server: ModelServer
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    embed(served(server.url), [ADA])
    assert "mine" not in json.dumps(server.embedded[-1].headers)


@pytest.mark.parametrize("fault", [BUSY, problem(429, "Slow."), problem(503, "Busy.")])
def test_what_passes_is_asked_again(fault: Answer) -> None:
    fault = Answer(status=fault.status, error=fault.error, headers=AT_ONCE)
    with ModelServer(embed=lambda call: fault if call.number == 0 else Answer()) as flaky:
        vectors = embed(served(flaky.url), [ADA])
        assert len(flaky.embedded) == 2
    assert vectors.any()


def test_a_reset_connection_is_asked_again() -> None:
    with ModelServer(embed=lambda call: Answer(reset=call.number == 0)) as flaky:
        assert embed(served(flaky.url), [ADA]).any()


def test_a_server_that_stays_broken_is_one_line_without_the_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, KEY)

    def telltale(call: Call) -> Answer:
        said = f"cannot\nuse {call.headers['authorization']}"
        return Answer(status=500, error={"error": {"message": said}}, headers=AT_ONCE)

    with ModelServer(embed=telltale) as broken:
        told = lost(broken.url, key=VARIABLE, retries=2)
        assert len(broken.embedded) == 3
    assert KEY not in told and "cannot" in told


def test_a_key_that_is_wrong_is_one_line_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)
    with ModelServer(key="sk-another-one") as strict:
        told = lost(strict.url, key=VARIABLE, retries=6)
        assert len(strict.embedded) == 1
    assert "401" in told and KEY not in told


def test_a_model_the_server_does_not_know_is_one_line() -> None:
    with ModelServer(models=["another"]) as strict:
        assert "The model `embed` does not exist" in lost(strict.url)


def test_a_port_nobody_listens_on_is_one_line() -> None:
    assert "onnect" in lost(closed_port(), retries=0)


def test_a_server_that_never_answers_is_given_up() -> None:
    with ModelServer(embed=lambda call: Answer(hang=True)) as silent:
        assert "timed out" in lost(silent.url, timeout=0.3, retries=0)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html>",
        b"null",
        b"[]",
        b'{"data": []}',
        b'{"data": null}',
        b'{"data": [{"embedding": null}]}',
        b'{"data": [{"embedding": []}]}',
        b'{"data": [{"embedding": ["a"]}]}',
        b'{"data": [{"embedding": [1.0, NaN]}]}',
    ],
)
def test_what_is_no_vectors_is_one_line(raw: bytes) -> None:
    with ModelServer(embed=lambda call: Answer(raw=raw)) as odd:
        lost(odd.url, retries=0)


def test_fewer_vectors_than_texts_are_not_cut_up_into_more() -> None:
    raw = b'{"data": [{"index": 0, "embedding": [1.0, 0.0, 0.0, 1.0]}]}'
    with ModelServer(embed=lambda call: Answer(raw=raw)) as short, pytest.raises(GroveError):
        embed(served(short.url), [ADA, BEN])


def test_a_model_of_a_folder_is_named_by_it(folder: Path) -> None:
    embedder = open_embedder(f"st:{folder}")
    assert embedder.name == f"st:{folder}"
    assert embed(embedder, [ADA]).shape == (1, 8)


def test_a_folder_may_be_below_ones_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    assert embed(open_embedder("st:~/model"), [ADA]).any()


@pytest.mark.parametrize("name", ["no/such/folder", "/no/such/folder", "./nothing", "nobody/none"])
def test_a_model_that_is_not_there_is_one_line_at_once(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    import sentence_transformers  # noqa: F401 (it takes seconds)

    before = time.monotonic()
    told = refused(f"st:{name}")
    assert time.monotonic() - before < 5
    assert told.startswith(f"--embedder st:{name}: no such folder")
    assert told.endswith("give the folder of a sentence-transformers model")


def test_no_code_of_a_models_folder_is_run(folder: Path, tmp_path: Path) -> None:
    for name in ("modules", "architecture"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "evil.py").write_text(MARK)
    module = {"idx": 0, "name": "0", "path": "", "type": "evil.Evil"}
    (tmp_path / "modules" / "modules.json").write_text(json.dumps([module]))
    (tmp_path / "architecture" / "config.json").write_text(
        json.dumps({"model_type": "evil", "auto_map": {"AutoConfig": "evil.Evil"}})
    )
    for name in ("modules", "architecture"):
        assert "could not be" in refused(f"st:{tmp_path / name}")
    assert not list(tmp_path.rglob("ran"))


def test_minilm_names_the_folder_it_is_downloaded_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    monkeypatch.setattr(ONNXMiniLM_L6_V2, "DOWNLOAD_PATH", tmp_path / "minilm")
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, closed_port())
    told = refused("minilm")
    assert f"copy it from a machine that has it into {tmp_path / 'minilm'}" in told
    assert "lexical needs none" in told


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("bert", "known are lexical, minilm, st:MODEL and openai:MODEL[@ENDPOINT]"),
        ("st:", "st:MODEL"),
        ("openai:", "openai:MODEL[@ENDPOINT]"),
        ("hf:folder", "st:MODEL"),
        ("a b", "is no spec"),
        ("openai:embed@lab", "no endpoint 'lab'"),
        ("openai:embed", "OPENAI_API_KEY"),
        ("openai:embed@http://", "write a URL"),
    ],
)
def test_what_is_no_embedder_is_one_line(spec: str, told: str) -> None:
    assert told in refused(spec)


@pytest.mark.parametrize("kind", ["openai:embed", "embed", "st:"])
def test_a_password_in_a_url_is_not_shown(kind: str) -> None:
    assert "hunter2" not in refused(f"{kind}@http://me:hunter2@host/v1")


def test_a_key_that_is_not_set_is_named() -> None:
    assert VARIABLE in refused(
        "openai:embed@lab",
        ModelSettings(endpoints={"lab": Endpoint(base_url=closed_port(), api_key_env=VARIABLE)}),
    )
