"""The dialogue graph: the shape of what it grows, and who is told what."""

from typing import Any

import pytest

from agents.seats import (
    AssistantBrief,
    InducerBrief,
    Induction,
    JudgeBrief,
    Judgement,
    Reply,
    UserBrief,
    Utterance,
)
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief
from graphs.expansion import continue_all, continue_random
from graphs.scene import Script
from tests.agents.troupe import (
    CollectingInducer,
    DrawingJudge,
    LeavingUser,
    NumberAssistant,
    NumberUser,
    Witness,
)
from tests.graphs.stage import company, last_messages, play, seats_by_turn, witnessed
from tests.growing import a_cast, a_persona

SECRET = a_persona("Zoltan is 52. He collects zithers.", "He is zany and zealous.")


@pytest.mark.parametrize(("turns", "candidates"), [(1, 2), (3, 2), (2, 4)])
def test_a_turn_is_a_user_message_a_belief_the_candidates_and_a_verdict(
    turns: int, candidates: int
) -> None:
    tree = play(a_cast(), turns=turns, candidates=candidates)
    assert seats_by_turn(tree, USER) == [1] * turns
    assert seats_by_turn(tree, INDUCER) == [1] * turns
    assert seats_by_turn(tree, ASSISTANT) == [candidates] * turns
    assert seats_by_turn(tree, JUDGE) == [1] * turns
    assert len(tree) == turns * (3 + candidates)


@pytest.mark.parametrize("turns", [12, 70])
def test_a_long_dialogue_reaches_its_last_turn(turns: int) -> None:
    assert seats_by_turn(play(company(), turns=turns), USER) == [1] * turns


def test_belief_candidates_and_verdict_hang_below_the_user_message() -> None:
    tree = play(company(), turns=2)
    for node in tree:
        parent = tree[node.parent] if node.turn > 1 or node.seat != USER else None
        assert (parent and parent.seat) == {USER: parent and ASSISTANT}.get(node.seat, USER)


def test_one_assistant_gives_all_candidates() -> None:
    cast = company(assistants=[("plain", NumberAssistant())])
    tree = play(cast, turns=2, candidates=3)
    assert {node.role for node in tree if node.seat == ASSISTANT} == {"plain"}
    assert len({node.text for node in tree if node.seat == ASSISTANT}) == 6


def test_several_assistants_give_the_candidates_in_turn() -> None:
    cast = company(assistants=[("hinted", NumberAssistant()), ("plain", NumberAssistant())])
    tree = play(cast, turns=1, candidates=3)
    user = tree.user_messages()[0]
    assert [node.role for node in tree.candidates(user.key)] == ["hinted", "plain", "hinted"]


def test_siblings_with_one_assistant_have_different_seeds() -> None:
    tree = play(company(), turns=3, candidates=3, policy=continue_all)
    seeds = [node.seed for node in tree]
    assert len(set(seeds)) == len(seeds)


def test_the_user_may_end_the_dialogue() -> None:
    tree = play(company(user=LeavingUser()), turns=5)
    said = tree.user_messages()
    assert [node.ends for node in said] == [False, True]
    assert not tree.candidates(said[-1].key)
    assert not tree.failures()


def test_a_user_who_leaves_ends_only_the_own_branch() -> None:
    class LeavesOne(NumberUser):
        async def speak(self, brief: UserBrief) -> Utterance:
            met_first = len(brief.history) == 2 and "Reply 0" in brief.history[1].content
            return Utterance(f"Well, {brief.seed}.", ends=met_first)

    tree = play(company(user=LeavesOne()), turns=3, policy=continue_all, width=8)
    assert seats_by_turn(tree, USER) == [1, 2, 2]


def test_one_candidate_needs_no_verdict() -> None:
    tree = play(company(), turns=3, candidates=1)
    assert seats_by_turn(tree, ASSISTANT) == [1, 1, 1]
    assert not [node for node in tree if node.seat == JUDGE]
    assert not tree.failures()


def heard(**script: Any) -> list[Any]:
    briefs: list[Any] = []
    play(witnessed(briefs), persona=SECRET, **script)
    return briefs


def of(kind: type[Any], briefs: list[Any]) -> list[Any]:
    return [brief for brief in briefs if isinstance(brief, kind)]


def roles_heard(*roles: str) -> list[AssistantBrief]:
    briefs: list[Any] = []
    assistants = [(role, Witness(NumberAssistant(), briefs)) for role in roles]
    play(company(assistants=assistants), turns=3)
    return briefs


def test_a_hinted_assistant_is_told_the_belief_of_its_turn() -> None:
    for brief in roles_heard("hinted"):
        said = [message.content for message in brief.history if message.role == "user"]
        assert brief.hint == Belief(facts=tuple(said))


@pytest.mark.parametrize("role", ["plain", ""])
def test_an_assistant_in_another_role_gets_no_hint(role: str) -> None:
    briefs = roles_heard(role)
    assert len(briefs) == 6
    assert [brief.hint for brief in briefs] == [None] * 6
    assert {brief.role for brief in briefs} == {role}


