"""Pools of personas: the price of one more candidate, the index against exact search, 3,310 made.

    python -m benchmarks.persona_pool [--neural FOLDER]

FOLDER is a sentence-transformers model; without one, a model of MiniLM's shape with random weights
takes its place, which costs the same and means nothing. Growth is measured against the scheme of
the ALOE reference code, which encodes every text of the pool again for every candidate.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from agents.models.embedding import Embedder, Vectors, open_embedder
from agents.scripted.draws import Draws
from agents.scripted.life import draw_life
from agents.scripted.telling import told_life
from dialogues.persona import Profile
from dialogues.pool import KINDS, load_pool
from graphs.personas.admission import sift
from graphs.personas.build import Build
from graphs.personas.index import Index, opened_index
from graphs.personas.making import make_pool
from graphs.personas.shelf import Shelf

SIZES = (331, 3_310, 33_100)
CANDIDATES, BATCH, RECALL, NEURAL = 400, 20, 10_000, 1_000


def written(count: int, seed: int) -> list[str]:
    draw = Draws(seed)
    return [told_life(draw_life(draw), draw) for _ in range(count)]


async def filled(index: Index, embedder: Embedder, texts: Sequence[str]) -> Vectors:
    """Put texts in; beyond what a neural embedder does in minutes, its vectors again with noise."""
    embedded = len(texts) if embedder.name == "lexical" else min(len(texts), NEURAL)
    vectors = await embedder.embed(texts[:embedded])
    noise = np.random.default_rng(0)
    while len(vectors) < len(texts):
        again = vectors[:embedded] + noise.normal(0, 0.02, vectors[:embedded].shape)
        again /= np.linalg.norm(again, axis=1, keepdims=True)
        vectors = np.concatenate([vectors, again.astype(np.float32)])[: len(texts)]
    index.add("profile", [str(at) for at in range(len(texts))], vectors)
    return vectors


async def one_more(embedder: Embedder, size: int) -> tuple[float, float]:
    """Return the milliseconds that filtering one more candidate takes, and putting it in.

    Filtering is embedding it, finding the nearest in the pool, and comparing it with its batch.
    """
    filtering = adding = 0.0
    with tempfile.TemporaryDirectory() as folder, opened_index(Path(folder), embedder) as index:
        await filled(index, embedder, written(size, 1))
        halves = [Profile.of(text) for text in written(CANDIDATES, 2)]
        for start in range(0, CANDIDATES, BATCH):
            part = halves[start : start + BATCH]
            begun = time.perf_counter()
            sifted = await sift("profile", part, (), index, embedder, 1.0)
            between = time.perf_counter()
            index.add("profile", [half.id for half in sifted.admitted], sifted.vectors)
            filtering += between - begun
            adding += time.perf_counter() - between
    return filtering / CANDIDATES * 1e3, adding / CANDIDATES * 1e3


async def encoded_again(embedder: Embedder, size: int, count: int) -> float:
    """Return the milliseconds that one more candidate takes the reference."""
    pool, candidates = written(size, 1), written(count, 2)
    before = time.perf_counter()
    for candidate in candidates:
        vectors = await embedder.embed([*pool, candidate])
        (vectors[:-1] @ vectors[-1]).max()
    return (time.perf_counter() - before) / count * 1e3


async def price(embedder: Embedder, again: int) -> None:
    ours = [await one_more(embedder, size) for size in SIZES]
    theirs = await encoded_again(embedder, SIZES[0], again)
    print(f"{embedder.name.split('/')[0]}: filtering one more candidate, then putting it in")
    for size, (filtering, adding) in zip(SIZES, ours, strict=True):
        print(f"  {size:>6,} in the pool: {filtering:.3f} ms, {adding:.3f} ms")
    print(f"  the reference's scheme at 331: {theirs:.1f} ms, {theirs / ours[0][0]:.0f} times ours")
    print(f"  from 331 to 33,100: {ours[-1][0] / ours[0][0]:.2f} times dearer", flush=True)


async def recall(embedder: Embedder) -> None:
    """Compare the index with exact search on 10,000 texts and 10,000 retold ones."""
    threshold, rng = embedder.thresholds["profile"], random.Random(3)
    texts = written(RECALL, 1)
    with tempfile.TemporaryDirectory() as folder, opened_index(Path(folder), embedder) as index:
        pool = await filled(index, embedder, texts)
        retold = [without_some(text, rng) for text in texts]
        asked = await embedder.embed(retold)
        exact = np.concatenate([(part @ pool.T).max(axis=1) for part in np.array_split(asked, 20)])
        found = [nearest[0][1] for nearest in index.nearest("profile", asked)]
    must = exact > threshold
    missed = int((must & (np.array(found) <= threshold)).sum())
    worse = int((np.array(found) < exact - 1e-4).sum())
    print(
        f"{embedder.name}, {RECALL:,} in the pool: {missed} of {must.sum():,} near-duplicates "
        f"admitted by mistake ({missed / must.sum():.3%}); another neighbour than the exact one "
        f"for {worse} of {RECALL:,}",
        flush=True,
    )


def without_some(text: str, rng: random.Random) -> str:
    """Leave out up to half of a profile's sentences, and shuffle the others."""
    sentences = text.removesuffix(".").split(". ")
    kept = rng.sample(sentences, rng.randint(len(sentences) // 2 + 1, len(sentences)))
    return ". ".join(kept) + "."


def of_minilm_shape(folder: Path) -> str:
    """Make a sentence-transformers model of MiniLM-L6's shape with random weights."""
    words = sorted({word for text in written(300, 1) for word in text.replace(".", " .").split()})
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: at for at, word in enumerate([*special, *words])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    fast: Any = PreTrainedTokenizerFast
    fast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", model_max_length=256
    ).save_pretrained(folder / "bert")
    BertModel(
        BertConfig(
            vocab_size=30_522,
            hidden_size=384,
            num_hidden_layers=6,
            num_attention_heads=12,
            intermediate_size=1536,
        )
    ).save_pretrained(folder / "bert")
    model = SentenceTransformer(modules=[Transformer(str(folder / "bert")), Pooling(384)])
    model.save(str(folder / "model"))
    return str(folder / "model")


def made(folder: Path) -> None:
    """Build 3,310 personas from an empty directory, and say how it went."""
    before = time.perf_counter()
    status = make(Build(out=folder / "pool", target=3_310))
    seconds = time.perf_counter() - before
    shelf = Shelf(folder / "pool")
    for kind in KINDS:
        shares = " ".join(f"{each.acceptance:.0%}" for each in shelf.rounds_of(kind))
        print(f"  {kind}: {len(shelf.halves[kind])} admitted; new in each round: {shares}")
    count = len(load_pool(folder / "pool").personas(10))
    print(f"3,310 training personas ({count} with evaluation's): status {status}, {seconds:.1f} s")


def ten_thousand(folder: Path) -> None:
    """Build 10,000 profiles and 10,000 personalities that differ."""
    before = time.perf_counter()
    wanted = Build(out=folder / "large", target=10_000, per_profile=1, personalities=10_000)
    status = make(wanted)
    seconds = time.perf_counter() - before
    shelf = Shelf(folder / "large")
    for kind in KINDS:
        rounds = shelf.rounds_of(kind)
        written = sum(each.written for each in rounds)
        print(
            f"  {kind}: {shelf.count(kind, 'train'):,} of {written:,} written, "
            f"{rounds[-1].acceptance:.0%} of the last round new"
        )
    print(f"10,000 of each: status {status}, {seconds:.0f} s", flush=True)


def make(build: Build) -> int:
    return asyncio.run(make_pool(build))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--neural", help="folder of a sentence-transformers model")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made(Path(folder))
        lexical = open_embedder("lexical")
        asyncio.run(recall(lexical))
        asyncio.run(price(lexical, 20))
        ten_thousand(Path(folder))
        neural = open_embedder(f"st:{given.neural or of_minilm_shape(Path(folder))}")
        asyncio.run(price(neural, 2))


if __name__ == "__main__":
    main()
