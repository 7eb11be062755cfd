"""The reference: dialogues of people, and the simulated users beside them.

As many dialogues are taken from each, since the more there are, the more of their first messages
are alike; and distinct-1 and distinct-2 are compared at the same number of words.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import cast

from dialogues.errors import UsageError
from dialogues.foreign import Chat
from dialogues.ingest import dialogue_of, json_records
from eval.realism import cooperation, diversity
from eval.realism.figures import Statistic, measured
from eval.realism.record import Compared, Reference
from eval.realism.talk import Talk, sampled, talk_of_people
from eval.result import Figure

_SHARES: dict[str, Callable[[Sequence[Talk]], Statistic]] = {
    "distinct first messages": diversity.distinct_first,
    "similarity of first messages": diversity.similarity,
    "begin with three words of another": diversity.same_opening,
    "messages that ask": cooperation.asks,
    "questions answered": cooperation.answered,
}
_LENGTHS: dict[str, Callable[[Sequence[Talk]], Statistic]] = {
    "words of a message": diversity.mean_words,
    "SD of words": diversity.spread_of_words,
}

IN_WORDS = frozenset(_LENGTHS)
"""The measures that are no shares."""


def read_reference(path: Path) -> list[Talk]:
    """Read dialogues of people in the format `messages` of `dialogues.ingest`.

    Raises:
        UsageError: the file cannot be read, a dialogue is malformed, or no user says a word.
    """
    try:
        records = list(json_records(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--reference {path}: cannot be read ({error})") from error
    chats = [cast(Chat, dialogue_of(Chat, value, where)) for where, value in records]
    talks = [talk for talk in map(talk_of_people, chats) if talk.lines]
    if not talks:
        raise UsageError(
            f"--reference {path}: no message of a user in it; give dialogues of people, a list "
            "of messages with role and content on each line"
        )
    return talks


def compared(talks: Sequence[Talk], people: Sequence[Talk], file: str, seed: int) -> Reference:
    """Put simulated users beside people.

    Args:
        talks: of the simulated users.
        people: of the reference.
        file: its name.
        seed: of the draws.
    """
    count = min(len(talks), len(people))
    both = sampled(talks, count, seed), sampled(people, count, seed)
    words = min(map(diversity.runs_of_words, both))

    def row(name: str, of: Callable[[Sequence[Talk]], Statistic], high: float) -> Compared:
        # Another seed for people: the two are drawn apart.
        ours, theirs = (measured(of(each), count, seed + at) for at, each in enumerate(both))
        return Compared(
            name=name,
            simulated=Figure.of(ours.estimate(0.0, high)),
            human=Figure.of(theirs.estimate(0.0, high)),
            difference=Figure.of(ours.minus(theirs).estimate()),
        )

    def distinct(size: int) -> Callable[[Sequence[Talk]], Statistic]:
        return lambda each: diversity.distinct_among(each, size, words)

    rows = [row(name, of, 1.0) for name, of in _SHARES.items()]
    rows += [row(f"distinct-{size}", distinct(size), 1.0) for size in (1, 2)]
    rows += [row(name, of, float("inf")) for name, of in _LENGTHS.items()]
    return Reference(file=file, dialogues=count, words=words, rows=rows)
