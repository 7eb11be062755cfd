"""The simulator-fault gate within a dialogue: asked again, counted, and at last a typed failure."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from agents.faults import DUMP, EMPTY, ERRORS, LEAK, REPETITION, RESTART, ROLE_FLIP
from agents.models.stock import Models
from agents.seats import (
    AgentError,
    AssistantBrief,
    EmptyReply,
    Induction,
    JudgeBrief,
    Judgement,
    Reply,
    UserBrief,
    Utterance,
)
from dialogues.node import ASSISTANT, USER, Message, Node, Usage
from dialogues.pairs import preference_pairs
from dialogues.tree import Tree
from dialogues.verdict import Verdict
from tests.agents.prompted.serving import MODEL, by_seed, run, shape, spending, statuses
from tests.graphs.stage import Capture, company, play
from tests.growing import PROFILE, a_persona
from tests.model_server import Answer, Call, ModelServer
from tests.model_server import play as answered

ADA = a_persona(PROFILE + " She owes her brother 4,000 pounds.")
SAID = "I walked the dogs along the river before it rained."
TEXTS = {
    EMPTY: "…",
    ROLE_FLIP: "How can I help you today?",
    LEAK: "The user wants me to talk about clocks.",
    DUMP: ADA.profile.text,
    RESTART: "Hello! My name is Ada.",
    REPETITION: SAID,
}
NAMES = {
    EMPTY: "EmptyReply",
    ROLE_FLIP: "RoleFlip",
    LEAK: "LeakedInstructions",
    DUMP: "ProfileDump",
    RESTART: "Restart",
    REPETITION: "Repetition",
}
PATH = "tests.graphs.test_gate"
ONE = Usage(calls=1, prompt_tokens=10, completion_tokens=2)


class Faulty:
    """Says `SAID` first and then, for as long as it has any, `texts`; writes its briefs down."""

    def __init__(self, *texts: str, usage: Usage | None = ONE) -> None:
        self.texts, self.usage = list(texts), usage
        self.briefs: list[UserBrief] = []

    async def speak(self, brief: UserBrief) -> Utterance:
        self.briefs.append(brief)
        if brief.turn == 1:
            return Utterance(SAID, usage=self.usage)
        text = self.texts.pop(0) if self.texts else f"Number {brief.seed}."
        return Utterance(text, notes={"tries": len(brief.faults)}, usage=self.usage)


def second(user: Any, turns: int = 2) -> tuple[Tree, Node]:
    """Return the tree grown with a user, and its second message."""
    tree = play(company(user=user), persona=ADA, turns=turns)
    return tree, next(node for node in tree if node.seat == USER and node.turn == 2)


@pytest.mark.parametrize("fault", TEXTS)
def test_a_faulty_message_is_asked_again_with_another_seed_and_told_the_fault(fault: str) -> None:
    user = Faulty(TEXTS[fault])
    _, node = second(user)
    assert node.failure is None and node.text.startswith("Number ")
    assert node.usage == ONE + ONE + Usage(faults=(fault,))
    assert node.notes == {"tries": 1}
    first, again = user.briefs[-2:]
    assert (list(first.faults), list(again.faults)) == ([], [fault])
    assert first.seed == node.seed != again.seed
    assert (first.history, first.notes, first.key) == (again.history, again.notes, again.key)


@pytest.mark.parametrize("fault", TEXTS)
def test_after_three_faulty_messages_the_turn_has_failed_by_its_fault(fault: str) -> None:
    user = Faulty(*[TEXTS[fault]] * 3)
    tree, node = second(user, turns=3)
    assert node.failure and node.failure.type == ERRORS[fault].__name__ == NAMES[fault]
    assert fault in node.failure.message and "3 attempts" in node.failure.message
    assert node.usage == ONE + ONE + ONE + Usage(faults=(fault,) * 3)
    assert len({brief.seed for brief in user.briefs[-3:]}) == 3
    assert [list(brief.faults) for brief in user.briefs[-3:]] == [[], [fault], [fault, fault]]
    assert len(tree.user_messages()) == 1 and node.text == ""
    assert len(list(preference_pairs(tree))) == 1


def test_different_faults_in_a_row_are_all_told_and_counted() -> None:
    user = Faulty(TEXTS[EMPTY], TEXTS[RESTART])
    _, node = second(user)
    assert node.usage and node.usage.faults == (EMPTY, RESTART)
    assert user.briefs[-1].faults == (EMPTY, RESTART)


def test_the_last_fault_gives_the_error_its_type() -> None:
    _, node = second(Faulty(TEXTS[EMPTY], TEXTS[RESTART], TEXTS[LEAK]))
    assert node.failure and node.failure.type == "LeakedInstructions"
    assert node.usage and node.usage.faults == (EMPTY, RESTART, LEAK)


@pytest.mark.parametrize("usage", [None, ONE])
def test_a_user_without_a_fault_tells_just_its_own_usage(usage: Usage | None) -> None:
    user = Faulty(usage=usage)
    _, node = second(user)
    assert node.usage == usage and len(user.briefs) == 2


def test_a_user_that_calls_no_model_still_tells_its_faults() -> None:
    _, node = second(Faulty(TEXTS[RESTART], usage=None))
    assert node.usage == Usage(faults=(RESTART,))


@pytest.mark.parametrize("text", ["", " \n", "…", "?"])
def test_an_empty_message_of_a_user_of_ones_own_is_asked_again(text: str) -> None:
    _, node = second(Faulty(text, text, "I swim."))
    assert (node.text, node.usage) == ("I swim.", ONE + ONE + ONE + Usage(faults=(EMPTY, EMPTY)))


class RaisesEmpty(Faulty):
    """Raises what a model raises that answers nothing."""

    async def speak(self, brief: UserBrief) -> Utterance:
        said = await super().speak(brief)
        if said.text == "":
            raise EmptyReply("the model answered an empty text").after(ONE)
        return said


def test_an_empty_answer_that_is_raised_is_asked_again_too() -> None:
    _, node = second(RaisesEmpty("", "I swim."))
    assert (node.text, node.usage) == ("I swim.", ONE + ONE + Usage(faults=(EMPTY,)))
    _, node = second(RaisesEmpty("", "", ""))
    assert node.failure and node.failure.type == "EmptyReply"
    assert node.usage == ONE + ONE + ONE + Usage(faults=(EMPTY,) * 3)


class FailsAgain(Faulty):
    """Makes a fault, and when it is asked again cannot answer at all."""

    error: Exception = AgentError("no answer")

    async def speak(self, brief: UserBrief) -> Utterance:
        if brief.faults:
            raise self.error
        return await super().speak(brief)


def test_what_was_spent_before_an_error_is_kept() -> None:
    _, node = second(FailsAgain(TEXTS[RESTART]))
    assert node.failure and node.failure.type == "AgentError"
    assert node.usage == ONE + Usage(faults=(RESTART,))


def test_what_was_spent_before_an_error_of_any_kind_is_kept() -> None:
    user = FailsAgain(TEXTS[RESTART])
    user.error = TimeoutError("no answer in 60 s")
    _, node = second(user)
    assert node.failure and node.failure.type == "TimeoutError"
    assert node.usage == ONE + Usage(faults=(RESTART,))


class Spends:
    """Answers wrongly in a seat, at the price of one call."""

    async def induce(self, brief: Any) -> Induction:
        wrong: Any = "no belief"
        return Induction(belief=wrong, usage=ONE)

    async def judge(self, brief: JudgeBrief) -> Judgement:
        strangers = Verdict(ranking=(("x",), ("y",)), margin=1, confidence=1)
        return Judgement(verdict=strangers, usage=ONE)

    async def reply(self, brief: AssistantBrief) -> Reply:
        return Reply("Hi.", notes={"no": {1, 2}}, usage=ONE)


@pytest.mark.parametrize("seat", ["inducer", "judge", "assistant"])
def test_what_a_wrong_answer_took_is_kept(seat: str) -> None:
    told: Any = {"assistants": [("", Spends())]} if seat == "assistant" else {seat: Spends()}
    failed = play(company(**told), turns=1).failures()
    assert failed and all(node.usage == ONE for node in failed)


def test_only_users_pass_the_gate() -> None:
    class Helpful:
        async def reply(self, brief: AssistantBrief) -> Reply:
            return Reply("How can I help you today?")

    tree = play(company(assistants=[("", Helpful())]), turns=2)
    assert {node.text for node in tree if node.seat == ASSISTANT} == {"How can I help you today?"}
    assert tree.failures() == []


def test_a_retold_profile_is_measured_by_the_persona_that_plays() -> None:
    other = a_persona("He is 20 and sells fish in Oslo. He owns a kayak. He has no car. He sings.")
    tree = play(company(user=Faulty(ADA.profile.text)), persona=other, turns=2)
    assert [node.usage for node in tree if node.seat == USER] == [ONE, ONE]


def flipping(times: int) -> Callable[[Call], str | Answer]:
    """Answer like `play`, but as an assistant for a user's first `times` tries of a message."""

    def answer(call: Call) -> str | Answer:
        if call.seat != "user":
            return answered(call)
        tries = tried.setdefault(str(call.messages[2:-1]) + call.system, [])
        tries.append(call)
        return "As an AI, I cannot do that." if len(tries) <= times else answered(call)

    tried: dict[str, list[Call]] = {}
    return answer


