"""The simulator-fault gate: it finds every kind of fault, and passes over what people say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.faults import DUMP, EMPTY, ERRORS, LEAK, REPETITION, RESTART, ROLE_FLIP, fault_in
from agents.seats import AgentError, EmptyReply, UserBrief
from dialogues.node import USER
from dialogues.persona import Persona
from dialogues.pool import load_pool
from tests.agents.prompted.asking import user_brief
from tests.graphs.stage import play
from tests.growing import PROFILE, a_cast

SAID = "I walked the dogs along the river before it rained."
HEARD = "How lovely! Did the dogs get very wet on the way home?"
EARLIER = "My shop in Bath is full of very old clocks. The oldest of them is from about 1720."
ADA = (
    "Ada Quill is 52 and mends clocks in Bath. She lives with two greyhounds above her shop. "
    "She swims in the river every Sunday. She sings alto in the abbey choir. She owes her brother "
    "4,000 pounds. She broke her wrist on the ice two winters ago."
)
BRIEF = user_brief(EARLIER, "I would love to see that one.", SAID, HEARD)

NASTY = {
    EMPTY: ["", " ", "\n\t", "...", "?!", "—", "“”", "\u200b"],
    ROLE_FLIP: [
        "How can I help you today?",
        "Hello! How may I assist you with your clocks?",
        "As an AI, I do not have hobbies.",
        "As an AI language model, I cannot swim.",
        "I'm an AI, so I never sleep.",
        "I am a language model made to chat.",
        "I'm here to assist with any question.",
        "Is there anything else I can do for you?",
        "Feel free to reach out if you have more questions.",
        "I'd be happy to assist with that request.",
        "I can't assist with that.",
        "I cannot help with that request.",
        "Assistant: That sounds lovely.",
        "I swim on Sundays.\nAssistant: That sounds lovely!",
        "User: I swim.\nFriend: How lovely!",
        "Me: I swim.\n\nYou: Really?",
    ],
    LEAK: [
        "<think>She is terse.</think> I swim.",
        "She is terse.</think> I swim.",
        "I swim.<|im_end|>",
        "<|eot_id|>I swim.",
        "<profile>Ada</profile>",
        "The user wants me to talk about clocks. I swim.",
        "Okay, I need to respond as a dry person. I swim.",
        "Alright, let me write a short message: I swim.",
        "Here is my next message: I swim.",
        "Here's the response: I swim.",
        "Staying in character, I would say that I swim.",
        "As the persona, I swim on Sundays.",
        "The profile says that I swim.",
        "My persona is Ada, who swims.",
        "My instructions do not let me say so.",
        "The system prompt tells me to be brief.",
    ],
    DUMP: [
        ADA,
        PROFILE + " She owes her brother 4,000 pounds.",
        ADA.upper(),
        "\n".join(f"- {part}" for part in ADA.split(". ")),
        "Well. " + ADA + " That is all there is to know.",
        " ".join(reversed(ADA.split(". "))),
        ADA.replace("She ", "Ada ").replace("her ", "her own "),
    ],
    RESTART: [
        "Hi, I'm Ada!",
        "Hello! My name is Ada and I mend clocks.",
        "Hey there! I'm Ada.",
        "Hello there, I am Ada Quill from Bath.",
        "Good morning! I'm Ada, nice to meet you.",
        "Hi! Nice to meet you.",
        "  Hello, nice to meet you, I mend clocks.",
        "Good evening, my name is Ada.",
    ],
    REPETITION: [
        SAID,
        SAID.upper(),
        SAID.replace(".", "!!"),
        f"  {SAID}\n",
        "“I walked the dogs, along the river, before it rained …”",
        f"{SAID} 🙂",
        HEARD,
        EARLIER,
        "The oldest of them is from about 1720. My shop in Bath is full of very old clocks.",
        f"{SAID} The oldest of them is from about 1720.",
    ],
}  # fmt: skip
CASES = [(fault, text) for fault, texts in NASTY.items() for text in texts]


def fault(text: str, brief: UserBrief = BRIEF) -> str:
    return fault_in(text, brief)


def telling(profile: str) -> UserBrief:
    """Return a brief of somebody with this profile, in the middle of a chat."""
    return user_brief("Hi.", "Hello.", "So.", "So?", persona=a_person(profile))


def a_person(profile: str) -> Persona:
    return (
        load_pool()
        .personas(1, 0)[0]
        .model_copy(update={"profile": load_pool().profiles[0].of(profile)})
    )


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_every_fault_is_found_and_called_by_its_name(kind: str, text: str) -> None:
    assert fault(text, telling(ADA) if kind == DUMP else BRIEF) == kind


@pytest.mark.parametrize("text", [text for kind, text in CASES if "'" in text and kind != DUMP])
def test_a_fault_with_typographic_apostrophes_is_found_too(text: str) -> None:
    assert fault(text.replace("'", "’")) == fault(text)


FIRST_PERSON = {
    "all of it": "I am 52 and mend clocks in Bath. I live with two greyhounds above my shop. I "
    "swim in the river every Sunday. I sing alto in the abbey choir. I owe my brother 4,000 "
    "pounds. I broke my wrist on the ice two winters ago.",
    "in one breath": "I'm Ada Quill, I'm 52, I mend clocks in Bath, live with two greyhounds above "
    "my shop, swim in the river every Sunday, sing alto in the abbey choir, owe my brother 4,000 "
    "pounds and broke my wrist on the ice two winters ago.",
}


@pytest.mark.parametrize("text", FIRST_PERSON.values(), ids=FIRST_PERSON.keys())
def test_a_profile_recited_in_the_first_person_is_a_dump(text: str) -> None:
    assert fault(text, telling(ADA)) == DUMP


INNOCENT = [
    "Yes.", "No, never.", "ok", "Hm, maybe.", "Why do you ask?", "Thanks, that is kind.",
    "lol same", "Ha! I know.", "Hi.", "Hello again.", "Hey, what about you?",
    "Good morning to you too.", "Sorry, I was away.", "I mend clocks in Bath.",
    "I live with two greyhounds above my shop.",
    "I swim in the river every Sunday, even in January.", "I sing alto in the abbey choir.",
    "My sister is an assistant at the library.", "I used to work as an assistant in a bakery.",
    "The AI in that film frightened me.", "My nephew studies artificial intelligence.",
    "Can you help me with a crossword?", "How can you help somebody who will not be helped?",
    "Could I help it? No.", "He helped me, and I was happy to let him.",
    "I feel free when I swim.", "She said I was free to ask.", "What else can I say?",
    "There is nothing else I can tell you.", "My favourite character is Mr. Pickwick.",
    "The personality of a greyhound is mostly sofa.", "He has no profile anywhere.",
    "I think so too.", "I think <3 is a silly sign.", "2 < 3, and that is all I know of sums.",
    "a -> b, if you like", "We sell clocks & watches.", "The system at work is down again.",
    "My instructor told me to rest.", "He followed the instructions and it still broke.",
    "Okay, I need to go.", "Alright, let me think.", "So I need to be up at five.",
    "Okay, let me ask you this: do you swim?", "Here is my stop, bye!",
    "Here's the thing: I like rain.", "Here is a riddle for you.", "I stayed in bed all day.",
    "He is quite a character.", "As the saying goes, time will tell.", "As a child I hated Bath.",
    "As an aunt I have to.", "Me: I did nothing.", "My brother, me: we never agree.",
    "Two things: tea and toast.", "Note to self: buy bread.",
    "It was like this:\nfirst rain, then hail.", "I walked the dogs.", "The dogs got wet, yes.",
    "Very wet on the way home, since you ask.",
    "I walked the dogs along the river, and then the other river.",
    "How lovely of you to ask about the dogs.", "The clocks, mostly. And the choir.", "I'm 52.",
    "I'm fine, and you?", "Nice to hear that.", "It was nice to meet her at last.",
    "My name is on the door, that is all.", "5", "Ада", "はい", "¿Por qué no?",
    "I’d rather not say.",
]  # fmt: skip


@pytest.mark.parametrize("text", INNOCENT)
def test_what_people_say_is_passed_over(text: str) -> None:
    assert fault(text) == ""


SOUNDING_LIKE = [
    "I work as an AI researcher in Oslo.",
    "I'm an AI engineer by day and a baker by night.",
    "I'd be happy to help you move on Saturday.",
    "I'm here to help my sister with the baby.",
    "Sorry, I can't help with that, my back is bad.",
    "Feel free to ask about the clocks!",
    "Is there anything else I can read by her?",
    "People say my personality is a bit much.",
    "The kids ignored my instructions, as ever.",
    "At work I always ask what the user wants.",
    "Ok, let me write that down!",
    "Here's the message my sister sent me: no.",
    "Staying in character for three hours on stage is hard.",
    "Hey, I'm back, sorry about that.",
    "Hey, I'm just being honest.",
    "Hi, I am still here, the phone rang.",
]


@pytest.mark.parametrize("text", SOUNDING_LIKE)
def test_what_only_sounds_like_a_fault_is_passed_over(text: str) -> None:
    assert fault(text) == ""


def test_a_greeting_is_no_restart_at_the_first_turn() -> None:
    for text in NASTY[RESTART]:
        assert fault_in(text, user_brief()) == ""


def test_a_few_words_may_come_again_but_not_twice_in_a_row() -> None:
    brief = user_brief("Yes, I do.", "Really?", "Always.", "Always?")
    assert fault_in("Yes, I do!", brief) == ""
    assert fault_in("Always!", brief) == REPETITION
    assert fault_in("Really?", brief) == ""


def test_a_sentence_may_come_again_with_something_new() -> None:
    assert fault(f"{SAID} They have never been so dirty in their lives.") == ""


def test_a_person_may_say_again_what_they_said_long_ago() -> None:
    later = [f"Then number {number} of the many things happened." for number in range(24)]
    assert fault_in(SAID, user_brief(SAID, *later[:19])) == REPETITION
    assert fault_in(SAID, user_brief(SAID, *later[:21])) == ""


def test_some_of_a_profile_may_be_told_at_once() -> None:
    half = ". ".join(ADA.split(". ")[1:4])
    assert fault(half, telling(ADA)) == ""


@pytest.mark.parametrize("place", range(0, 60, 4))
def test_a_shipped_profile_is_a_dump_and_each_of_its_facts_is_not(place: int) -> None:
    persona = load_pool().personas(1, 0)[place]
    brief = user_brief("Hi.", "Hello.", persona=persona)
    assert fault_in(persona.profile.text, brief) == DUMP
    assert [fault_in(fact.text, brief) for fact in persona.profile.facts] == [""] * len(
        persona.profile.facts
    )


def test_every_fault_has_an_error_of_its_own() -> None:
    assert ERRORS.keys() == NASTY.keys()
    assert len(set(ERRORS.values())) == len(ERRORS)
    assert all(issubclass(error, AgentError) for error in ERRORS.values())
    assert ERRORS[EMPTY] is EmptyReply


@given(st.text(max_size=40), st.lists(st.text(max_size=40), max_size=6))
def test_any_text_after_any_chat_has_one_fault_or_none(text: str, said: list[str]) -> None:
    assert fault_in(text, user_brief(*said[: len(said) // 2 * 2])) in {"", *ERRORS}


def test_no_message_of_the_scripted_user_has_a_fault() -> None:
    cast = a_cast()
    for persona in load_pool().personas(1, 0)[:40]:
        tree = play(cast, persona=persona, turns=12)
        for node in tree.user_messages():
            said = [message.content for message in tree.history(node.parent)]
            brief = user_brief(*said, persona=persona)
            assert fault_in(node.text, brief) == "", node.text
        assert [node.usage for node in tree if node.seat == USER] == [None] * 12


@pytest.mark.parametrize(
    "text", ["a" + "\n" * 100_000 + "b", "user:\n" * 20_000 + "x", "hi " * 30_000]
)
def test_a_text_of_hostile_length_is_looked_through_in_no_time(text: str) -> None:
    # In quadratic time this would take minutes, in which no dialogue of the worker goes on.
    assert fault(text) in ("", ROLE_FLIP)
