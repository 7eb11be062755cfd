"""Training sets of packed trees: which pairs and replies are learnt, and in which packs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from dialogues.choice import verdict_chooser
from dialogues.pairs import judged_sets, preference_pairs
from dialogues.rendering import conversation
from dialogues.rows import Row, RowSettings, sft_rows
from dialogues.tree import Tree
from training.packing import Pack, Packed, Segments, Target, pack_tree, row_tokens
from training.segments import Render, cut_segments
from training.trees import Grown


@dataclass(frozen=True)
class Selection:
    """Which verdicts count, and how clear and sure they must be.

    Attributes:
        verdict: a judge's spec, `majority`, `mean`, `human` or `corrected`; None for the run's
            own.
    """

    verdict: str | None = None
    min_margin: float = 0.0
    min_confidence: float = 0.0

    def settings(self, grown: Grown) -> RowSettings:
        """Return the selection as exports have it, for a tree of a run."""
        _, record = grown
        return RowSettings(
            choose=verdict_chooser(self.verdict, record.judge),
            system=record.system,
            min_margin=self.min_margin,
            min_confidence=self.min_confidence,
        )


@dataclass
class Counts:
    """What a training set holds.

    Attributes:
        targets: pairs, or replies.
        tokens: that go through the model in a pass over the set.
        row_tokens: that the same targets would take as rows.
        too_long: targets left out, since their own paths are longer than a pack may be.
        melted: targets left out, since the template has no boundary of tokens where they begin.
    """

    trees: int = 0
    packs: int = 0
    targets: int = 0
    tokens: int = 0
    row_tokens: int = 0
    too_long: int = 0
    melted: int = 0

    @property
    def ratio(self) -> float:
        """How many times more tokens rows would take."""
        return self.row_tokens / self.tokens if self.tokens else 0.0


Targets = Callable[[Tree, RowSettings], Iterable[Target]]


def pair_targets(tree: Tree, settings: RowSettings) -> Iterator[Target]:
    """Walk the strictly ordered pairs that are clear and sure enough, as (chosen, rejected)."""
    for pair in preference_pairs(tree, settings.choose):
        if settings.admits(pair.margin, pair.verdict.confidence):
            yield pair.chosen.key, pair.rejected.key


def reply_targets(tree: Tree, settings: RowSettings) -> Iterator[Target]:
    """Walk the preferred replies, each once."""
    for judged in judged_sets(tree, settings.choose):
        if settings.admits(judged.verdict.margin, judged.verdict.confidence):
            for node in judged.preferred:
                yield (node.key,)


def every_reply(tree: Tree, settings: RowSettings) -> Iterator[Target]:
    """Walk all replies, each once: what is learnt of a chat that nobody judged."""
    for user in tree.user_messages():
        for node in tree.candidates(user.key):
            yield (node.key,)


def every_row(tree: Tree, settings: RowSettings) -> Iterator[Row]:
    """Walk all replies as TRL's prompt and completion, one row each."""
    for (key,) in every_reply(tree, settings):
        *prompt, reply = conversation(tree.history(key), settings.system)
        yield {"prompt": prompt, "completion": [reply]}


def reply_rows(tree: Tree, settings: RowSettings) -> Iterator[Row]:
    """Walk the preferred replies as TRL's prompt and completion, one row each."""
    for row in sft_rows(tree, settings):
        messages = row["messages"]
        for at, learnt in enumerate(row["loss"]):
            if learnt:
                yield {"prompt": messages[:at], "completion": [messages[at]]}


def packed_dataset(
    trees: Iterable[Grown],
    render: Render,
    targets: Targets,
    selection: Selection,
    limit: int | None = None,
) -> tuple[Dataset | None, Counts]:
    """Pack trees for training; return a set with one row per tree, None where nothing is left.

    Args:
        trees: what to learn from.
        render: the chat template with its tokenizer.
        targets: `pair_targets` or `reply_targets`.
        selection: which verdicts count.
        limit: most tokens in a pack.
    """
    rows, counts = [], Counts()
    for grown in trees:
        tree, settings = grown[0], selection.settings(grown)
        wanted = in_tree_order(tree, targets(tree, settings))
        segments = cut_segments(
            tree, (reply for target in wanted for reply in target), render, settings.system
        )
        whole = [target for target in wanted if is_whole(target, segments)]
        packed = pack_tree(segments, whole, limit)
        if packed.packs:
            rows.append({"packs": [_record(pack, here) for pack, here in packed.packs]})
        _count(counts, packed, segments)
        counts.melted += len(wanted) - len(whole)
    return (Dataset.from_list(rows) if rows else None), counts


def is_whole(target: Target, segments: Segments) -> bool:
    """Whether all replies of a target could be cut, and begin at a token of their own."""
    return all(reply in segments and segments[reply].learnable for reply in target)


def longest_path(packed: Dataset) -> int:
    """Return how many tokens the longest path of a packed set has."""
    every = (pack for tree in packed for pack in tree["packs"])
    return 1 + max(int(max(pack["positions"])) for pack in every)


def in_tree_order(tree: Tree, targets: Iterable[Target]) -> list[Target]:
    """Order targets depth first, so that those with long shared paths stand together."""
    paths = {target: [node.key for node in tree.path(target[0])] for target in targets}
    return sorted(paths, key=lambda target: paths[target])


def renderer(tokenizer: PreTrainedTokenizerBase) -> Render:
    """Return what renders messages to tokens as TRL's trainers do."""

    def render(messages: list[dict[str, str]], opened: bool) -> list[int]:
        given: Any = tokenizer.apply_chat_template(
            messages, add_generation_prompt=opened, tokenize=True, return_dict=True
        )
        ids: list[int] = given["input_ids"]
        return ids

    return render


def _record(pack: Pack, targets: Iterable[Target]) -> dict[str, Any]:
    record = asdict(pack)
    spans = record.pop("spans")
    found = [[end for reply in target for end in spans[reply]] for target in targets]
    pairs = [span for span in found if len(span) == 4]
    return {**record, "pairs": pairs, "replies": [span for span in found if len(span) == 2]}


def _count(counts: Counts, packed: Packed, segments: Segments) -> None:
    held = [target for _, here in packed.packs for target in here]
    counts.trees += bool(packed.packs)
    counts.packs += len(packed.packs)
    counts.targets += len(held)
    counts.tokens += sum(len(pack.ids) for pack, _ in packed.packs)
    counts.row_tokens += row_tokens(segments, held)
    counts.too_long += len(packed.too_long)