def test_the_summary_tells_how_often_users_had_to_be_asked_again(
    tmp_path: Path, capsys: Capture
) -> None:
    with ModelServer(flipping(1)) as server:
        assert run(tmp_path / "a.db", server, "--user", MODEL, *shape(3, 2)) == 0
        assert len(server.calls) == 12
    told = " ".join(capsys.readouterr().err.split())
    assert f"user {MODEL}: role flip 6 × (" in told
    tally = spending(tmp_path / "a.db")[USER, MODEL]
    assert (tally.faults, tally.usage.calls, tally.failures) == ({ROLE_FLIP: 6}, 12, 0)


def test_asked_again_the_model_reads_the_fault_and_not_its_faulty_message(tmp_path: Path) -> None:
    with ModelServer(flipping(2)) as server:
        assert run(tmp_path / "a.db", server, "--user", MODEL, *shape(1, 1)) == 0
    first, second, third = server.calls
    assert len({call.body["seed"] for call in server.calls}) == 3
    assert second.messages[:-1] == third.messages[:-1] == first.messages[:-1]
    for call in (second, third):
        assert "role flip" in call.last and "As an AI" not in str(call.messages)


def test_a_user_that_cannot_help_it_fails_its_tree_and_is_counted(
    tmp_path: Path, capsys: Capture
) -> None:
    store = tmp_path / "a.db"
    with ModelServer(flipping(9)) as server:
        assert run(store, server, "--user", MODEL, *shape(2, 2)) == 1
        assert len(server.calls) == 6
    assert statuses(store) == ["failed"] * 2
    told = " ".join(capsys.readouterr().err.split())
    assert "2 × user RoleFlip: role_flip in 3 attempts: As an AI" in told
    assert "role flip 6 × (100.0% of 6 " in told  # BUG: it says 300.0% of 2 answers


