"""Dialogues as an evaluation has them: nobody leaves, one reply a turn, no inducer, no judge."""

from typing import Any

import pytest

from agents.casting import Cast, Seated, cast
from agents.seats import AssistantBrief, InducerBrief, JudgeBrief, UserBrief, Utterance
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Belief
from dialogues.spec import Spec
from dialogues.tree import Tree
from graphs.expansion import continue_all, continue_best, continue_uncertain
from tests.agents.troupe import CollectingInducer, LeavingUser, NumberAssistant, NumberUser, Witness
from tests.graphs.stage import company, play, seats_by_turn
from tests.growing import a_persona

SECRET = a_persona("Zoltan is 52. He collects zithers.", "He is zany and zealous.")


class AlwaysLeaving(NumberUser):
    """Leaves with every message."""

    async def speak(self, brief: UserBrief) -> Utterance:
        return Utterance(f"Bye {brief.turn}.", ends=True)


def alone(briefs: list[Any], *roles: str, user: Any = None) -> Cast:
    """Seat a user and assistants, who all are listened to, and nobody else."""
    spoken = Witness(user or NumberUser(), briefs)
    replying = Witness(NumberAssistant(), briefs)
    return Cast(
        user=Seated(USER, Spec("", "test"), spoken),
        inducer=None,
        assistants=tuple(Seated(ASSISTANT, Spec(role, "test"), replying) for role in roles),
        judges=(),
    )


def of(kind: type[Any], briefs: list[Any]) -> list[Any]:
    return [brief for brief in briefs if isinstance(brief, kind)]


@pytest.mark.parametrize("user", [LeavingUser, AlwaysLeaving])
def test_a_user_that_may_not_leave_stays_to_the_end(user: type[Any]) -> None:
    tree = play(company(user=user()), turns=5, may_leave=False)
    assert seats_by_turn(tree, USER) == [1] * 5
    assert seats_by_turn(tree, ASSISTANT) == [2] * 5
    assert not tree.failures()


def test_a_user_that_may_leave_does() -> None:
    tree = play(company(user=AlwaysLeaving()), turns=5)
    assert seats_by_turn(tree, USER) == [1] and not seats_by_turn(tree, ASSISTANT)


@pytest.mark.parametrize("may_leave", [True, False])
def test_a_user_is_told_whether_it_may_leave(may_leave: bool) -> None:
    briefs: list[Any] = []
    play(company(user=Witness(NumberUser(), briefs)), turns=3, may_leave=may_leave)
    assert [brief.may_leave for brief in briefs] == [may_leave] * 3


def test_by_default_a_user_may_leave() -> None:
    briefs: list[Any] = []
    play(company(user=Witness(NumberUser(), briefs)), turns=1)
    assert briefs[0].may_leave


def test_with_one_candidate_nobody_judges_and_nobody_need_be_there_to() -> None:
    tree = play(alone([], "plain"), turns=4, candidates=1)
    assert [seats_by_turn(tree, seat) for seat in (USER, ASSISTANT)] == [[1] * 4, [1] * 4]
    assert {node.seat for node in tree} == {USER, ASSISTANT}
    assert not tree.failures() and len(tree) == 8


@pytest.mark.parametrize("policy", [continue_best, continue_all, continue_uncertain])
def test_any_policy_goes_on_from_the_one_candidate(policy: Any) -> None:
    tree = play(alone([], "plain"), turns=3, candidates=1, policy=policy)
    assert seats_by_turn(tree, USER) == [1] * 3


def test_a_failed_single_candidate_ends_the_dialogue() -> None:
    class Silent(NumberAssistant):
        async def reply(self, brief: AssistantBrief) -> Any:
            raise TimeoutError

    seated = alone([], "plain")
    silent = (Seated(ASSISTANT, Spec("", "test"), Silent()),)
    tree = play(Cast(seated.user, None, silent, ()), turns=3, candidates=1)
    assert [node.seat for node in tree.failures()] == [ASSISTANT]
    assert seats_by_turn(tree, USER) == [1]


def test_without_an_inducer_there_is_no_belief_and_no_hint() -> None:
    briefs: list[Any] = []
    tree = play(alone(briefs, "hinted"), turns=2, candidates=1)
    assert not [node for node in tree if node.seat == INDUCER]
    assert [brief.hint for brief in of(AssistantBrief, briefs)] == [None, None]


def heard_by(*roles: str, persona: Any = SECRET) -> tuple[Tree, list[Any]]:
    """Play with an inducer and assistants in these roles; return what all were told."""
    briefs: list[Any] = []
    seated = alone(briefs, *roles)
    inducer = Seated(INDUCER, Spec("infer", "test"), Witness(CollectingInducer(), briefs))
    whole = Cast(seated.user, inducer, seated.assistants, company().judges)
    return play(whole, persona=persona, turns=2, candidates=len(roles)), briefs


def test_an_oracle_is_told_who_the_user_is_and_no_other_role_is() -> None:
    roles = ("oracle", "plain", "hinted", "", "induce", "amnesic", "rag")
    _, briefs = heard_by(*roles)
    told = of(AssistantBrief, briefs)
    assert len(told) == 2 * len(roles)
    for brief in told:
        assert brief.persona == (SECRET if brief.role == "oracle" else None)
        assert ("Zoltan" in repr(brief)) == (brief.role == "oracle")


def test_an_oracle_changes_nothing_of_what_the_inducer_hears() -> None:
    _, briefs = heard_by("oracle", "plain")
    assert [brief.persona for brief in of(InducerBrief, briefs)] == [None, None]


def test_an_oracle_gets_no_hint_and_a_hinted_one_does() -> None:
    _, briefs = heard_by("oracle", "hinted")
    for brief in of(AssistantBrief, briefs):
        said = tuple(m.content for m in brief.history if m.role == "user")
        assert brief.hint == (Belief(facts=said) if brief.role == "hinted" else None)


def test_the_judge_of_a_dialogue_judges_for_who_speaks() -> None:
    briefs: list[Any] = []
    judge = Witness(company().judges[0].agent, briefs)
    tree = play(company(judge=judge), persona=SECRET, turns=1)
    (brief,) = of(JudgeBrief, briefs)
    assert (brief.persona, brief.speaker) == (SECRET, None)
    assert [node.notes for node in tree if node.seat == JUDGE] == [{}]


def test_a_cast_may_lack_inducer_and_judges_and_walks_who_is_there() -> None:
    seated = cast("scripted", "", ["plain=scripted"], [])
    assert seated.inducer is None and seated.judges == ()
    assert [one.seat for one in seated] == [USER, ASSISTANT]
    assert len(list(cast("scripted", "scripted", ["scripted"], ["scripted"]))) == 4


def test_a_cast_without_assistants_is_refused() -> None:
    with pytest.raises(UsageError, match="no assistant is named"):
        cast("scripted", "", [], [])


def test_same_seeds_whoever_sits_beside() -> None:
    lone = play(alone([], "plain"), turns=3, candidates=1)
    whole, _ = heard_by("plain", persona=a_persona())
    known = {node.key: node.seed for node in whole}
    shared = [node for node in lone if node.key in known]
    assert len(shared) == 4
    assert all(known[node.key] == node.seed for node in shared)
