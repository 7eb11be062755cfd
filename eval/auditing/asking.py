"""Asking judges for an audit: all items at once, in copies of the trees, so nothing is stored."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext

from agents.casting import Seated
from agents.models.stock import Models
from dialogues.node import JUDGE, Slot
from dialogues.tree import Tree
from eval.auditing.answers import Answered, Answers, Order
from eval.auditing.items import Item
from graphs.filling import Filler, Limit
from graphs.together import together

Question = tuple[Order, int]
"""The order in which replies are shown, and how many times this was asked before."""

FORWARD, BACKWARD = (0, 1), (1, 0)
"""The orders in which a pair is shown."""

PAIR: list[Question] = [(FORWARD, 0)]
"""What is asked of a labelled pair."""


def whole(item: Item) -> Order:
    """Return the order that shows all replies of an item."""
    return tuple(range(len(item.replies)))


def of_set(item: Item, repeats: int) -> list[Question]:
    """List what is asked of a drawn set: its first two replies in both orders, all of them again.

    Of a set of two, the first of these is the same as the first repeat, and asked once.
    """
    pair = [(FORWARD, 0), (BACKWARD, 0)] if len(item.replies) > 1 else []
    return list(dict.fromkeys([*pair, *((whole(item), number) for number in range(repeats))]))


async def ask_judges(
    judges: Sequence[Seated],
    asked: Sequence[tuple[Item, Sequence[Question]]],
    models: Models,
    seed: int,
    done: Callable[[], None],
) -> list[Answers]:
    """Ask all judges all questions.

    Args:
        judges: whom to ask.
        asked: items, and what is asked of each.
        models: whose permits hold back judges that do not limit themselves.
        seed: from which each call derives its own.
        done: counts the answers.

    Raises:
        GroveError: a judge can never answer as it is configured.
    """

    @asynccontextmanager
    async def limit(seated: Seated) -> AsyncIterator[None]:
        permits = None if seated.limits_itself else models.permits(seated.spec.endpoint)
        async with permits or nullcontext():
            yield

    async def of_judge(seated: Seated) -> Answers:
        given = await together(_ask(seated, *each, limit, seed, done) for each in asked)
        return Answers(seated.spec.name, [one for some in given for one in some])

    models.prepare()
    try:
        return await together(of_judge(seated) for seated in judges)
    finally:
        await models.close()


async def _ask(
    seated: Seated,
    item: Item,
    questions: Sequence[Question],
    limit: Limit,
    seed: int,
    done: Callable[[], None],
) -> list[Answered]:
    held = item.tree
    tree = Tree(held.persona, held.repeat, held.path(item.tip.key))
    filler = Filler(tree, seed, limit=limit)

    async def ask(place: int, order: Order, number: int) -> Answered:
        node = await filler.fill(
            seated,
            Slot(item.tip.key, JUDGE, place),
            item.tip.turn,
            {},
            persona=tree.persona,
            history=item.shown_to(seated.spec.name),
            candidates=[item.replies[at] for at in order],
        )
        done()
        return Answered.of(item, order, number, node)

    return await together(ask(place, *question) for place, question in enumerate(questions))
