"""Scale: how much of everything the closed loop makes, by size."""

from typing import NamedTuple

import torch

Flags = tuple[object, ...]

# Two cores are put to use by two processes; each of them computes with one thread.
_PROCESSES = 1 if torch.cuda.is_available() else 2


class Scale(NamedTuple):
    """How much of everything.

    Attributes:
        size: of the model, as `training.tiny` knows it.
        drills: requests to say something back, and `memories`: chats that ask for what was said
            before.
        openings: dialogues of two turns with the plain assistant, and `plain` of more.
        trees: to learn from; some of them are of people who are only measured on.
        preferred: how many of them DPO learns from.
        words: in the trees of each expansion policy.
        personas: to learn from, in the pool; and `held_out` to measure on.
        turns: of all other dialogues.
        epochs: of SFT.
        rate: of learning from pairs.
        style_matched: whether pairs that are only measured on differ in nothing but whose facts
            they tell; to order those takes a model that copies.
        cases: of the benchmark.
        processes: that train together.
    """

    size: str
    drills: int
    memories: int
    openings: int
    plain: int
    trees: int
    preferred: int
    words: int
    personas: int = 3310
    held_out: int = 100
    turns: int = 10
    epochs: float = 1.5
    rate: float = 5e-6
    style_matched: bool = True
    cases: int = 100
    processes: int = _PROCESSES

    def batches(self, trees: int) -> Flags:
        """Return the flag for steps of so many trees."""
        return ("--per_device_train_batch_size", trees // self.processes)

    @property
    def one_by_one(self) -> Flags:
        """The flags for steps of two trees, each of which goes through the model by itself."""
        steps = ("--gradient_accumulation_steps", 2 // self.processes)
        return ("--per_device_train_batch_size", 1, *steps)


SCALES = {
    "quick": Scale(
        "xs", 400, 60, 40, 24, 130, 130, 10_000, personas=400, held_out=20, turns=5, epochs=1,
        rate=1e-4, style_matched=False, cases=4, processes=1,
    ),
    "xs": Scale("xs", 20_000, 6000, 800, 800, 3310, 600, 300_000),
    "s": Scale("s", 40_000, 12_000, 3000, 3000, 3310, 3310, 1_500_000),
    "m": Scale("m", 80_000, 24_000, 3000, 3000, 3310, 3310, 1_500_000),
}  # fmt: skip
