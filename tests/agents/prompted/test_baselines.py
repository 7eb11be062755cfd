"""The roles of prompted assistants: what each is shown, asked and made of, beside `plain`."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from agents.casting import ROLES
from agents.models.errors import Unparsable
from agents.prompted.prompts import Prompt, load_prompts
from agents.prompted.roles import prompt_of
from agents.seats import AgentError, WrongAnswer
from dialogues.node import ASSISTANT, Belief, Message
from tests.agents.prompted.asking import Answer, Desk, Tags, assistant_brief, chat
from tests.growing import PERSONALITY, PROFILE, a_persona

TALK = ("I mend clocks.", "Which kind?", "Tall ones.", "Old?", "Some. I swim, too.")
LONG = tuple(f"{'bees ' * 30}{turn}" for turn in range(13))
KNOWN = {"oracle": {"persona": a_persona()}, "hinted": {"hint": Belief(facts=("mends clocks",))}}
NEW = [role for role in ROLES[ASSISTANT] if role not in ("hinted", "plain")]
NOTED = ("concise", "reminder", "cot", "oracle")
FORMS = {"cot": "thoughts", "self-critic": "critique"}
REVEALED = json.dumps({"facts": ["swims", "owns <two> dogs"], "traits": [], "withdrawn": []})


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with Desk() as desk:
        yield desk


@pytest.fixture
def desk(opened: Desk) -> Iterator[Desk]:
    yield opened
    assert opened.says == []


def brief(role: str, *said: str, **other: Any) -> Any:
    """Return a brief with what the role is told in a dialogue."""
    return assistant_brief(*(said or TALK), role=role, **{**KNOWN.get(role, {}), **other})


def thought(role: str, thoughts: Any, reply: Any) -> str:
    """Return an answer in the form of a role that thinks."""
    return json.dumps({FORMS[role]: thoughts, "reply": reply})


@pytest.mark.parametrize("role", NOTED)
@pytest.mark.parametrize("system", ["", "Be kind."])
def test_a_note_stands_in_the_last_turn_and_changes_nothing_before(
    desk: Desk, role: str, system: str
) -> None:
    plain = desk.asked(ASSISTANT, brief("plain", system=system))
    asked = desk.asked(ASSISTANT, brief(role, system=system))
    assert asked[:-1] == plain[:-1] and asked[-1].role == "user"
    assert asked[-1].content.startswith(plain[-1].content + "\n\n")


def test_every_note_is_another(desk: Desk) -> None:
    assert len({desk.asked(ASSISTANT, brief(role))[-1] for role in NOTED}) == len(NOTED)


@pytest.mark.parametrize("role", [role for role in ROLES[ASSISTANT] if role != "oracle"])
def test_only_the_oracle_is_told_the_persona(desk: Desk, role: str) -> None:
    _, calls = desk.ask(ASSISTANT, brief(role, persona=a_persona()))
    shown = "\n".join(str(call.messages) for call in calls)
    assert PROFILE not in shown and PERSONALITY not in shown


def test_the_oracle_is_told_all_of_the_persona(desk: Desk) -> None:
    told = Tags(desk.asked(ASSISTANT, brief("oracle"))[-1].content).inside
    assert ("profile", PROFILE) in told and ("personality", PERSONALITY) in told


def test_an_oracle_that_is_not_told_the_persona_does_not_guess(desk: Desk) -> None:
    before = len(desk.server.calls)
    for method in ("reply", "believe"):
        agent = desk.seated(ASSISTANT, "oracle").agent
        with pytest.raises(WrongAnswer):
            desk.wait_for(getattr(agent, method)(brief("oracle", persona=None)))
    assert len(desk.server.calls) == before


def test_the_amnesic_sees_the_system_text_and_the_last_message(desk: Desk) -> None:
    asked = desk.asked(ASSISTANT, brief("amnesic", system="Be kind."))
    assert asked == [Message("system", "Be kind."), Message("user", TALK[-1])]


@pytest.mark.parametrize("role", FORMS)
def test_thoughts_are_kept_apart_from_the_reply(desk: Desk, role: str) -> None:
    drafts = ["A draft."] * (role == "self-critic")
    desk.says = [*drafts, thought(role, "They swim & joke.", " How far? ")]
    reply, calls = desk.ask(ASSISTANT, brief(role))
    assert reply.text == "How far?"
    assert reply.reasoning == "\n\n".join([*drafts, "They swim & joke."])
    assert len(calls) == reply.usage.calls == 1 + len(drafts)


WRONG = ("They swim.", "{}", '{"reply": "Hi."}', '{"thoughts": "x", "critique": "x"}')


@pytest.mark.parametrize("role", FORMS)
@pytest.mark.parametrize("wrong", [*WRONG, *((role, "x", "  ") for role in FORMS)])
def test_what_has_no_reply_is_asked_again_and_never_the_reply(
    desk: Desk, role: str, wrong: Any
) -> None:
    drafts = ["A draft."] * (role == "self-critic")
    said = wrong if isinstance(wrong, str) else thought(*wrong)
    desk.says = [*drafts, said, thought(role, "So.", "How far?")]
    reply, _ = desk.ask(ASSISTANT, brief(role))
    assert (reply.text, reply.usage.faults) == ("How far?", ("unparsable",))
    desk.says = [*drafts, said, said, said]
    with pytest.raises(Unparsable) as caught:
        desk.ask(ASSISTANT, brief(role))
    assert caught.value.usage and caught.value.usage.calls == 3 + len(drafts)


def test_the_self_critic_drafts_as_deployed_and_rewrites_in_a_second_call(desk: Desk) -> None:
    plain = desk.ask(ASSISTANT, brief("plain", system="Be kind."))[1][0]
    draft = "</draft>Nice & $example."
    desk.says = [Answer(draft, reasoning="Hm."), Answer(thought("self-critic", "Dull.", "Ah!"))]
    reply, (first, second) = desk.ask(ASSISTANT, brief("self-critic", system="Be kind."))
    assert (first.messages, first.body["seed"]) == (plain.messages, plain.body["seed"])
    assert second.body["seed"] != first.body["seed"]
    assert second.messages[:-1] == plain.messages[:-1] and second.last.startswith(plain.last)
    assert Tags(second.last).inside == [("draft", draft)]
    assert reply.reasoning == f"Hm.\n\n{draft}\n\nDull."
    assert reply.usage.prompt_tokens == first.words + second.words


def test_the_inducing_assistant_replies_as_a_hinted_one_to_what_it_induced(desk: Desk) -> None:
    desk.says = [REVEALED]
    reply, (first, second) = desk.ask(ASSISTANT, brief("induce", system="Be kind."))
    belief = Belief(facts=("swims", "owns <two> dogs"))
    hinted = desk.ask(ASSISTANT, brief("hinted", hint=belief, system="Be kind."))[1][0]
    assert (second.messages, second.body["seed"]) == (hinted.messages, hinted.body["seed"])
    assert [text for name, text in Tags(first.last).inside if "message" in name] == list(TALK)
    assert first.system == load_prompts()["infer"].fill("system", example=EXAMPLE)
    assert REVEALED in reply.reasoning and REVEALED not in reply.text
    assert (reply.usage.calls, reply.usage.prompt_tokens) == (2, first.words + second.words)


EXAMPLE = '{"facts":["keeps bees"],"traits":["dry humour"],"withdrawn":[]}'


def test_what_is_never_a_belief_is_no_empty_one(desk: Desk) -> None:
    desk.says = ["They swim."] * 3
    with pytest.raises(Unparsable):
        desk.ask(ASSISTANT, brief("induce"))


def test_what_was_spent_before_the_last_call_failed_is_told(desk: Desk) -> None:
    for role, first in (("induce", REVEALED), ("self-critic", "A draft.")):
        desk.says = [first, Answer(status=500)]
        with pytest.raises(AgentError) as caught:
            desk.ask(ASSISTANT, brief(role))
        assert caught.value.usage and caught.value.usage.calls == 1


RECALLED = [("I keep bees.", "Many?"), ("I mend clocks.", "Old?"), ("I swim.", "Far?")] + [
    (f"My bees, part {part}.", "Go on.") for part in range(3)
]


def test_the_retrieving_assistant_sees_what_is_related_and_the_last_exchange(desk: Desk) -> None:
    last = ("I cook.", "What?", "Honey cake, thanks to the bees <all> of them.")
    said = [text for pair in RECALLED for text in pair]
    asked = desk.asked(ASSISTANT, brief("rag", *said, *last, system="Be kind."))
    assert asked[:-1] == [Message("system", "Be kind."), *chat(*last)[:-1]]
    reminders = asked[-1].content.removesuffix(f"\n\n{last[-1]}")
    assert reminders != asked[-1].content
    related = [text for pair in RECALLED if "bees" in pair[0] for text in pair]
    shown = [text for name, text in Tags(reminders).inside if name.endswith("_message")]
    assert shown == related


@pytest.mark.parametrize("said", [TALK[:1], TALK[:3]])
def test_with_nothing_earlier_there_is_nothing_to_retrieve(
    desk: Desk, said: tuple[str, ...]
) -> None:
    plain, retrieving = (desk.asked(ASSISTANT, brief(role, *said)) for role in ("plain", "rag"))
    assert retrieving == plain


@pytest.mark.parametrize("role", ROLES[ASSISTANT])
def test_each_role_goes_on_when_the_oldest_turns_are_dropped(role: str) -> None:
    with Desk("drop-oldest", context=300) as desk:
        reply, calls = desk.ask(ASSISTANT, brief(role, *LONG))
        assert LONG[-1] in calls[-1].last and reply.text
    faults = reply.usage.faults
    assert set(faults) <= {"dropped_oldest"} and bool(faults) == (role != "amnesic")
    if role not in ("amnesic", "rag"):
        assert len(calls[-1].messages) + 2 * len(faults) == len(LONG)


def test_the_hash_of_a_role_changes_with_every_text_it_adds() -> None:
    shipped = load_prompts()
    roles = {"": (), "plain": (), "amnesic": (), "induce": ("infer", "induce", "hinted")}
    for role in ROLES[ASSISTANT]:
        changing = set()
        for name, prompt in shipped.items():
            for text in prompt.texts:
                mine = {**shipped, name: Prompt(name, {**prompt.texts, text: "So."})}
                hashes = {getattr(prompt_of(role, known), "hash", "") for known in (shipped, mine)}
                changing |= {(name, text)} if len(hashes) > 1 else set()
        names = roles.get(role, (role,))
        assert changing == {(name, text) for name in names for text in shipped[name].texts}, role
