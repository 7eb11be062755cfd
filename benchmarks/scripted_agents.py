"""How good the scripted agents are: conversion, inducer, manner, variety, judge, disclosure.

    python -m benchmarks.scripted_agents [--profiles FILE]

Grows dialogues over the shipped pool in memory and measures them against the gold labels of the
scripted user. `--profiles` adds the conversion rate of another persona file.
"""

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np

from agents.scripted.facts import sayable_facts
from agents.scripted.phrases import bare_sentences
from agents.scripted.pronouns import first_person
from agents.scripted.temperament import temperament_of
from agents.scripted.words import content_words
from benchmarks.gaming import gaming_figures
from benchmarks.growing import grow_trees
from benchmarks.language import faults
from benchmarks.manner import manner_figures
from dialogues import Persona, Tree, load_pool
from dialogues.node import USER, Node
from dialogues.persona import Profile
from dialogues.pool import SHIPPED, load_files

DIALOGUES, LONG_TURNS, WINDOW = 1000, 70, 10
COVERED = 0.8
RESAMPLES = 2000
ASSISTANTS = {
    "hinted": "hinted=scripted",
    "plain": "plain=scripted",
    "ignores": "plain=scripted:ignores",
    "interrogates": "plain=scripted:interrogates",
}


def said(tree: Tree) -> list[Node]:
    """The user's messages on the branch the dialogue went on with."""
    return sorted((node for node in tree if node.seat == USER), key=lambda node: node.turn)


def conversion(name: str, profiles: Sequence[Profile]) -> None:
    facts = [(fact.text, profile) for profile in profiles for fact in profile.facts]
    sayable = sum(first_person(text, profile) is not None for text, profile in facts)
    agenda = sum(len(sayable_facts(profile)) for profile in profiles)
    print(
        f"facts of {name}: {len(facts)}; said in the first person {sayable / len(facts):.1%}, "
        f"on an agenda {agenda / len(facts):.1%}"
    )


def inducer(trees: Sequence[Tree]) -> None:
    right = believed = revealed = found = 0
    latency: Counter[int] = Counter()
    for tree in trees:
        words = {f.id: content_words(f.said) for f in sayable_facts(tree.persona.profile)}
        told: dict[str, int] = {}
        seen: set[str] = set()
        for node in said(tree):
            told |= dict.fromkeys(node.notes["reveals"], node.turn)
            belief = tree.belief(node.key)
            for statement in set(belief.facts if belief else ()) - seen:
                believed += 1
                right += any(covers(statement, words[fact]) for fact in told)
                seen.add(statement)
                for fact, turn in told.items():
                    if fact not in seen and covers(statement, words[fact]):
                        latency[node.turn - turn] += 1
                        found += 1
                        seen.add(fact)
        revealed += len(told)
    print(f"inducer: precision {right / believed:.3f} of {believed} statements")
    print(f"inducer: recall {found / revealed:.3f} of {revealed} revealed facts")
    manners(trees)
    print(f"inducer: turns until believed, of those found: {dict(sorted(latency.items()))}")


def manners(trees: Sequence[Tree]) -> None:
    """Compare the traits believed at the end with the poles of the personality."""
    right = believed = 0
    for tree in trees:
        belief = tree.belief(said(tree)[-1].key)
        traits = set(belief.traits if belief else ())
        right += len(traits & temperament_of(tree.persona.personality))
        believed += len(traits)
    print(f"inducer: traits named after 10 turns {believed / len(trees):.2f} a dialogue, ", end="")
    print(f"{right / believed:.2f} of them the personality's")


def covers(statement: str, fact: frozenset[str]) -> bool:
    return len(content_words(statement) & fact) >= COVERED * len(fact)


def variety(trees: Sequence[Tree]) -> None:
    messages = [node.text for tree in trees for node in said(tree)]
    pairs = [pair for text in messages for pair in bigrams(text)]
    first = [said(tree)[0].text for tree in trees]
    print(
        f"user: {len(messages)} messages of {np.mean([len(m.split()) for m in messages]):.1f} words"
    )
    print(f"user: distinct-2 {len(set(pairs)) / len(pairs):.3f} over all messages")
    print(f"user: different first messages {len(set(first)) / len(first):.3f}")
    print(f"user: different messages {len(set(messages)) / len(messages):.3f}")
    found = [fault for text in messages for fault in faults(text)]
    print(f"language checks over {len(trees)} dialogues: {len(found)} faults {found[:3]}")


