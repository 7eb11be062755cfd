"""The scripted assistant says no sentence twice within ten replies, and never runs dry."""

import pytest

from agents.scripted.phrases import MEMORY, bare_sentences
from dialogues.node import ASSISTANT, Belief
from tests.agents.scripted.replying import conversation, dialogues

BEES = "I keep bees in Bath."
MESSAGES = {
    "fact": BEES,
    "private": "I lost my wife to cancer.",
    "nothing": "Well, well.",
    "refusal": "I'd rather not say.",
    "complaint": "You ask too many questions.",
    "confusion": "What do you mean?",
    "aside": "Hang on, the kettle.",
    "wish": "Please keep it short.",
    "question": "What do you think about that?",
    "deflection": "That's all I can think of.",
    "farewell": "Goodbye then.",
}
HINTS = {
    "plain": None,
    "hinted": Belief(facts=("I lost my wife to cancer.", BEES)),
    "terse": Belief(facts=(BEES,), traits=("terse", "formal")),
}


def repeated(replies: list[str]) -> set[str]:
    """Return the sentences said again within ten replies."""
    sentences = [bare_sentences(text) for text in replies]
    return {
        again
        for at, now in enumerate(sentences)
        for before in sentences[max(0, at - MEMORY + 1) : at]
        for again in now & before
    }


@pytest.mark.parametrize("hint", HINTS.values(), ids=HINTS.keys())
@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_user_who_keeps_saying_one_thing_hears_no_sentence_again(
    message: str, hint: Belief | None
) -> None:
    replies = conversation([message] * 14, hint)
    assert all(text.strip() for text in replies)
    assert repeated(replies) == set()


@pytest.mark.parametrize(
    "assistant", ["hinted=scripted", "plain=scripted", "scripted:ignores", "scripted:interrogates"]
)
def test_no_sentence_is_said_again_within_ten_replies_of_a_long_dialogue(assistant: str) -> None:
    for tree in dialogues(8, 25, assistant):
        last = max(tree.user_messages(), key=lambda node: node.turn)
        replies = [node.text for node in tree.path(last.key) if node.seat == ASSISTANT]
        assert len(replies) == 24
        assert repeated(replies) == set()