def test_nothing_of_the_persona_reaches_an_assistant() -> None:
    briefs = of(AssistantBrief, heard(turns=2))
    assert briefs
    assert not [brief for brief in briefs if "Zoltan" in repr(brief) or "zany" in repr(brief)]


def test_an_inferring_inducer_is_not_told_the_persona() -> None:
    briefs = of(InducerBrief, heard(turns=2))
    assert [brief.persona for brief in briefs] == [None, None]
    assert "Zoltan" not in repr(briefs)


def test_an_extracting_inducer_is_told_the_persona() -> None:
    briefs: list[InducerBrief] = []
    inducer = Witness(CollectingInducer(), briefs)
    play(company(inducer=inducer, inducer_role="extract"), persona=SECRET, turns=2)
    assert [brief.persona for brief in briefs] == [SECRET, SECRET]


def test_the_inducer_gets_its_belief_of_the_turn_before_on_the_same_branch() -> None:
    for brief in of(InducerBrief, heard(turns=3, policy=continue_all)):
        said = [message.content for message in brief.history if message.role == "user"]
        assert brief.belief.facts == tuple(said[:-1])


def test_the_judge_is_told_the_persona_and_all_candidates() -> None:
    briefs = of(JudgeBrief, heard(turns=1, candidates=3))
    assert [brief.persona for brief in briefs] == [SECRET]
    shown = [candidate.text.split(",")[0] for candidate in briefs[0].candidates]
    assert shown == ["Reply 0", "Reply 1", "Reply 2"]


def test_the_user_is_told_its_persona_and_gets_its_own_notes_back() -> None:
    briefs = of(UserBrief, heard(turns=4))
    assert [brief.notes for brief in briefs] == [{}, {"said": 1}, {"said": 2}, {"said": 3}]
    assert {brief.persona.id for brief in briefs} == {SECRET.id}


def test_notes_of_other_seats_do_not_reach_the_user() -> None:
    class NotingAssistant:
        async def reply(self, brief: AssistantBrief) -> Reply:
            return Reply("Fine.", notes={"leak": 1})

    briefs: list[UserBrief] = []
    user = Witness(NumberUser(), briefs)
    play(company(user=user, assistants=[("", NotingAssistant())]), turns=3)
    assert not [brief for brief in briefs if "leak" in brief.notes]


def test_the_history_is_the_own_branch_alone() -> None:
    briefs: list[Any] = []
    tree = play(witnessed(briefs), turns=3, candidates=3, policy=continue_all, width=4)
    known = {node.seed: node for node in tree}
    for brief in briefs:
        assert list(brief.history) == tree.history(known[brief.seed].parent)
        assert len(brief.history) == 2 * (brief.turn - 1) + (not isinstance(brief, UserBrief))


def test_reasoning_and_notes_are_stored_and_told_to_nobody() -> None:
    class Thinker:
        async def reply(self, brief: AssistantBrief) -> Reply:
            return Reply(f"Reply {brief.place}.", reasoning="SECRET THOUGHT", notes={"n": "NOTE"})

    briefs: list[Any] = []
    judge = Witness(DrawingJudge(), briefs)
    user = Witness(NumberUser(), briefs)
    tree = play(company(user=user, assistants=[("", Thinker())], judge=judge), turns=3)
    replies = [node for node in tree if node.seat == ASSISTANT]
    assert {(node.reasoning, node.notes["n"]) for node in replies} == {("SECRET THOUGHT", "NOTE")}
    assert "SECRET" not in repr(briefs)
    assert "NOTE" not in repr(briefs)


def test_every_brief_names_its_turn_and_a_seed_of_its_own() -> None:
    briefs = heard(turns=3)
    assert sorted(brief.turn for brief in briefs) == sorted([1, 2, 3] * 5)
    assert len({brief.seed for brief in briefs}) == 15


def test_the_system_text_is_told_to_assistants() -> None:
    briefs = of(AssistantBrief, heard(turns=1, system="Be kind."))
    assert {brief.system for brief in briefs} == {"Be kind."}


def test_the_answer_is_what_the_node_holds() -> None:
    class Judge:
        async def judge(self, brief: JudgeBrief) -> Judgement:
            told = await DrawingJudge().judge(brief)
            return Judgement("raw text", verdict=told.verdict)

    class Inducer:
        async def induce(self, brief: InducerBrief) -> Induction:
            return Induction("raw list", belief=Belief(facts=("He is here.",), traits=("dry",)))

    tree = play(company(judge=Judge(), inducer=Inducer()), turns=1)
    user = tree.user_messages()[0]
    inducer, judge = tree.children(user.key, INDUCER)[0], tree.children(user.key, JUDGE)[0]
    assert (inducer.text, judge.text) == ("raw list", "raw text")
    assert tree.belief(user.key) == Belief(facts=("He is here.",), traits=("dry",))
    assert tree.verdict(user.key) == judge.verdict


def test_the_defaults_are_those_of_the_paper() -> None:
    script = Script()
    assert (script.turns, script.candidates, script.policy) == (10, 2, continue_random)


def test_a_branch_has_one_last_message() -> None:
    assert len(last_messages(play(company(), turns=3))) == 1
