"""Viewing: trees as the page's viewer reads them, without what says nothing."""

from collections.abc import Iterator, Sequence
from typing import Any

from dialogues.choice import Chooser
from dialogues.node import AGAINST, Node
from dialogues.persona import Persona
from dialogues.plain import visible
from dialogues.records import StoredTree
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from eval.probe import PROBE
from eval.reporting.scanning import Scan
from eval.reporting.turns import Turn, turns_of
from eval.reporting.worst import Bad
from eval.scoring import PROTOCOL

_GOLD = ("acts", "reveals", "speaks_of", "traits")
_EXCERPT = 200
_CHUNK = 50
_DIGITS = 3

View = dict[str, Any]


def viewed(scans: Sequence[Scan]) -> View:
    """Return everything the viewer shows; all texts in it are safe to look at."""
    people: dict[str, View] = {}
    trees: list[View] = []
    for at, one in enumerate(scans):
        for stored in _readable(one):
            people.setdefault(stored.tree.persona.id, _persona(stored.tree.persona))
            trees.append({"run": at, **_tree(stored, one.choose)})
    runs = [
        {"name": one.source.name, "total": one.total, "shown": len(one.readable)} for one in scans
    ]
    worst = [{"run": at, **_bad(bad)} for at, one in enumerate(scans) for bad in one.worst]
    found = {"runs": runs, "personas": people, "trees": trees, "worst": worst}
    cleaned: View = _cleaned(found)
    return cleaned


def _readable(one: Scan) -> Iterator[StoredTree]:
    """Load the trees that the page holds, in the order of the run."""
    for at in range(0, len(one.readable), _CHUNK):
        numbers = one.readable[at : at + _CHUNK]
        loaded = {stored.id: stored for stored in one.source.run.load(numbers)}
        yield from (loaded[number] for number in numbers)


def _tree(stored: StoredTree, choose: Chooser) -> View:
    tree = stored.tree
    turns = turns_of(tree, choose)
    judged = {turn.user.key: _judged(turn) for turn in turns if turn.verdict}
    return {
        "key": tree.key,
        "repeat": tree.repeat,
        "status": stored.status,
        "persona": tree.persona.id,
        **_filled(_figures(tree, turns)),
        "nodes": [
            {**_node(node), **_filled({"judged": judged.get(node.key)})}
            for node in tree
            if node is tree.attempts(node.slot)[-1]
        ],
    }


def _figures(tree: Tree, turns: Sequence[Turn]) -> View:
    """Return what the list of dialogues is sorted by."""
    chosen = [each for turn in turns for each in turn.chosen]
    scores = [each.score for each in chosen if each.score is not None]
    regrets = [each.regret for each in chosen if each.regret is not None]
    margins = [turn.margin for turn in turns if turn.margin is not None]
    return {
        "mean": round(sum(scores) / len(scores), _DIGITS) if scores else None,
        "lowest": round(min(scores), _DIGITS) if scores else None,
        "regret": round(max(regrets), _DIGITS) if regrets else None,
        "margin": round(min(margins), _DIGITS) if margins else None,
        "failures": len(tree.failures()),
        "turns": max((turn.user.turn for turn in turns), default=0),
    }


def _judged(turn: Turn) -> View:
    """Return what the verdict that counts says of a turn's candidates."""
    assert turn.verdict
    regrets = {one.reply.key: round(one.regret, _DIGITS) for one in turn.chosen if one.regret}
    scored = turn.verdict.scores
    means = {key: round(turn.verdict.mean_score(key), _DIGITS) for key in scored}
    return {
        "preferred": list(turn.verdict.preferred),
        **_filled({"regrets": regrets, "means": means}),
    }


def _node(node: Node) -> View:
    return {
        "key": node.key,
        "parent": node.parent,
        "seat": node.seat,
        "turn": node.turn,
        "spec": node.spec,
        **_filled(
            {
                "text": node.text,
                "reasoning": node.reasoning,
                "attempt": node.attempt,
                "belief": [*node.belief.facts, *node.belief.traits] if node.belief else None,
                "verdict": _verdict(node.verdict) if node.verdict else None,
                "gold": {name: list(node.notes[name]) for name in _GOLD if node.notes.get(name)},
                "against": node.notes.get(AGAINST),
                "protocol": node.notes.get(PROTOCOL),
                "probe": PROBE.items() <= node.notes.items(),
                "ends": node.ends,
                "failure": node.failure.model_dump() if node.failure else None,
            }
        ),
    }


def _verdict(verdict: Verdict) -> View:
    return {
        "ranking": [list(tier) for tier in verdict.ranking],
        "margin": round(verdict.margin, _DIGITS),
        "confidence": round(verdict.confidence, _DIGITS),
        **_filled(
            {
                "scores": verdict.scores,
                "means": {key: round(verdict.mean_score(key), _DIGITS) for key in verdict.scores},
                "scale": list(verdict.scale) if verdict.scores else None,
                "orders": [list(order) for order in verdict.orders],
                "reasons": verdict.reasons,
            }
        ),
    }


def _persona(persona: Persona) -> View:
    return {
        "profile": persona.profile.text,
        "personality": persona.personality.text,
        "split": persona.split,
        "facts": {fact.id: fact.text for fact in persona.profile.facts},
    }


def _bad(bad: Bad) -> View:
    text = bad.node.failure.message if bad.node.failure else bad.node.text
    short = text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1]}…"
    return {
        "kind": bad.kind,
        "rank": round(bad.rank, _DIGITS),
        "tree": bad.tree,
        "node": bad.node.key,
        "turn": bad.node.turn,
        "seat": bad.node.seat,
        "spec": bad.node.spec,
        "told": bad.told,
        "text": short,
        **_filled({"scale": list(bad.scale) if bad.scale else None}),
    }


def _filled(values: View) -> View:
    """Leave out what is empty, false or nothing; 0 stays where it is a figure."""
    return {
        name: value
        for name, value in values.items()
        if value or (isinstance(value, float) and not isinstance(value, bool))
    }


def _cleaned(value: Any) -> Any:
    """Make control and bidi characters of all texts visible."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return value
