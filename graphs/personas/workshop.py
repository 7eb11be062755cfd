"""The workshop: what a pool is made with, and how new texts come from there to the shelf."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from agents.casting import Seated
from agents.models.embedding import Embedder
from agents.seats import WriterBrief
from dialogues.hashing import derived_seed
from dialogues.persona import Description, Kind, Split
from graphs.personas.admission import described, sift
from graphs.personas.index import Index
from graphs.personas.shelf import BuildRecord, Round, Shelf

EXAMPLES, TEXTS_PER_CALL = 5, 20
"""How many texts a writer is shown, and how many new ones it is asked for (ALOE, section 2.1)."""


_SEEDS_AT_ONCE = 200
_IN_TURN: tuple[Split, ...] = ("eval", "train")


@dataclass(frozen=True)
class Goal:
    """What is wanted of one kind of description, and when to give up.

    Attributes:
        wanted: how many for each use, those that are there already included.
        least: the acceptance below which a round counts as having brought nothing new.
        patience: after how many such rounds in a row it is over; None for never.
        since: the number of rounds after which calls are counted from the first again, as for a
            source, which is read from its beginning in every building.
    """

    kind: Kind
    wanted: Mapping[Split, int]
    least: float
    patience: int | None
    since: int = 0


@dataclass(frozen=True)
class Workshop:
    """A pool under construction, with all that is needed to go on with it."""

    shelf: Shelf
    index: Index
    embedder: Embedder
    record: BuildRecord
    writer: Seated
    goal: Goal
    calls_at_once: int

    @property
    def rounds(self) -> list[Round]:
        """The rounds of the kind at work, in their order."""
        return self.shelf.rounds_of(self.goal.kind)

    def room(self) -> dict[Split, int]:
        """Return how many are still wanted for each use."""
        kind, wanted = self.goal.kind, self.goal.wanted
        return {split: max(0, n - self.shelf.count(kind, split)) for split, n in wanted.items()}

    @property
    def missing(self) -> int:
        """How many are still wanted for all uses together."""
        return sum(self.room().values())

    def calls(self) -> int:
        """Return how many calls the next round makes: no more than could be needed."""
        return min(self.calls_at_once, math.ceil(self.missing / TEXTS_PER_CALL))

    def brief(self, place: int) -> WriterBrief:
        """Return what call `place` of the next round is told; the pool's seed draws the examples.

        Evaluation's descriptions are shown to no writer: they would shape what is trained on.
        """
        kind = self.goal.kind
        written = [each for each in self.rounds if each.number][self.goal.since :]
        call = sum(each.asked for each in written) // TEXTS_PER_CALL + place
        seed = derived_seed(self.record.seed, kind, str(call))
        known = [half.text for half in self.shelf.halves[kind].values() if half.split == "train"]
        return WriterBrief(
            kind=kind,
            count=TEXTS_PER_CALL,
            examples=Random(seed).sample(known, min(EXAMPLES, len(known))),
            language=self.record.language,
            number=call,
            seed=seed,
        )

    async def admit(self, told: Round, texts: Sequence[str]) -> Round:
        """Put what is new of `texts` on the shelf; return the round with what became of them."""
        kind, language = self.goal.kind, self.record.language
        halves = [described(kind, text, language) for text in texts]
        return await self._admit(told, halves)

    async def admit_seeds(self, seeds: Iterable[Description]) -> None:
        """Put in what is new of descriptions from elsewhere, each for the use it had there."""
        shelf, kind = self.shelf, self.goal.kind
        fresh = [
            seed
            for seed in seeds
            if seed.id not in shelf.halves[kind] and seed.split in self.goal.wanted
        ]
        for start in range(0, len(fresh), _SEEDS_AT_ONCE):
            part = fresh[start : start + _SEEDS_AT_ONCE]
            if self.missing:
                told = Round(kind=kind, number=0, asked=len(part), written=len(part))
                await self._admit(told, part)

    async def _admit(self, told: Round, halves: Sequence[Description | None]) -> Round:
        kind, shelf = self.goal.kind, self.shelf
        threshold = self.record.thresholds[kind]
        sifted = await sift(kind, halves, shelf.halves[kind], self.index, self.embedder, threshold)
        kept = placed(sifted.admitted, self.room(), keeping=told.number == 0)
        rows = [row for row, half in enumerate(kept) if half]
        admitted = [half for half in kept if half]
        whole = told.model_copy(
            update={
                "unfit": sifted.unfit,
                "known": sifted.known,
                "near": sifted.near,
                "surplus": len(kept) - len(admitted),
                "admitted": len(admitted),
            }
        )
        if whole.number or whole.admitted:
            shelf.add(whole, admitted)
        self.index.add(kind, [half.id for half in admitted], sifted.vectors[rows])
        return whole


def placed(
    halves: Sequence[Description], room: Mapping[Split, int], keeping: bool
) -> list[Description | None]:
    """Give each description its use: evaluation's come first, then training's; None for the rest.

    Args:
        halves: new descriptions.
        room: how many are wanted for each use.
        keeping: leave each the use it has.
    """
    left = dict(room)
    given: list[Description | None] = []
    for half in halves:
        uses = (half.split,) if keeping else _IN_TURN
        split = next((use for use in uses if left.get(use, 0)), None)
        if split:
            left[split] -= 1
        given.append(half.model_copy(update={"split": split}) if split else None)
    return given
