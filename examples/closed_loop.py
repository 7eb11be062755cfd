r"""The closed loop: does the pipeline learn what it is shown, and does the benchmark see it?

    make loop                                       # one seed on 2 cores; resumes where it stopped
    python -m examples.closed_loop --quick          # all of it in small, to see that it works
    python -m examples.closed_loop --seed 1 --controls

Personas, trees, SFT, DPO and the benchmark, with no outside model: scripted agents show a model
made from scratch how one speaks to a person, and people it never met say whether it learnt that.
Every stage is a command of Grove's, printed as it runs, and is skipped once it is done.
"""

import sys
from functools import partial
from pathlib import Path
from typing import Literal

from pydantic import Field

from dialogues.command import DONE, Command, main
from dialogues.pool import load_pool
from examples.loop.drills import drills, life_without, memories, write_chats
from examples.loop.lessons import as_many_words, judged_by, without, write_judged, write_trees
from examples.loop.scale import SCALES, Flags, Scale
from examples.loop.stages import Stages
from examples.loop.table import print_tables
from examples.loop.unseen import rarest_words, words_of
from examples.loop.verdicts import among, reversed_order, shuffled
from training.trees import of_split, read_trees

REMEMBERS, PLAIN = "hinted=scripted:remembers", "plain=scripted"
MISTAKEN = "hinted=scripted:mistaken"
"""Speaks as the first does, but of somebody else: only what is said of the user differs."""
STUTTERS = "hinted=scripted:stutters"
"""Goes round in circles, as a small model may. One is to go on well from there; nobody is to learn
how, or that it is worse: such pairs are so easy that little is learnt of the others."""
TAUGHT = (REMEMBERS, PLAIN, MISTAKEN)
"""Whose replies there are verdicts on."""

USERS, JUDGES = ("scripted", "scripted:interviewer"), ("scripted", "scripted:recall")
"""Of each the first had a part in the lessons, the second had none."""

POLICIES = ("random", "best", "all")

EVERYWHERE: Flags = ("--lr_scheduler_type", "cosine", "--warmup_steps", 20, "--save_strategy", "no")
REPLIES: Flags = ("--learning_rate", 1e-3)


class Loop(Command):
    """Personas, trees, SFT, DPO and the benchmark in one go, with nothing but scripted agents.

    Says whether a model from scratch learns from preferences to speak to the person at hand.
    Stopped, it goes on by the same command, stage by stage.
    """

    out: Path = Field(default=Path("runs/loop"), description="folder to work in")
    size: Literal["xs", "s", "m"] = Field(
        default="xs", description="of model and data: xs for 2 cores, s and m for a GPU"
    )
    quick: bool = Field(default=False, description="all of it in small; little is learnt")
    controls: bool = Field(default=False, description="train and measure the controls, too")
    seed: int = Field(default=0, description="of people, dialogues, weights and batches")

    def execute(self) -> int:
        """Go through the stages and print what came of them."""
        name = "quick" if self.quick else self.size
        stages, scale = Stages(self.out / f"{name}-{self.seed}", self.seed), SCALES[name]
        grow(stages, scale)
        told = "lessons without the words that evaluation is to be found out by"
        stages.do("lessons", told, lambda: write_lessons(stages, scale))
        teach_to_speak(stages, scale)
        align(stages, scale)
        measure(stages, scale, "results", USERS, "base", "sft", "dpo", "dpo-only")
        if self.controls:
            measure(stages, scale, "controls", USERS[:1], "sft", *train_controls(stages, scale))
            measure(stages, scale, "expansion", USERS[:1], *compare_expansion(stages, scale))
        report(stages)
        print_tables(stages)
        return DONE


def grow(stages: Stages, scale: Scale) -> None:
    """Make up people, and let four assistants at a time, and one alone, talk with them."""
    pool = stages.path("pool")
    # No life twice, so that none is learnt by heart.
    how = ("--target", scale.personas, "--per-profile", 1, "--eval-profiles", scale.held_out)
    stages.run("people", "graphs.personas", "--out", pool, *how, *stages.seeded)
    together = ("--candidates", 4, *assistants(REMEMBERS, PLAIN, MISTAKEN, STUTTERS))
    alone = ("--split", "train", *assistants(PLAIN))

    def simulate(name: str, limit: int, turns: int, *how: object) -> None:
        where = ("--store", stages.path(f"{name}.db"), "--pool", pool, "--workers", 2)
        shape = ("--limit", limit, "--turns", turns)
        stages.run(name, "graphs.simulate", *where, *shape, *how, *stages.seeded)

    simulate("trees", scale.trees, scale.turns, *together)
    simulate("openings", scale.openings, 2, *alone)
    simulate("plain", scale.plain, scale.turns, *alone)


