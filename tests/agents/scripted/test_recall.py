"""The held-out judge: rewards what the user told, by words of its own, and nothing else."""

import ast
import asyncio
from pathlib import Path
from statistics import fmean, median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.casting import seat
from agents.scripted import recall
from agents.scripted.recall import RecallJudge
from agents.seats import Candidate, JudgeBrief
from dialogues.node import JUDGE, Message, Node
from dialogues.persona import Persona
from dialogues.tree import Tree
from tests.agents.scripted.talking import POOL, grown, history
from tests.growing import a_persona
from tests.strategies import texts

LIFE = a_persona(
    "Ada Quill is 52 and mends clocks in Bath. She lives with two greyhounds above her shop. "
    "She swims in the river every Sunday. She sings alto in the abbey choir."
)
OTHER = a_persona(
    "He plays bezique in a barbershop. He builds radio gliders. He owns a bearded dragon."
)
TOLD = ("I mend clocks in Bath.", "Ah.", "I swim in the river every Sunday.")
ASSISTANTS = ("hinted=scripted", "plain=scripted", "scripted:ignores", "scripted:interrogates")


def scores(
    *replies: str,
    said: tuple[str, ...] = TOLD,
    persona: Persona = LIFE,
    speaker: Persona | None = None,
    seed: int = 0,
) -> list[float]:
    """Return the score of each reply to a dialogue that ends with the user's message."""
    candidates = [Candidate(str(place), text) for place, text in enumerate(replies)]
    brief = JudgeBrief(
        role="pointwise",
        history=history(*said),
        turn=(len(said) + 1) // 2,
        seed=seed,
        persona=persona,
        candidates=candidates,
        speaker=speaker,
    )
    verdict = asyncio.run(RecallJudge().judge(brief)).verdict
    assert all(each.keys() == {"recall"} for each in verdict.scores.values())
    return [verdict.scores[candidate.key]["recall"] for candidate in candidates]


def test_it_is_seated_by_its_short_name() -> None:
    assert isinstance(seat(JUDGE, "scripted:recall").agent, RecallJudge)


def test_it_is_held_out_it_shares_no_code_with_what_trains() -> None:
    tree = ast.parse(Path(recall.__file__).read_text(encoding="utf-8"))
    froms = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = {name for name in froms if name.split(".")[0] in ("agents", "graphs", "training")}
    assert ours == {"agents.seats"}


def test_to_recall_is_more_than_to_repeat_and_to_repeat_more_than_to_chat() -> None:
    recalls, repeats, chats = scores(
        "How do you mend your clocks in Bath?",
        "So you swim in the river every Sunday.",
        "That sounds lovely, tell me more about it.",
    )
    assert recalls > repeats > chats == 1.0


def test_what_was_not_told_gains_nothing() -> None:
    assert scores("You sing alto in the abbey choir with your greyhounds.") == [1.0]


def test_where_nothing_was_told_all_score_one() -> None:
    replies = ("You mend clocks in Bath.", "You swim in the river.")
    assert scores(*replies, said=("Hello there.",)) == [1.0, 1.0]


def test_one_message_is_enough_to_judge_by() -> None:
    told, untold = scores("Clocks in Bath!", "A river!", said=("I mend clocks in Bath.",))
    assert told > untold == 1.0


def test_forms_of_a_word_are_one_word_and_a_name_is_none() -> None:
    assert scores("A clock, mended by a mender of clocks?") == scores("Mend the clock!")
    assert scores("Ada Quill, Ada!") == [1.0]


def test_a_fact_named_in_full_scores_between_three_and_three_and_a_half() -> None:
    named = []
    for profile in POOL.profiles[::4]:
        persona = Persona(profile=profile, personality=LIFE.personality)
        for fact in profile.facts:
            named += scores(fact.text, said=(fact.text, "Ah.", "Hm."), persona=persona)
    assert 3.0 <= median(named) <= 3.5


def test_the_rarer_word_counts_more() -> None:
    persona = a_persona("She lives with an axolotl.")
    rare, common = scores(
        "An axolotl?", "You live so?", said=("I live with an axolotl.",), persona=persona
    )
    assert rare > common > 1.0


@given(texts, st.sampled_from([*TOLD, "You swim, and you mend clocks in Bath."]))
def test_scores_keep_to_the_scale_and_more_words_never_lower_them(more: str, reply: str) -> None:
    short, long = scores(reply, f"{reply} {more}")
    assert 1.0 <= short <= long <= 5.0
    assert [round(score, 2) for score in (short, long)] == [short, long]


def test_for_somebody_else_as_many_facts_count_as_the_speaker_told() -> None:
    named = [
        scores("Bezique!", "Gliders!", "A bearded dragon!", persona=OTHER, speaker=LIFE, seed=seed)
        for seed in range(12)
    ]
    assert {sum(score > 1 for score in each) for each in named} == {2}
    assert len({tuple(score > 1 for score in each) for each in named}) == 3
    assert scores("Bezique!", persona=OTHER, speaker=LIFE, said=("Hello.",)) == [1.0]


def test_for_somebody_with_fewer_facts_all_count() -> None:
    short = a_persona("He plays bezique.")
    assert scores("Bezique!", persona=short, speaker=LIFE)[0] > 1


def test_a_speaker_who_is_the_persona_changes_nothing() -> None:
    replies = ("Clocks?", "The river?", "The choir?")
    assert scores(*replies, speaker=LIFE) == scores(*replies)


def recalled(tree: Tree, other: Persona) -> dict[str, list[tuple[float, float]]]:
    """Return matched and mismatched scores of all replies in a tree, by assistant."""
    found: dict[str, list[tuple[float, float]]] = {spec: [] for spec in ASSISTANTS}
    for node in tree.user_messages():
        replies = tree.candidates(node.key)
        matched = judged(tree, node, tree.history(node.key), tree.persona, None)
        swapped = judged(tree, node, tree.history(node.key), other, tree.persona)
        for reply in replies:
            found[reply.spec].append((matched[reply.key], swapped[reply.key]))
    return found


def judged(
    tree: Tree, node: Node, said: list[Message], persona: Persona, speaker: Persona | None
) -> dict[str, float]:
    """Return the score of every reply to a message."""
    brief = JudgeBrief(
        role="",
        history=said,
        turn=node.turn,
        seed=node.seed,
        persona=persona,
        speaker=speaker,
        candidates=[Candidate(each.key, each.text) for each in tree.candidates(node.key)],
    )
    verdict = asyncio.run(RecallJudge().judge(brief)).verdict
    return {key: each["recall"] for key, each in verdict.scores.items()}


@pytest.mark.parametrize("user", ["scripted", "scripted:interviewer"])
def test_in_real_dialogues_only_who_uses_what_was_told_gains(user: str) -> None:
    personas = POOL.personas(1)[::7][:12]
    found: dict[str, list[tuple[float, float]]] = {spec: [] for spec in ASSISTANTS}
    for at, persona in enumerate(personas):
        other = personas[at - 5]
        for spec, pairs in recalled(grown(persona, 10, user, ASSISTANTS), other).items():
            found[spec] += pairs
    means = {spec: fmean(matched for matched, _ in pairs) for spec, pairs in found.items()}
    leads = {spec: fmean(one - two for one, two in pairs) for spec, pairs in found.items()}
    assert means["hinted=scripted"] > means["plain=scripted"] + 0.5
    assert max(means["scripted:ignores"], means["scripted:interrogates"]) <= means["plain=scripted"]
    assert leads["hinted=scripted"] > 0.5
    assert all(abs(lead) < 0.1 for spec, lead in leads.items() if spec != "hinted=scripted")
