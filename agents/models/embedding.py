"""Embedders: what turns texts into vectors that lie close together where the texts are alike.

`lexical` needs no model: it compares words. The others compare meaning: `minilm` (Chroma's own
MiniLM, downloaded once), `st:MODEL` (any model of sentence-transformers, a folder or a name on the
hub) and `openai:MODEL[@ENDPOINT]`.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.models.lexical import THRESHOLDS, lexical
from agents.models.secrets import without_passwords, without_secrets
from agents.models.settings import ModelSettings
from dialogues.errors import GroveError, UsageError
from dialogues.persona import Kind
from dialogues.spec import Spec

Vectors = NDArray[np.float32]
Encode = Callable[[list[str]], Any]

PAPER_THRESHOLDS: Mapping[Kind, float] = {"profile": 0.6, "personality": 0.6}
"""What the ALOE paper admits with a sentence embedder, for both kinds."""

_AT_ONCE = 256


@dataclass(frozen=True)
class Embedder:
    """Turns texts into vectors.

    Attributes:
        name: its spec without an endpoint, by which a pool knows it again.
        thresholds: how alike texts of each kind may be to be two, where nothing else is said.
        encode: what makes one row per text.
    """

    name: str
    thresholds: Mapping[Kind, float]
    encode: Callable[[list[str]], Awaitable[Any]]

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Return one row of unit length per text, shape (texts, dimensions); zeros for no words.

        Raises:
            GroveError: a server gave none, however often it was asked.
        """
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        rows = np.asarray(await self.encode(list(texts)), dtype=np.float32).reshape(len(texts), -1)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        vectors: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
        return vectors


def open_embedder(text: str, settings: ModelSettings | None = None) -> Embedder:
    """Return the embedder a spec names.

    Raises:
        UsageError: there is no such embedder, its package is missing, or its model is not here and
            cannot be fetched.
    """
    spec = Spec.parse(text)
    if spec.model == "lexical":
        return Embedder(spec.model, THRESHOLDS, _aside(lexical))
    if spec.model == "minilm":
        return Embedder(spec.model, PAPER_THRESHOLDS, _aside(_minilm()))
    if spec.kind == "st" and spec.variant:
        return Embedder(spec.model, PAPER_THRESHOLDS, _aside(_sentence_transformer(spec.variant)))
    if spec.kind == "openai" and spec.variant:
        return Embedder(spec.model, PAPER_THRESHOLDS, _served(spec, settings or ModelSettings()))
    raise UsageError(
        f"--embedder {without_passwords(text)}: known are lexical, minilm, st:MODEL and "
        "openai:MODEL[@ENDPOINT]"
    )


def _aside(encode: Encode) -> Callable[[list[str]], Awaitable[Any]]:
    return lambda texts: asyncio.to_thread(encode, texts)


def _minilm() -> Encode:
    from chromadb.utils.embedding_functions import ONNXMiniLM_L6_V2

    function = ONNXMiniLM_L6_V2()
    try:
        function(["a first sentence"])
    except Exception as error:
        raise UsageError(
            f"--embedder minilm: its model could not be loaded ({_told(error)}); it is downloaded "
            f"once: connect to the internet, or copy it from a machine that has it into "
            f"{function.DOWNLOAD_PATH}; lexical needs none"
        ) from error
    encode: Encode = function
    return encode


def _sentence_transformer(name: str) -> Encode:
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise UsageError(
            f"--embedder st:{name} needs a further package: pip install -e '.[embed]'"
        ) from error
    try:
        model = SentenceTransformer(os.path.expanduser(name))
    except Exception as error:
        raise UsageError(
            f"--embedder st:{name}: no such folder, and it could not be fetched from the hub "
            f"({_told(error)}); give the folder of a sentence-transformers model"
        ) from error
    return partial(model.encode, batch_size=32, show_progress_bar=False)


def _served(spec: Spec, settings: ModelSettings) -> Callable[[list[str]], Awaitable[Any]]:
    from openai import AsyncOpenAI

    endpoint = settings.endpoint(spec.endpoint)
    key = endpoint.key()

    async def encode(texts: list[str]) -> Any:
        client = AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=key.get_secret_value(),
            timeout=endpoint.timeout,
            max_retries=endpoint.retries,
        )
        if not endpoint.is_openai:
            # The account's names are in the environment, and nobody else's business.
            client.organization = client.project = None
        rows: list[list[float]] = []
        async with client:
            for start in range(0, len(texts), _AT_ONCE):
                given = await client.embeddings.create(
                    model=spec.variant,
                    input=texts[start : start + _AT_ONCE],
                    encoding_format="float",
                )
                rows += [one.embedding for one in given.data]
        return rows

    async def tried(texts: list[str]) -> Any:
        try:
            return _checked(await encode(texts), len(texts))
        except Exception as error:
            said = " ".join(without_secrets(str(error), key.get_secret_value()).split())[:300]
            raise GroveError(f"{spec.model} at {endpoint.place} gave no vectors: {said}") from None

    return tried


def _checked(rows: list[list[float]], count: int) -> Vectors:
    vectors = np.asarray(rows, dtype=np.float32)
    if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
        raise ValueError(f"{len(rows)} of another form came for {count} texts")
    if not np.isfinite(vectors).all():
        raise ValueError("some of their numbers are none")
    return vectors


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]
