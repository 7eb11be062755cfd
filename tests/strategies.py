"""Hypothesis strategies: personas, and trees as varied and hostile as a store may hold."""

from typing import Any

from hypothesis import strategies as st

from dialogues import Belief, Failure, Node, Persona, Personality, Profile, Tree, Usage, Verdict
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER
from tests.growing import a_node

_HOSTILE = (
    "",
    "\0",
    "\ud800",
    "\u202egnp.exe",
    "[red]x[/red]",
    "\x1b[31mred",
    "e\u0301 \U0001f469\u200d\U0001f467",
    "\u2028\u2029\x85",
    '"},{"',
    "\x1f",
    "\ufeffbom",
    "a\r\nb\tc",
)
hostile_texts = st.one_of(
    st.sampled_from(_HOSTILE), st.text(st.characters(exclude_categories=()), max_size=8)
)
"""Texts that break careless code: control and bidi characters, lone surrogates, markup, JSON."""

texts = hostile_texts.map(lambda text: text.encode("utf-8", "replace").decode().replace("\0", "?"))
"""The same, as far as any database takes them."""

_replies = st.sampled_from(("yes", "no", "yes", "no", "no ")) | texts
_counts = st.sampled_from((3, 2, 4, 2, 5, 3, 2, 1, 0))
_words = st.text("abcdefghij ", min_size=1, max_size=12).filter(str.strip)
_shares = st.sampled_from((0.0, 0.25, 0.5, 1.0))
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)

usages = st.builds(
    Usage, prompt_tokens=st.integers(0, 9999), completion_tokens=st.integers(0, 9999)
)
failures = st.builds(
    Failure, type=st.sampled_from(("TimeoutError", "EmptyReply")), message=hostile_texts
)
beliefs = st.builds(
    Belief,
    facts=st.lists(texts, max_size=2).map(tuple),
    traits=st.lists(texts, max_size=2).map(tuple),
)


@st.composite
def personas(draw: st.DrawFn) -> Persona:
    """Draw a persona; one in three halves is of the eval split, always the same ones."""
    profile, personality = draw(_words), draw(_words)
    return Persona(
        profile=Profile.of(profile, "train" if len(profile) % 3 else "eval"),
        personality=Personality.of(personality, "train" if len(personality) % 3 else "eval"),
    )


@st.composite
def verdicts(draw: st.DrawFn, keys: list[str]) -> Verdict:
    """Draw a verdict on the candidates `keys`: with or without scores, often with ties."""
    confidence = draw(_shares)
    if draw(st.booleans()):
        scored = {
            key: {"style": draw(st.integers(1, 5)), "content": draw(st.integers(1, 5))}
            for key in keys
        }
        return Verdict.from_scores(scored, confidence=confidence, orders=[keys, keys[::-1]])
    levels = {key: draw(st.sampled_from((1, 0, 2, 3))) for key in keys}
    tiers = [tuple(k for k in keys if levels[k] == level) for level in sorted({*levels.values()})]
    margin = draw(_shares) if len(tiers) > 1 else 0.0
    return Verdict(ranking=tuple(tiers), margin=margin, confidence=confidence)


@st.composite
def trees(draw: st.DrawFn, max_turns: int = 3, max_candidates: int = 5) -> Tree:
    """Draw a tree of any shape: forks, failures, retries, several verdicts per sibling set."""
    tree = Tree(draw(personas()), draw(st.integers(0, 2)))
    tips = [tree.key]
    for turn in range(1, max_turns - draw(st.integers(0, max_turns - 1)) + 1):
        grown = [_grow_turn(draw, tree, tip, turn, max_candidates) for tip in tips]
        tips = [tip for continued in grown for tip in continued][:3]
    return tree


def forests(max_trees: int = 3) -> st.SearchStrategy[list[Tree]]:
    """Draw the trees of a run: all of different root slots."""
    return st.lists(trees(), min_size=1, max_size=max_trees, unique_by=lambda tree: tree.key)


def _grow_turn(draw: st.DrawFn, tree: Tree, tip: str, turn: int, max_candidates: int) -> list[str]:
    user = _attempt(draw, tree, tip, USER, turn, text=draw(hostile_texts))
    if user.failure:
        return []
    if draw(st.booleans()):
        _attempt(draw, tree, user.key, INDUCER, turn, belief=draw(beliefs))
    for place in range(min(max_candidates, draw(_counts))):
        spec = "plain=m" if place % 2 else "hinted=m"
        reply = {"text": draw(_replies), "reasoning": draw(texts), "spec": spec}
        _attempt(draw, tree, user.key, ASSISTANT, turn, place=place, **reply)
    replies = [node.key for node in tree.candidates(user.key)]
    if len(replies) > 1:
        for place in range(draw(st.sampled_from((1, 2, 1, 3, 0)))):
            spec = ("scripted", "panel", "human")[place]
            judged = {"verdict": draw(verdicts(replies)), "spec": spec}
            _attempt(draw, tree, user.key, JUDGE, turn, place=place, **judged)
    continued = draw(st.sampled_from((1, 2, 1, 0)))
    return draw(st.permutations(replies))[:continued]


def _attempt(
    draw: st.DrawFn, tree: Tree, parent: str, seat: str, turn: int, **content: Any
) -> Node:
    """Fill a slot, at times with a failure, at times with a failure that a retry made good."""
    place = content.pop("place", 0)
    spent = {"usage": draw(st.none() | usages), "seconds": draw(st.integers(0, 9)) / 4}
    seed = draw(st.integers(0, 2**31 - 1))
    common = {"place": place, "seed": seed, **spent}
    fate = draw(st.sampled_from(("good",) * 12 + ("failed", "retried")))
    failed = a_node(parent, seat, turn, **common, failure=draw(failures))
    notes = draw(st.dictionaries(texts, _json, max_size=1))
    good = a_node(
        parent, seat, turn, **common, attempt=int(fate == "retried"), notes=notes, **content
    )
    if fate != "good":
        tree.add(failed)
    if fate != "failed":
        tree.add(good)
    return failed if fate == "failed" else good
