"""Whether a personality can be heard: a plain classifier recovers its traits from messages.

Logistic regression on words and punctuation, without the words of the profiles, tested on
personalities it has not seen; chance is the share of the more frequent pole.
"""

import re
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, balanced_accuracy_score
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from agents.scripted.temperament import OPPOSITES, temperament_of
from dialogues import Tree
from dialogues.node import USER

_TOKEN = r"[\w']+|[!?.,\U0001F300-\U0001FAFF]"


def manner_figures(trees: Sequence[Tree]) -> None:
    """Print, for every dimension, how well the pole is recovered from one dialogue's messages."""
    texts = [
        " ".join(node.text for node in tree if node.seat == USER and not node.failure)
        for tree in trees
    ]
    people = [tree.persona.personality for tree in trees]
    facts = sorted({word for tree in trees for word in _words(tree.persona.profile.text)})
    groups = np.array([person.id for person in people])
    print("trait                    accuracy  chance  balanced")
    for first, second in OPPOSITES.items():
        poles = [temperament_of(person) & {first, second} for person in people]
        known = np.array([bool(pole) for pole in poles])
        label = np.array([pole == {first} for pole in poles])[known]
        used = [text for text, is_known in zip(texts, known, strict=True) if is_known]
        model = make_pipeline(
            TfidfVectorizer(stop_words=facts, ngram_range=(1, 2), min_df=3, token_pattern=_TOKEN),
            LogisticRegression(C=10, class_weight="balanced", max_iter=1000),
        )
        predicted = cross_val_predict(
            model, used, label, groups=groups[known], cv=GroupKFold(n_splits=5)
        )
        chance = max(label.mean(), 1 - label.mean())
        print(
            f"{first + ' / ' + second:24s} {accuracy_score(label, predicted):8.2f} {chance:7.2f} "
            f"{balanced_accuracy_score(label, predicted):9.2f}"
        )


def _words(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())
