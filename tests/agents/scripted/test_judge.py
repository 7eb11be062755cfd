"""The scripted judge: a rubric within its scale, ties for equals, a preference for fit."""

import asyncio
from itertools import pairwise
from statistics import mean

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.scripted.judge import ScriptedJudge, rubric
from agents.seats import Candidate, JudgeBrief
from dialogues.node import Message
from dialogues.persona import Persona, Personality, Profile
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from tests.agents.scripted.replying import alternating, dialogues
from tests.growing import a_persona
from tests.strategies import hostile_texts, texts

HISTORY = alternating("I swim in the river every Sunday.")
HALF_POINTS = {half / 2 for half in range(2, 11)}
FOUR = ("hinted=scripted", "plain=scripted", "scripted:ignores", "scripted:interrogates")


def verdict_on(*replies: str, persona: Persona | None = None) -> Verdict:
    shown = [Candidate(f"key{place}", text) for place, text in enumerate(replies)]
    told = {"role": "", "history": HISTORY, "turn": 1, "seed": 0}
    brief = JudgeBrief(persona=persona or a_persona(), candidates=shown, **told)
    return asyncio.run(ScriptedJudge().judge(brief)).verdict


def score(reply: str, persona: Persona, history: list[Message]) -> float:
    return mean(rubric(reply, persona, history).values())


def average(tree: Tree, place: int) -> float:
    """Return the mean score of an assistant's candidates in a tree."""
    scores = []
    for user in tree.user_messages():
        verdict = tree.verdict(user.key)
        keys = [node.key for node in tree.candidates(user.key) if node.place == place]
        scores += [verdict.mean_score(key) or 0.0 for key in keys if verdict]
    return mean(scores)


words = st.text(st.characters(categories=("L", "N")), min_size=1)


@given(hostile_texts | st.text("you! river?. ", max_size=400), hostile_texts, words, words)
@example("", "", "1", "1")
@example("river " * 40_000, "Hi.", "x", "y")
@example("\U0001f30a" * 5_000, "\u202e", "x", "y")
@example("swim? " * 5_000, "I swim. " * 5_000, "He swims.", "He is formal.")
@example("You and I\xa0. Is it cold?", "You and I\u2003.", "x", "y")
@example("e\u0301\ud800\x00", "\ud800", "He swims.", "She is terse, lively and formal.")
def test_any_reply_gets_half_points_within_the_scale(
    reply: str, said: str, profile: str, personality: str
) -> None:
    persona = Persona(profile=Profile.of(profile), personality=Personality.of(personality))
    scores = rubric(reply, persona, alternating("Hi.", reply, said))
    assert scores.keys() == {"style", "content", "engagement"}
    assert set(scores.values()) <= HALF_POINTS


@given(texts)
def test_identical_replies_tie(reply: str) -> None:
    verdict = verdict_on(reply, reply)
    assert verdict.ranking == (("key0", "key1"),)
    assert (verdict.margin, verdict.confidence, verdict.preferred) == (0.0, 0.0, ())


@given(st.lists(texts, min_size=2, max_size=4))
def test_the_verdict_ranks_by_the_mean_score(replies: list[str]) -> None:
    verdict = verdict_on(*replies)
    tiers = [{verdict.mean_score(key) for key in tier} for tier in verdict.ranking]
    assert all(len(means) == 1 for means in tiers)
    assert all(min(better) > max(worse) for better, worse in pairwise(tiers))
    assert 0.0 <= verdict.confidence <= 1.0


def test_the_order_shown_changes_nothing() -> None:
    fits, general = "So you swim in the river. Who taught you?", "I see. Anything else?"
    assert verdict_on(fits, general).preferred == ("key0",)
    assert verdict_on(general, fits).preferred == ("key1",)


FITS = "So you swim in the river. Is it cold?"
DISLIKES = [
    ("He is terse and reserved.", FITS + " You can tell me, and I have time to hear it." * 4),
    ("He is formal.", "So you swim in the river. Isn't it cold?"),
    ("He is calm and sceptical.", "You swim in the river, amazing! Is it cold?"),
    ("He is calm.", "So you swim in the river! Is it cold?"),
    ("He is calm.", "So you swim in the river. Is it cold? Deep? Far? Why there?"),
]


@pytest.mark.parametrize(("personality", "reply"), DISLIKES)
def test_a_form_the_person_dislikes_costs_style(personality: str, reply: str) -> None:
    persona = a_persona(personality=personality)
    disliked, fits = (rubric(text, persona, HISTORY)["style"] for text in (reply, FITS))
    assert disliked < fits


def test_a_lively_person_minds_an_exclamation_mark_less_than_a_calm_one() -> None:
    loud = "So you swim in the river! Every Sunday! Is it cold?"
    lively, calm = (
        rubric(loud, a_persona(personality=manner), HISTORY)["style"]
        for manner in ("He is exuberant.", "He is calm.")
    )
    assert lively > calm


BORES = [
    ("I swim in the river every Sunday.", "a parrot"),
    ("- You swim.\n- You rest.", "a list"),
    ("Is it cold? Is it deep?", "nothing but questions"),
    ("Great question. You swim in the river. Is it cold?", "office talk"),
]


@pytest.mark.parametrize("reply", [text for text, _ in BORES], ids=[name for _, name in BORES])
def test_what_bores_costs_engagement(reply: str) -> None:
    fits = rubric(FITS, a_persona(), HISTORY)["engagement"]
    assert rubric(reply, a_persona(), HISTORY)["engagement"] < fits - 0.5


def test_what_was_said_before_costs_engagement() -> None:
    before = alternating("Hi.", "So you swim in the river.", HISTORY[0].content)
    again, fresh = (rubric(FITS, a_persona(), spot)["engagement"] for spot in (before, HISTORY))
    assert again < fresh


def test_the_same_reply_scores_less_with_an_unrelated_persona() -> None:
    other = a_persona("He is 20 and sells fish in Oslo. He owns a kayak.")
    matched = rubric(FITS, a_persona(), HISTORY)["content"]
    assert matched > rubric(FITS, other, HISTORY)["content"]


def test_the_hinted_replies_of_a_dialogue_suit_its_persona_more_than_others() -> None:
    trees = dialogues(20, 10, *FOUR)
    own, foreign = [], []
    for tree, other in zip(trees, (*trees[1:], trees[0]), strict=True):
        for user in tree.user_messages():
            history = tree.history(user.key)
            hinted = tree.candidates(user.key)[0].text
            own.append(score(hinted, tree.persona, history))
            foreign.append(score(hinted, other.persona, history))
    assert mean(own) > mean(foreign) + 0.1


def test_hinted_beats_plain_and_plain_beats_the_bad_assistants_on_average() -> None:
    trees = dialogues(20, 10, *FOUR)
    hinted, plain, ignores, interrogates = (
        mean(average(tree, place) for tree in trees) for place in range(4)
    )
    assert hinted > plain + 0.3
    assert plain > ignores + 0.3
    assert plain > interrogates + 0.3
