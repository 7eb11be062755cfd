"""Diversity: how much users differ, in their first messages and in all their words.

Where a figure counts what is alike, a draw of the resampling never holds a dialogue against itself.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from eval.pigeonhole import Array
from eval.realism.figures import Statistic, measured, ratio
from eval.realism.record import Diversity, Share
from eval.realism.talk import Talk
from eval.realism.wording import words
from eval.result import Figure, rounded

_OPENING = 3


def diversity_of(talks: Sequence[Talk], seed: int) -> Diversity:
    """Measure how the users of talks differ."""
    count = len(talks)

    def figure(statistic: Statistic, high: float = np.inf) -> Figure:
        return Figure.of(measured(statistic, count, seed).estimate(0.0, high))

    return Diversity(
        distinct_first=Share.measure(distinct_first(talks), count, count, seed),
        similarity=figure(similarity(talks), 1.0),
        same_opening=Share.measure(same_opening(talks), count, count, seed),
        distinct_1=distinct(talks, 1),
        distinct_2=distinct(talks, 2),
        words=figure(mean_words(talks)),
        spread=figure(spread_of_words(talks)),
    )


def distinct_first(talks: Sequence[Talk]) -> Statistic:
    """Return the share of distinct first messages; case and punctuation make no difference."""
    return _grouped(talks, words, lambda sizes: (sizes > 0).sum(axis=1))


def same_opening(talks: Sequence[Talk]) -> Statistic:
    """Return the share of first messages that begin as another one does, for three words."""
    return _grouped(
        talks,
        lambda text: words(text)[:_OPENING],
        lambda sizes: np.where(sizes > 1, sizes, 0).sum(axis=1),
    )


def similarity(talks: Sequence[Talk]) -> Statistic:
    """Return the mean cosine of the TF-IDF vectors of two first messages."""
    alike = _cosines([talk.lines[0].text for talk in talks])

    def statistic(weights: Array) -> Array:
        pairs = weights.sum(axis=1) ** 2 - (weights**2).sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean: Array = ((weights @ alike) * weights).sum(axis=1) / pairs
        return mean

    return statistic


def mean_words(talks: Sequence[Talk]) -> Statistic:
    """Return the mean length of a message, in words."""
    return ratio([(sum(each), len(each)) for each in _lengths(talks)])


def spread_of_words(talks: Sequence[Talk]) -> Statistic:
    """Return the standard deviation of the length of a message, in words."""
    sums = np.array(
        [(len(each), sum(each), sum(one**2 for one in each)) for each in _lengths(talks)], float
    )

    def statistic(weights: Array) -> Array:
        count, total, squares = (weights @ sums).T
        spread: Array = np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0.0))
        return spread

    return statistic


def distinct(talks: Sequence[Talk], size: int) -> float | None:
    """Return distinct runs of `size` words, as a share of all such runs; None without any."""
    runs = [run for talk in talks for run in _runs(talk, size)]
    return rounded(len(set(runs)) / len(runs)) if runs else None


def distinct_among(talks: Sequence[Talk], size: int, drawn: int) -> Statistic:
    """Return the expected share of distinct runs among so many drawn at random, one by one.

    The share falls with the length of what it is taken over; here that is the same for all.

    Args:
        talks: whose words.
        size: words of a run.
        drawn: how many runs are drawn.
    """
    counts = _counts([_runs(talk, size) for talk in talks])

    def expected(weights: Array) -> float:
        found = np.asarray(counts.T @ weights)
        if not drawn or not found.sum():
            return float("nan")
        missed = (1 - found / found.sum()) ** drawn
        return float((1 - missed).sum()) / drawn

    return lambda weights: np.array([expected(each) for each in weights])


def runs_of_words(talks: Sequence[Talk]) -> int:
    """Return how many words the users of talks said."""
    return sum(len(_runs(talk, 1)) for talk in talks)


def _grouped(
    talks: Sequence[Talk],
    key: Callable[[str], Sequence[str]],
    counted: Callable[[Array], Array],
) -> Statistic:
    """Return the share that `counted` makes of the sizes, (D, G), of groups with the same key."""
    keys = [tuple(key(talk.lines[0].text)) for talk in talks]
    known = {each: at for at, each in enumerate(dict.fromkeys(keys))}
    member = np.zeros((len(keys), len(known)))
    member[np.arange(len(keys)), [known[each] for each in keys]] = 1

    def statistic(weights: Array) -> Array:
        present = (weights > 0).astype(np.float64)
        share: Array = counted(present @ member) / present.sum(axis=1)
        return share

    return statistic


def _cosines(texts: Sequence[str]) -> Array:
    """Return how alike texts are, (C, C), 0 for a text and itself."""
    if not any(map(words, texts)):
        return np.zeros((len(texts), len(texts)))
    vectors = TfidfVectorizer(analyzer=words).fit_transform(texts)
    alike: Array = (vectors @ vectors.T).toarray()
    np.fill_diagonal(alike, 0.0)
    return alike


def _runs(talk: Talk, size: int) -> list[tuple[str, ...]]:
    said = [words(line.text) for line in talk.lines]
    return [run for each in said for run in zip(*(each[at:] for at in range(size)), strict=False)]


def _counts(runs: Sequence[list[tuple[str, ...]]]) -> Any:
    """Return how often each dialogue has each run, a sparse (C, T)."""
    if not any(runs):
        return np.zeros((len(runs), 1))
    return CountVectorizer(analyzer=lambda each: each).fit_transform(runs)


def _lengths(talks: Sequence[Talk]) -> list[list[int]]:
    return [[len(line.text.split()) for line in talk.lines] for talk in talks]