def bigrams(text: str) -> list[tuple[str, str]]:
    words = text.lower().split()
    return list(pairwise(words))


def repetition(trees: Sequence[Tree]) -> None:
    """Sentences a user says again within any ten messages of its own."""
    again = total = 0
    for tree in trees:
        sentences = [bare_sentences(node.text) for node in said(tree)]
        for at, now in enumerate(sentences):
            lately = frozenset().union(*sentences[max(0, at - WINDOW + 1) : at])
            again += len(now & lately)
            total += len(now)
    print(f"{LONG_TURNS} turns: {again} of {total} sentences repeated within {WINDOW} messages")


def two_way_interval(
    trees: Sequence[Tree], value: Callable[[Tree], float]
) -> tuple[float, float, float]:
    """Mean and 95 % interval, resampling profiles and personalities (Owen 2007)."""
    rng = np.random.default_rng(0)
    values = np.array([value(tree) for tree in trees])
    profiles = [tree.persona.profile.id for tree in trees]
    personalities = [tree.persona.personality.id for tree in trees]
    axes = [np.unique(np.array(ids), return_inverse=True)[1] for ids in (profiles, personalities)]
    means = []
    for _ in range(RESAMPLES):
        weight = np.ones(len(values))
        for axis in axes:
            size = axis.max() + 1
            weight *= rng.multinomial(size, np.full(size, 1 / size))[axis]
        means.append(np.average(values, weights=weight) if weight.any() else values.mean())
    low, high = np.percentile(means, [2.5, 97.5])
    return float(values.mean()), float(low), float(high)


def mean_score(tree: Tree, place: int) -> float:
    scores = []
    for user in said(tree):
        verdict = tree.verdict(user.key)
        scores += [
            verdict.mean_score(node.key)
            for node in tree.candidates(user.key)
            if verdict and node.place == place
        ]
    return float(np.mean(scores))


def judge(trees: Sequence[Tree]) -> None:
    names = list(ASSISTANTS)
    for place, name in enumerate(names):
        mean, low, high = two_way_interval(trees, partial(mean_score, place=place))
        print(f"judge: {name} scores {mean:.2f} [{low:.2f}, {high:.2f}]")
    for place, (better, worse) in enumerate(pairwise(names)):

        def lead(tree: Tree, at: int = place) -> float:
            return mean_score(tree, at) - mean_score(tree, at + 1)

        mean, low, high = two_way_interval(trees, lead)
        print(f"judge: {better} over {worse} by {mean:.2f} [{low:.2f}, {high:.2f}]")


def disclosure(personas: Sequence[Persona]) -> None:
    for name, spec in ASSISTANTS.items():
        trees = asyncio.run(grow_trees(personas, [spec, spec]))
        told = [len(said(tree)[-1].notes["agenda"]["told"]) for tree in trees]
        rapport = [said(tree)[-1].notes["agenda"]["rapport"] for tree in trees]
        print(
            f"told to {name} in 10 turns: {np.mean(told):.2f} facts; rapport {np.mean(rapport):.2f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=Path, help="also convert the profiles of this file")
    given = parser.parse_args()
    conversion("the shipped pool", load_pool().profiles)
    if given.profiles:
        pool = load_files(given.profiles, SHIPPED / "personalities.jsonl")
        conversion(given.profiles.name, pool.profiles)
    personas = load_pool().personas(per_profile=10)
    all_personas = (personas * (DIALOGUES // len(personas) + 1))[:DIALOGUES]
    trees = asyncio.run(grow_trees(all_personas))
    inducer(trees)
    variety(trees)
    manner_figures(trees)
    long = asyncio.run(grow_trees(personas[:81], turns=LONG_TURNS))
    repetition(long)
    gaming_figures(trees[:100])
    judge(asyncio.run(grow_trees(personas[:400], list(ASSISTANTS.values()))))
    disclosure(personas[:162])


if __name__ == "__main__":
    main()
