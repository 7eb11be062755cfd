"""Training rows: what a tree gives in each of TRL's conversational data formats.

Every row names where it comes from (tree, node, persona and profile ids) and the split of its
persona, so that train and evaluation data can be kept apart by person.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from dialogues.choice import Chooser
from dialogues.hashing import canonical_json
from dialogues.node import Node
from dialogues.pairs import judged_sets, preference_pairs
from dialogues.rendering import conversation
from dialogues.tree import Tree

Row = dict[str, Any]


class RowSettings(NamedTuple):
    """Which verdicts count and which pairs are good enough.

    Attributes:
        choose: picks the verdict of a sibling set.
        system: system text of the run.
        min_margin: least verdict margin, in [0, 1].
        min_confidence: least verdict confidence, in [0, 1].
        best_worst: one pair per sibling set instead of all strictly ordered ones.
        gold: add what the user noted with its latest message, as columns `gold_*`; a scripted
            user notes its dialogue acts and the facts it revealed.
    """

    choose: Chooser
    system: str = ""
    min_margin: float = 0.0
    min_confidence: float = 0.0
    best_worst: bool = False
    gold: bool = False

    def admits(self, margin: float, confidence: float) -> bool:
        """Tell whether a verdict is clear and sure enough."""
        return margin >= self.min_margin and confidence >= self.min_confidence


def preference_rows(tree: Tree, settings: RowSettings) -> Iterator[Row]:
    """Give `prompt`, `chosen`, `rejected`: for TRL's DPOTrainer and RewardTrainer."""
    for pair in preference_pairs(tree, settings.choose, best_worst=settings.best_worst):
        margin, confidence = pair.margin, pair.verdict.confidence
        if not settings.admits(margin, confidence):
            continue
        yield {
            "prompt": conversation(tree.history(pair.user.key), settings.system),
            "chosen": [_reply(pair.chosen)],
            "rejected": [_reply(pair.rejected)],
            **_origin(tree, pair.user),
            **_gold(pair.user, settings),
            **_candidate("chosen", pair.chosen),
            **_candidate("rejected", pair.rejected),
            "verdict_margin": margin,
            "verdict_confidence": confidence,
        }


def kto_rows(tree: Tree, settings: RowSettings) -> Iterator[Row]:
    """Give `prompt`, `completion`, `label`: best tier desirable, worst tier not, for KTOTrainer.

    A text that stands in both tiers is left out.
    """
    for user, candidates, verdict in judged_sets(tree, settings.choose):
        if not verdict.preferred or not settings.admits(verdict.margin, verdict.confidence):
            continue
        best = [node for node in candidates if node.key in verdict.ranking[0]]
        worst = [node for node in candidates if node.key in verdict.ranking[-1]]
        twice = {node.text for node in best} & {node.text for node in worst}
        for node in (*best, *worst):
            if node.text in twice:
                continue
            yield {
                "prompt": conversation(tree.history(user.key), settings.system),
                "completion": [_reply(node)],
                "label": node in best,
                **_origin(tree, user),
                **_gold(user, settings),
                **_candidate("completion", node),
                "verdict_margin": verdict.margin,
                "verdict_confidence": verdict.confidence,
            }


def prompt_rows(tree: Tree, settings: RowSettings) -> Iterator[Row]:
    """Give `prompt`: every user message with its history, for GRPOTrainer and the like."""
    for user in tree.user_messages():
        prompt = conversation(tree.history(user.key), settings.system)
        yield {"prompt": prompt, **_origin(tree, user), **_gold(user, settings)}


def sft_rows(tree: Tree, settings: RowSettings) -> Iterator[Row]:
    """Give `messages` and `loss`: paths that really happened, each preferred reply learnt once.

    `loss` has one entry per message, true for the assistant turns to learn; a rejected reply that
    the dialogue went on from is context only.
    """
    sets = judged_sets(tree, settings.choose)
    targets = {
        node.key: node
        for judged in sets
        if settings.admits(judged.verdict.margin, judged.verdict.confidence)
        for node in judged.preferred
    }
    learnt: set[str] = set()
    for target in sorted(targets.values(), key=lambda node: -node.turn):
        if target.key in learnt:
            continue
        path = tree.path(target.key)
        new = {node.key for node in path if node.key in targets} - learnt
        learnt |= new
        messages = conversation(tree.history(target.key), settings.system)
        context = [False] * (len(messages) - len(path))
        yield {
            "messages": messages,
            "loss": context + [node.key in new for node in path],
            **_origin(tree, target),
            **_gold(tree[target.parent], settings),
            **_candidate("last", target),
        }


ROW_FORMATS: dict[str, Callable[[Tree, RowSettings], Iterator[Row]]] = {
    "preference": preference_rows,
    "sft": sft_rows,
    "kto": kto_rows,
    "prompt": prompt_rows,
}


def _reply(node: Node) -> dict[str, str]:
    return {"role": "assistant", "content": node.text}


def _origin(tree: Tree, node: Node) -> Row:
    return {
        "tree_id": tree.key,
        "node_id": node.key,
        "persona_id": tree.persona.id,
        "profile_id": tree.persona.profile.id,
        "personality_id": tree.persona.personality.id,
        "split": tree.persona.split,
        "turn": node.turn,
    }


def _gold(user: Node, settings: RowSettings) -> Row:
    """Give the user's notes, lists as they are and records as JSON text, which any format holds."""
    if not settings.gold:
        return {}
    return {
        f"gold_{name}": canonical_json(noted) if isinstance(noted, dict) else noted
        for name, noted in user.notes.items()
    }


def _candidate(prefix: str, node: Node) -> Row:
    return {
        f"{prefix}_id": node.key,
        f"{prefix}_assistant": node.spec,
        f"{prefix}_hinted": node.role == "hinted",
        f"{prefix}_characters": len(node.text),
    }
