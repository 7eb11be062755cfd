"""Unseen words: what evaluation speaks of and training never did.

The rarest word of each fact of the people who are measured on is looked for in the trees to train
on, and a tree that has it is left out. So a model that names it has taken it from the dialogue.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from dialogues.persona import Profile
from dialogues.tree import Tree

_WORD = re.compile(r"[a-z]{4,}")


def words_in(text: str) -> frozenset[str]:
    """Return the words of a text: four letters or more, in lower case."""
    return frozenset(_WORD.findall(text.lower()))


def words_of(tree: Tree) -> frozenset[str]:
    """Return the words of a tree's messages."""
    return words_in(" ".join(node.text for node in tree if node.is_message))


def rarest_words(profiles: Iterable[Profile], trained: Sequence[frozenset[str]]) -> frozenset[str]:
    """Return of each fact the word that fewest of the trees to train on have."""
    count = Counter(word for words in trained for word in words)
    found = (words_in(fact.text) for profile in profiles for fact in profile.facts)
    return frozenset(min(words, key=lambda word: (count[word], word)) for words in found if words)
