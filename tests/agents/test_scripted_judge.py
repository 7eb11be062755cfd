"""The scripted judge: a rubric within its scale, ties for equals, a preference for fit."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from agents.scripted.assistant import ScriptedAssistant
from agents.scripted.judge import ScriptedJudge, rubric
from agents.scripted.pronouns import first_person
from agents.seats import AssistantBrief, Candidate, JudgeBrief
from dialogues.node import Belief, Message
from dialogues.persona import Persona
from dialogues.pool import load_pool
from dialogues.verdict import Verdict
from tests.growing import a_persona
from tests.strategies import texts

HISTORY = [Message("user", "I swim in the river every Sunday.")]


def verdict_on(*replies: str, persona: Persona | None = None) -> Verdict:
    shown = [Candidate(f"key{place}", text) for place, text in enumerate(replies)]
    brief = JudgeBrief(
        role="",
        history=HISTORY,
        turn=1,
        seed=0,
        persona=persona or a_persona(),
        candidates=shown,
    )
    return asyncio.run(ScriptedJudge().judge(brief)).verdict


@given(texts | st.text("you! river?. ", max_size=400))
def test_every_criterion_is_within_the_scale(reply: str) -> None:
    scores = rubric(reply, a_persona(), HISTORY)
    assert scores.keys() == {"style", "content", "engagement"}
    assert all(1.0 <= score <= 5.0 for score in scores.values())


@given(texts)
def test_identical_replies_tie(reply: str) -> None:
    verdict = verdict_on(reply, reply)
    assert verdict.ranking == (("key0", "key1"),)
    assert (verdict.margin, verdict.confidence, verdict.preferred) == (0.0, 0.0, ())


def test_the_order_shown_changes_nothing() -> None:
    fits, general = "So you swim in the river. Who taught you?", "I see. Anything else?"
    assert verdict_on(fits, general).preferred == ("key0",)
    assert verdict_on(general, fits).preferred == ("key1",)


def test_repeating_the_user_word_for_word_does_not_engage() -> None:
    echo = rubric(HISTORY[0].content, a_persona(), HISTORY)
    assert echo["engagement"] == 1.0


def test_a_brief_persona_likes_a_rambling_reply_less() -> None:
    short = "You swim in the river. Is it cold?"
    long = short + " That is lovely, so lovely, and it goes on and on and on." * 4
    persona = a_persona(personality="He is terse and reserved.")
    assert rubric(short, persona, HISTORY)["style"] > rubric(long, persona, HISTORY)["style"]


def test_the_verdict_ranks_by_the_mean_score() -> None:
    verdict = verdict_on("River.", "So you swim in the river. Is it cold?", "Hm.")
    means = [verdict.mean_score(tier[0]) or 0.0 for tier in verdict.ranking]
    assert means == sorted(means, reverse=True)
    assert 0.0 < verdict.confidence <= 1.0


def test_a_hinted_reply_beats_a_general_one_for_most_shipped_personas() -> None:
    won = []
    for number, persona in enumerate(load_pool().personas(4)):
        spoken = (first_person(fact.text, persona.profile) for fact in persona.profile.facts)
        fact = next(sentence for sentence in spoken if sentence)
        history = [Message("user", fact)]
        hinted, general = (
            asyncio.run(
                ScriptedAssistant().reply(
                    AssistantBrief(
                        role="", history=history, turn=1, seed=number, place=0, hint=hint
                    )
                )
            ).text
            for hint in (Belief(facts=(fact,)), None)
        )
        shown = [Candidate("general", general), Candidate("hinted", hinted)]
        brief = JudgeBrief(
            role="", history=history, turn=1, seed=0, persona=persona, candidates=shown
        )
        preferred = asyncio.run(ScriptedJudge().judge(brief)).verdict.preferred
        won.append(preferred == ("hinted",))
    assert sum(won) > 0.75 * len(won)


def test_the_same_reply_scores_less_with_an_unrelated_persona() -> None:
    reply = "So you swim in the river every Sunday. Is it cold?"
    other = a_persona("He is 20 and sells fish in Oslo. He owns a kayak.")
    matched = rubric(reply, a_persona(), HISTORY)["content"]
    assert matched > rubric(reply, other, HISTORY)["content"]