def test_what_was_said_before_is_bought_once_when_a_faulty_run_goes_on(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    with ModelServer(flipping(1)) as server:
        assert run(store, server, "--user", MODEL, *shape(1, 2)) == 0
        assert run(store, server, "--user", MODEL, *shape(2, 2)) == 0
        assert all(len(calls) == 1 for calls in by_seed(server.calls).values())


class Lazy:
    """A user of one's own on the run's models, who has nothing to say at first."""

    def __init__(self, models: Models) -> None:
        self.model = models.open(MODEL, USER)

    async def speak(self, brief: UserBrief) -> Utterance:
        asked: Sequence[Message] = [Message("user", f"Turn {brief.turn}, {brief.seed}.")]
        answer = await self.model.ask(asked, brief.seed)
        return Utterance(answer.text if brief.faults else "", usage=answer.usage)


def test_an_own_user_on_the_runs_models_passes_the_same_gate(tmp_path: Path) -> None:
    with ModelServer(lambda call: f"I swim. {call.last}") as server:
        flags = ("--user", f"{PATH}:Lazy", *shape(2, 2))
        assert run(tmp_path / "a.db", server, *flags) == 0
        assert len(server.calls) == 8
    tally = spending(tmp_path / "a.db")[USER, f"{PATH}:Lazy"]
    assert (tally.usage.calls, tally.faults) == (8, {EMPTY: 4})
