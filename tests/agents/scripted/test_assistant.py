"""The scripted assistant: speaks to the hint, minds the user's wishes, keeps its manners."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.casting import seat
from agents.scripted.assistant import ScriptedAssistant
from agents.scripted.contractions import contracted
from agents.scripted.facts import Fact, sayable_facts
from agents.scripted.lexicon import load_data
from agents.scripted.pronouns import second_person
from agents.scripted.words import content_words
from agents.seats import AssistantBrief
from dialogues.errors import UsageError
from dialogues.node import ASSISTANT, Belief
from dialogues.prose import sentences
from tests.agents.scripted.replying import (
    CONTRACTION,
    PERSONAS,
    SEEDS,
    alternating,
    conversation,
    induced,
    replies,
    reply,
)
from tests.growing import a_persona
from tests.strategies import texts

FACTS = [fact for persona in PERSONAS for fact in sayable_facts(persona.profile)]
facts = st.sampled_from(FACTS)
seeds = st.integers(0, 2**31 - 1)
BEES = "I keep bees in Bath."
KNOWN = Belief(facts=("I swim in the river.", BEES))
MENDS = "I mend old clocks."
TOLD = f"Where to begin? It has rained since Monday, and the river is up again. {MENDS}"


def lines(*path: str) -> list[str]:
    """Return the lines of a bank, whatever poles it has."""
    bank = load_data("assistant.yaml")
    for name in path:
        bank = bank[name]
    return bank if isinstance(bank, list) else [line for each in bank.values() for line in each]


def says_one_of(text: str, bank: list[str]) -> bool:
    return any(contracted(line) in text for line in bank)


def asking(texts: list[str]) -> float:
    """Return how many of the replies ask something."""
    return sum("?" in text for text in texts) / len(texts)


@given(facts.filter(lambda fact: fact.topic != "age"), seeds)
def test_a_hinted_reply_says_a_new_fact_back_in_the_second_person(fact: Fact, seed: int) -> None:
    hint = Belief(facts=("I swim in the river.", fact.said))
    text = reply("Hello.", "Hi there.", fact.said, hint=hint, seed=seed)
    assert contracted(second_person(fact.said)).lower() in text.lower()


def test_an_age_is_said_back_only_where_nothing_else_is_known() -> None:
    age = "I'm 47."
    assert all("you're 47" in text.lower() for text in replies(age, hint=Belief(facts=(age,))))
    both = Belief(facts=("I swim in the river.", age))
    assert not any("47" in text for text in replies(age, hint=both))


@given(facts, seeds)
def test_a_plain_reply_names_nothing_that_only_the_user_has_said(fact: Fact, seed: int) -> None:
    own = content_words(" ".join(lines("acknowledge") + lines("plain_question")))
    own |= content_words(" ".join(lines("soft_question") + lines("remark")))
    own |= content_words(" ".join(lines("respond")))
    text = reply("Hello.", "Hi there.", fact.said, seed=seed)
    assert content_words(text) & content_words(fact.said) <= own


@pytest.mark.parametrize("hint", [None, Belief(), Belief(traits=("lively",))])
def test_without_a_fact_in_the_hint_a_reply_is_general(hint: Belief | None) -> None:
    assert not any(content_words(text) & {"bee", "bath"} for text in replies(BEES, hint=hint))


def test_a_general_reply_depends_on_nothing_but_dialogue_and_seed() -> None:
    assert replies(BEES) == replies(BEES, hint=Belief())


def test_an_earlier_fact_of_the_same_side_of_life_is_recalled_at_times() -> None:
    hint = Belief(facts=("I mend watches in Wells.", MENDS))
    recalled = [
        "you mend watches" in text.lower() for text in replies("Hi.", "Hi.", TOLD, hint=hint)
    ]
    assert any(recalled) and not all(recalled)


def test_nobody_is_reminded_of_something_private() -> None:
    hint = Belief(facts=("I lost my wife to cancer.", "I own a red kayak."))
    told = replies("I lost my wife to cancer.", "Hm.", "It rains.", "Yes.", "It pours.", hint=hint)
    assert not any("cancer" in text or "wife" in text for text in told)


def test_nobody_jokes_or_shouts_about_something_private() -> None:
    private = "I lost my wife to cancer."
    hint = Belief(facts=(private,), traits=("humorous", "lively"))
    told = replies("Hi.", "Hi.", private, hint=hint)
    assert all("wife" in text for text in told)
    assert not any("!" in text or says_one_of(text, lines("light")) for text in told)


@pytest.mark.parametrize("hint", [None, KNOWN], ids=["plain", "hinted"])
@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("I'd rather not say.", "refusal"),
        ("You ask too many questions.", "complaint_questions"),
        ("You're not listening.", "complaint_ignored"),
        ("Enough compliments, please.", "complaint_flattery"),
        ("You said that already.", "complaint_repeat"),
        ("What do you mean?", "confusion"),
        ("Hang on, the kettle.", "aside"),
        ("Please keep it short.", "preference"),
        ("What do you think about that?", "question"),
        ("Goodbye then.", "farewell"),
    ],
)
def test_what_is_said_about_the_talk_is_answered_as_such(
    message: str, kind: str, hint: Belief | None
) -> None:
    told = replies(BEES, "Ah, bees.", message, hint=hint)
    assert all(says_one_of(text, lines("respond", kind)) for text in told)


@pytest.mark.parametrize(
    "message",
    [
        "I'd rather not say.",
        "You ask too many questions.",
        "You said that already.",
        "What do you mean?",
        "Hang on, the kettle.",
        "That's all I can think of.",
    ],
)
def test_a_reply_about_the_talk_brings_up_no_fact(message: str) -> None:
    told = replies(BEES, "Ah, bees.", message, hint=KNOWN)
    assert not any(content_words(text) & {"bee", "bath", "swim", "river"} for text in told)


def test_the_first_reply_greets() -> None:
    assert all(says_one_of(text, lines("respond", "greeting")) for text in replies(BEES))


def words_after(*wishes: str) -> float:
    """Return how long replies are to one who has told something and stated these wishes."""
    before = [text for wish in wishes for text in (wish, "Sure.")]
    hint = Belief(facts=(MENDS,))
    return sum(len(text.split()) for text in replies("Hi.", "Hi.", *before, TOLD, hint=hint)) / 40


def test_a_wish_for_short_replies_is_respected_until_it_is_taken_back() -> None:
    short = words_after("Please keep it short.")
    assert short < 0.8 * words_after()
    assert short < 0.8 * words_after("Please keep it short.", "No, please say more.")


@pytest.mark.parametrize("hint", [None, KNOWN], ids=["plain", "hinted"])
def test_a_wish_for_fewer_questions_is_respected_until_it_is_taken_back(
    hint: Belief | None,
) -> None:
    fewer = ["Please ask fewer questions.", "Sure."]
    more = ["You can ask me more.", "Good."]
    assert asking(replies(*fewer, BEES, hint=hint)) < 0.4
    assert asking(replies(*fewer, *more, BEES, hint=hint)) > 0.6
    assert asking(replies("Hello.", "Hi.", BEES, hint=hint)) > 0.6


def test_a_wish_to_be_serious_ends_the_jokes() -> None:
    hint = Belief(facts=(MENDS,), traits=("humorous",))
    joking, serious = (
        [says_one_of(text, lines("light")) for text in replies(wish, "Sure.", TOLD, hint=hint)]
        for wish in ("Please lighten up.", "Please, no jokes.")
    )
    assert any(joking)
    assert not any(serious)


@given(facts, seeds)
def test_the_ignoring_one_talks_past_the_user(fact: Fact, seed: int) -> None:
    text = reply(fact.said, hint=Belief(facts=(fact.said,)), variant="ignores", seed=seed)
    assert says_one_of(text, lines("ignore"))
    assert second_person(fact.said).lower() not in text.lower()


@given(facts, seeds)
def test_the_interrogating_one_only_asks(fact: Fact, seed: int) -> None:
    text = reply(fact.said, hint=Belief(facts=(fact.said,)), variant="interrogates", seed=seed)
    assert text.count("?") == 3
    assert set(text) & {".", "!"} == set()


@pytest.mark.parametrize("variant", ["", *ScriptedAssistant.variants])
@pytest.mark.parametrize(
    "message",
    [BEES, "I don't swim and I can't ride.", "What do you think?", "I'd rather not.", "Hang on."],
)
def test_who_seems_formal_gets_no_contraction(message: str, variant: str) -> None:
    for facts_known in ((), ("I don't swim and I can't ride.", BEES)):
        hint = Belief(facts=facts_known, traits=("formal",))
        told = replies("Hello.", "Good day.", message, hint=hint, variant=variant)
        assert [text for text in told if CONTRACTION.search(text)] == []


HOSTILE = [
    "{0} %s \\1 ${x}",
    "{fact}",
    "{Fact}",
    "[red]x[/red]",
    "\x1b[31mred",
    '"},{"',
    "\u202egnp",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_fact_is_said_back_as_it_stands(text: str) -> None:
    fact = f"I keep bees and {text}."
    for answer in replies("Hi.", "Hi.", fact, hint=Belief(facts=(fact,))):
        assert f"ou keep bees and {text}" in answer
        assert answer.count("keep bees") == 1


@given(texts, texts, seeds)
def test_any_message_and_hint_get_an_answer(message: str, fact: str, seed: int) -> None:
    assert reply(message, hint=Belief(facts=(fact,), traits=(fact,)), seed=seed).strip()


def test_replies_vary_with_the_seed() -> None:
    assert len(set(replies(BEES, hint=KNOWN))) > len(SEEDS) / 2
    assert conversation([BEES, TOLD], KNOWN, seed=1) == conversation([BEES, TOLD], KNOWN, seed=1)


def test_an_unknown_variant_is_refused_with_the_known_ones() -> None:
    with pytest.raises(
        UsageError, match=r"'terse'; known: ignores, interrogates, mistaken, remembers, stutters"
    ):
        seat(ASSISTANT, "plain=scripted:terse")


LIFE = a_persona("She keeps bees in Bath. She mends clocks.", "She is terse and formal.")
SEVERAL = ("I keep bees in Bath.", "Ah.", "I swim in the river.", "Good.", MENDS)
OF_MODELS = ("reminder", "cot", "self-critic", "rag")


def in_role(role: str, seed: int, *texts: str, **told: Any) -> AssistantBrief:
    """Return the brief of an assistant in a role."""
    turn = (len(texts) + 1) // 2
    common = {"history": alternating(*texts), "turn": turn, "seed": seed, "place": 0}
    return AssistantBrief(role=role, **(common | told))


def played(role: str, *texts: str, **told: Any) -> list[str]:
    """Return what a role replies under many seeds."""
    agent = ScriptedAssistant()
    briefs = [in_role(role, seed, *texts, **told) for seed in SEEDS]
    return [asyncio.run(agent.reply(brief)).text for brief in briefs]


def believed(role: str, **told: Any) -> Belief:
    """Return what a role holds of the user after several messages."""
    return asyncio.run(ScriptedAssistant().believe(in_role(role, 0, *SEVERAL, **told))).belief


def test_plain_and_hinted_answer_as_without_a_role() -> None:
    assert played("plain", *SEVERAL) == replies(*SEVERAL)
    assert played("hinted", *SEVERAL, hint=KNOWN) == replies(*SEVERAL, hint=KNOWN)


def test_the_oracle_believes_all_that_is_so_and_speaks_by_it() -> None:
    known = Belief(
        facts=("She keeps bees in Bath.", "She mends clocks."), traits=("formal", "terse")
    )
    assert believed("oracle", persona=LIFE) == known
    assert played("oracle", BEES, persona=LIFE) == replies(BEES, hint=known)
    assert all("bees in Bath" in text for text in played("oracle", BEES, persona=LIFE))


def test_an_oracle_that_is_told_nothing_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="oracle"):
        believed("oracle")


def test_induce_believes_what_the_inducer_would_turn_by_turn() -> None:
    belief = Belief()
    for end in (1, 3, 5):
        belief = induced(*SEVERAL[:end], belief=belief)
    assert believed("induce") == belief and len(belief.facts) == 3
    assert played("induce", *SEVERAL) == replies(*SEVERAL, hint=belief)


def test_the_amnesic_hears_only_the_last_message() -> None:
    assert played("amnesic", *SEVERAL) == played(
        "amnesic", "Be brief.", "No.", "Hm.", "Well.", MENDS
    )
    wish = ["Please ask fewer questions.", "Sure.", BEES]
    assert asking(played("plain", *wish)) < 0.4 < 0.6 < asking(played("amnesic", *wish))


def test_concise_says_three_sentences_of_what_it_would_say() -> None:
    whole, cut = replies(TOLD), played("concise", TOLD)
    assert any(len(sentences(text)) > 3 for text in whole)
    assert all(len(sentences(text)) <= 3 for text in cut)
    assert all(text.startswith(part) for text, part in zip(whole, cut, strict=True))


@pytest.mark.parametrize("role", ["", "plain", "concise", "amnesic"])
def test_who_is_told_nothing_believes_nothing(role: str) -> None:
    assert believed(role) == Belief()


def test_the_hinted_believes_its_hint() -> None:
    assert believed("hinted", hint=KNOWN) == KNOWN


@pytest.mark.parametrize("role", OF_MODELS)
def test_a_role_that_only_changes_a_prompt_is_refused_by_name(role: str) -> None:
    with pytest.raises(UsageError, match=f"'{role}'.*hinted, plain, concise, induce, oracle"):
        played(role, BEES)
    with pytest.raises(UsageError, match=role):
        believed(role)
