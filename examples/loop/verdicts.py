"""Other verdicts on the same replies: the loop's controls, and its style-matched pairs."""

import random
from collections.abc import Callable, Mapping

from dialogues.tree import Tree
from dialogues.verdict import Verdict

Scores = Mapping[str, Mapping[str, float]]
Rewrite = Callable[[Tree, Scores], Scores]

_SUM_OF_SCALE = 6.0


def rewritten(tree: Tree, rewrite: Rewrite) -> Tree:
    """Return the tree with every verdict made of other scores."""
    nodes = [
        node.model_copy(update={"verdict": Verdict.from_scores(rewrite(tree, node.verdict.scores))})
        if node.verdict
        else node
        for node in tree
    ]
    return Tree(tree.persona, tree.repeat, nodes)


def shuffled(seed: int) -> Rewrite:
    """Deal the scores of siblings out among them anew."""
    rng = random.Random(seed)

    def rewrite(_: Tree, scores: Scores) -> Scores:
        return dict(zip(scores, rng.sample([*scores.values()], len(scores)), strict=True))

    return rewrite


def reversed_order(_: Tree, scores: Scores) -> Scores:
    """Prefer what was rejected."""
    return {
        key: {name: _SUM_OF_SCALE - score for name, score in each.items()}
        for key, each in scores.items()
    }


def among(*specs: str) -> Rewrite:
    """Judge the candidates of these assistants alone."""

    def rewrite(tree: Tree, scores: Scores) -> Scores:
        return {key: each for key, each in scores.items() if tree[key].spec in specs}

    return rewrite
