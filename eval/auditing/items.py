"""What judges are audited on: replies drawn from a run, and labelled pairs of replies."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest
from random import Random

from agents.seats import Candidate
from dialogues.errors import UsageError
from dialogues.hashing import derived_seed, short_hash
from dialogues.node import AGAINST, ASSISTANT, JUDGE, USER, Message, Node
from dialogues.run import Run
from dialogues.tree import Tree
from eval.labels import Labelled
from eval.protocol import PROTOCOLS
from eval.scoring import PROTOCOL

_CHUNK = 50


@dataclass(frozen=True, eq=False)
class Item:
    """Replies to one message, of which judges are asked.

    Attributes:
        key: names it in an audit: the message's key, or a labelled pair's id.
        tree: holds the dialogue.
        tip: the user's message.
        replies: to that message, no two the same.
        narrow: judges whose verdicts in the run were made of the last message alone, as one of the
            benchmark's protocols has it.
    """

    key: str
    tree: Tree
    tip: Node
    replies: tuple[Candidate, ...]
    narrow: frozenset[str] = frozenset()

    @property
    def person(self) -> str:
        """Id of whom the dialogue is with."""
        return self.tree.persona.id

    @property
    def words(self) -> tuple[int, ...]:
        """Words of each reply."""
        return tuple(len(reply.text.split()) for reply in self.replies)

    def shown_to(self, judge: str) -> list[Message]:
        """Return what a judge sees of the dialogue: what it saw in the run, else all."""
        history = self.tree.history(self.tip.key)
        return history[-1:] if judge in self.narrow else history


def draw_sets(run: Run, count: int, seed: int) -> list[Item]:
    """Draw sets of sibling replies from a run, spread over its trees as far as they go.

    Only where no set has two different replies, as in a benchmark, are single ones drawn.

    Args:
        run: whose trees.
        count: how many sets; fewer where there are no more.
        seed: what the draw follows from, beside the trees.

    Raises:
        UsageError: the run has no reply.
    """
    for least in (2, 1):
        trees = islice(_sets_by_tree(run, seed, least), count)
        # One set of each tree, then a second one: sets of one dialogue are alike.
        spread = (item for row in zip_longest(*trees) for item in row if item)
        if drawn := list(islice(spread, count)):
            return drawn
    raise UsageError(f"run {run.record.name!r} of {run.location} has no reply to judge")


def pair_of(label: Labelled) -> Item:
    """Make an item of a labelled pair; its replies keep their places."""
    persona = label.persona
    # A persona may have several pairs: each is a dialogue of its own.
    tree = Tree(persona, int(label.id, 16))
    tip: Node | None = None
    turn = 0
    for message in label.history:
        turn += message.role == "user"
        tip = Node(
            parent=tip.key if tip else tree.key,
            seat=USER if message.role == "user" else ASSISTANT,
            turn=max(1, turn),
            agent="",
            spec=label.by,
            seed=0,
            text=message.content,
        )
        tree.add(tip)
    assert tip is not None
    replies = [Candidate(short_hash(label.id, at), text) for at, text in enumerate(label.replies)]
    return Item(label.id, tree, tip, tuple(replies))


def _sets_by_tree(run: Run, seed: int, least: int) -> Iterator[list[Item]]:
    """Walk the trees in a drawn order, and the sets of each likewise; those without are left out.

    The order hangs on what the trees are, not on when they came into the store.
    """
    numbers = run.numbers()
    keys = sorted(numbers)
    Random(derived_seed(seed, "trees")).shuffle(keys)
    for start in range(0, len(keys), _CHUNK):
        chunk = keys[start : start + _CHUNK]
        trees = {stored.tree.key: stored.tree for stored in run.load([numbers[k] for k in chunk])}
        for key in chunk:
            if sets := _sets(trees[key], seed, least):
                yield sets


def _sets(tree: Tree, seed: int, least: int) -> list[Item]:
    found = []
    for user in tree.user_messages():
        # Keyed by text: a reply that is there twice is judged once.
        replies = {node.text: Candidate(node.key, node.text) for node in tree.candidates(user.key)}
        if len(replies) >= least:
            narrow = _narrow(tree, user.key)
            found.append(Item(user.key, tree, user, tuple(replies.values()), narrow))
    Random(derived_seed(seed, tree.key, "sets")).shuffle(found)
    return found


def _narrow(tree: Tree, user_key: str) -> frozenset[str]:
    """Name the judges that were shown the last message alone, and never the whole dialogue."""
    seen: dict[str, bool] = {}
    for node in tree.children(user_key, JUDGE):
        if AGAINST not in node.notes:
            protocol = PROTOCOLS.get(str(node.notes.get(PROTOCOL)))
            whole = protocol is None or protocol.history
            seen[node.spec] = seen.get(node.spec, False) or whole
    return frozenset(spec for spec, whole in seen.items() if not whole)
