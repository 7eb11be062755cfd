"""An `hf:` assistant in a benchmark: calls gathered into batches, beside one at a time.

    python -m benchmarks.batched_local

The same 100 cases of 10 turns, the same tiny model and seeds on both sides, in one run; answers of
up to 32 tokens.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from agents.models import local
from agents.models.settings import Sampling, SeatSampling
from dialogues.store import open_store
from eval.playing import Dialogues, told_briefly
from graphs.batch import grow_batch
from training.tiny import make_tiny
from training.trees import read_trees

_TREES = Path(__file__).parents[1] / "training" / "data" / "trees.jsonl"
_TOKENS = 32


@contextmanager
def batches_of(size: int) -> Iterator[None]:
    before, local._BATCH = local._BATCH, size
    try:
        yield
    finally:
        local._BATCH = before


def timed(folder: str, size: int) -> tuple[float, int]:
    """Play the cases in batches of at most `size`; return seconds and tokens written."""
    store = f"{folder}/{size}.db"
    settings = Dialogues(
        store=store,
        split="eval",
        per_profile=5,
        limit=100,
        assistant=[f"hf:{folder}/model"],
        sampling=SeatSampling(assistant=Sampling(max_tokens=_TOKENS)),
    )
    started = time.perf_counter()
    with batches_of(size):
        grow_batch(settings, told_briefly)
    seconds = time.perf_counter() - started
    with open_store(store) as opened:
        spent = opened.run().spending()
    return seconds, sum(tally.usage.completion_tokens for tally in spent.values())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        make_tiny([tree for tree, _ in read_trees(str(_TREES))], Path(folder) / "model")
        batched, tokens = timed(folder, local._BATCH)
        single, others = timed(folder, 1)
    console = Console()
    console.print(f"batches of {local._BATCH}: {batched:.1f} s, {tokens:,} tokens")
    console.print(f"one at a time: {single:.1f} s, {others:,} tokens")
    console.print(f"batched: {single / batched * tokens / others:.1f} × the tokens per second")


if __name__ == "__main__":
    main()