def assistants(*specs: str) -> list[str]:
    """Return the flags that seat them."""
    return [word for spec in specs for word in ("--assistant", spec)]


def write_lessons(stages: Stages, scale: Scale) -> None:
    """Write what is learnt from, and the pairs of one style that are only measured on."""
    grown = list(read_trees(str(stages.path("trees.db"))))
    train, held_out = of_split(grown, "train"), of_split(grown, "eval")
    measured_on = [profile for profile in load_pool().profiles if profile.split == "eval"]
    unseen = rarest_words(measured_on, [words_of(tree) for tree, _ in train])
    train = judged_by(among(*TAUGHT), without(unseen, train))
    apart = (REMEMBERS, MISTAKEN) if scale.style_matched else TAUGHT
    held_out = judged_by(among(*apart), held_out)
    stages.path("unseen.txt").write_text("\n".join(sorted(unseen)), encoding="utf-8")
    write_trees(stages.path("trees.jsonl"), [*train, *held_out])
    write_trees(stages.path("pairs.jsonl"), [*train[: scale.preferred], *held_out])
    for name in ("openings", "plain"):
        chats = read_trees(str(stages.path(f"{name}.db")))
        write_trees(stages.path(f"{name}.jsonl"), without(unseen, chats))
    taught = {tree.persona.profile.id: tree.persona.profile for tree, _ in train}
    lives = [life_without(unseen, profile) for profile in taught.values()]
    several = {"memories": scale.memories, "again": scale.memories // 4}
    written = {"drills": drills(lives, scale.drills, f"drills {stages.seed}")}
    written |= {name: memories(lives, n, f"{name} {stages.seed}") for name, n in several.items()}
    for name, made in written.items():
        write_chats(stages.path(f"{name}.jsonl"), made)


def teach_to_speak(stages: Stages, scale: Scale) -> None:
    """Make a model that speaks plainly, says back what it is asked to, and aligns with nobody."""
    openings, plain = stages.path("openings.jsonl"), stages.path("plain.jsonl")
    for name in ("drills", "memories", "again"):
        said = ("--from", "messages", stages.path(f"{name}.jsonl"))
        stages.run(name, "dialogues.ingest", *said, "--store", stages.path(f"{name}.db"))
    made = ("--size", scale.size, "--out", stages.path("empty"), *stages.seeded)
    stages.run("empty", "training.tiny", "--trees", plain, *made)
    # Longer steps, or fewer of them, end before it copies.
    short = ("--mix", stages.path("drills.db"), *scale.batches(8), *REPLIES, *epochs(1))
    train(stages, scale, "sft", "speaks", "empty", openings, *short)
    long = ("--mix", stages.path("memories.db"), *scale.batches(4), *REPLIES, *epochs(2))
    train(stages, scale, "sft", "base", "speaks", plain, *long)


def align(stages: Stages, scale: Scale) -> None:
    """Teach the base model by preferences: SFT, then DPO; and DPO without SFT."""
    imitate(stages, scale, "sft", stages.path("trees.jsonl"))
    prefer(stages, scale, "dpo", "sft", stages.path("pairs.jsonl"))
    prefer(stages, scale, "dpo-only", "base", stages.path("pairs.jsonl"))


def imitate(stages: Stages, scale: Scale, name: str, trees: Path) -> None:
    """Train the base model on preferred replies."""
    again = ("--mix", stages.path("again.db"))
    how = (*again, *scale.one_by_one, *REPLIES, *epochs(scale.epochs))
    train(stages, scale, "sft", name, "base", trees, *how)


def prefer(stages: Stages, scale: Scale, name: str, start: str, trees: Path) -> None:
    """Train a model on pairs."""
    how = (*scale.one_by_one, "--learning_rate", scale.rate, "--beta", 0.1, *epochs(1))
    train(stages, scale, "dpo", name, start, trees, *how)


def epochs(number: float) -> Flags:
    """Return the flag for so many passes over the trees."""
    return ("--num_train_epochs", number)


def train(
    stages: Stages, scale: Scale, method: str, name: str, start: str, trees: Path, *flags: object
) -> None:
    """Train the model `start` into the model `name`."""
    models = ("--model_name_or_path", stages.path(start), "--output_dir", stages.path(name))
    how = ("--trees", trees, *models, *EVERYWHERE, *flags, *stages.seeded)
    spread = ("--standalone", "--nproc_per_node", scale.processes, "-m")
    launcher: Flags = ("torch.distributed.run", *spread) if scale.processes > 1 else ()
    stages.run(name, *launcher, f"training.{method}", *how)


def train_controls(stages: Stages, scale: Scale) -> list[str]:
    """Train on other verdicts and on other trees; return the names of the models."""
    pairs, trees = (list(read_trees(str(stages.path(f"{x}.jsonl")))) for x in ("pairs", "trees"))
    for name, rewrite in (("shuffled", shuffled(stages.seed)), ("reversed", reversed_order)):
        path = stages.path(f"{name}.jsonl")
        stages.do(name, f"pairs with {name} verdicts", partial(write_judged, path, pairs, rewrite))
        prefer(stages, scale, f"dpo-{name}", "sft", path)
    path = stages.path("unhinted.jsonl")
    told = "trees in which nobody was right about the user"
    stages.do("unhinted", told, partial(write_judged, path, trees, among(PLAIN, MISTAKEN)))
    imitate(stages, scale, "sft-unhinted", path)
    return ["dpo-shuffled", "dpo-reversed", "sft-unhinted"]


def compare_expansion(stages: Stages, scale: Scale) -> list[str]:
    """Train on trees of each expansion policy; return the names of the models."""
    for policy in POLICIES:
        path = grow_by(stages, scale, policy)
        imitate(stages, scale, f"sft-{policy}", path)
    return [f"sft-{policy}" for policy in POLICIES]


def grow_by(stages: Stages, scale: Scale, policy: str) -> Path:
    """Grow trees by an expansion policy; write as many as make the same number of words."""
    where = ("--store", stages.path(f"{policy}.db"), "--pool", stages.path("pool"))
    shape = ("--limit", scale.preferred, "--turns", scale.turns, "--split", "train")
    how = ("--workers", 2, "--expand", policy, "--max-branches", 4, *assistants(REMEMBERS, PLAIN))
    stages.run(policy, "graphs.simulate", *where, *shape, *how, *stages.seeded)
    path = stages.path(f"{policy}.jsonl")

    def write() -> None:
        unseen = frozenset(stages.path("unseen.txt").read_text("utf-8").split())
        grown = without(unseen, read_trees(str(stages.path(f"{policy}.db"))))
        write_trees(path, as_many_words(grown, scale.words))

    stages.do(f"{policy}-lessons", f"trees of {scale.words:,} words", write)
    return path


def measure(stages: Stages, scale: Scale, name: str, users: tuple[str, ...], *models: str) -> None:
    """Play the benchmark with people of whom nothing was learnt, the first model as baseline.

    The assistant that taught the models plays, too: nobody is to be better than that.
    """
    named = [f"hf:{stages.path(each)}" for each in models]
    seats = assistants(*named, REMEMBERS) + [word for user in users for word in ("--user", user)]
    seats += [word for judge in JUDGES for word in ("--judge", judge)]
    shape = ("--cases", scale.cases, "--turns", scale.turns)
    how = ("--protocol", "grove", *shape, "--sampling.assistant.max-tokens", 128)
    where = ("--store", stages.path("eval.db"), "--out", stages.path(name), "--baseline", named[0])
    stages.run(name, "eval.aloe", *where, *how, *seats, *stages.seeded)


def report(stages: Stages) -> None:
    """Write one page about the trees and the benchmark."""
    stores, page = (stages.path("trees.db"), stages.path("eval.db")), stages.path("report.html")
    stages.run("report", "eval.report", *stores, "--out", page, "--dialogues", 100)


if __name__ == "__main__":
    sys.exit(main(Loop, "examples.closed_loop"))
