"""What models say can neither style the console nor control the terminal."""

import io
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dialogues.node import ASSISTANT, USER, Belief
from graphs.chatting.screen import Screen
from tests.graphs.chatting.failing import HOSTILE
from tests.graphs.chatting.talking import FAILING, Talker
from tests.growing import a_failure, a_node

OURS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\x1b\[[0-9]*[AK]|\x1b\[2K|\r")
"""What rich itself writes: colours, and moving over what is shown as it is written."""


def shown(show: str, *told: object, width: int = 80, terminal: bool = True) -> str:
    """Return what a method of the screen writes."""
    file = io.StringIO()
    console = Console(
        file=file,
        force_terminal=terminal,
        width=width,
        color_system="truecolor" if terminal else None,
        legacy_windows=False,
    )
    screen = Screen(console)
    getattr(screen, show)(*told)
    screen.stop()
    return file.getvalue()


def left_over(written: str) -> str:
    """Return the control and format characters in it that are not rich's own."""
    rest = OURS.sub("", written).replace("\n", "").replace("\u200d", "")
    return "".join(char for char in rest if unicodedata.category(char)[0] == "C")


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("show", ["replies", "writing"])
def test_a_hostile_reply_controls_nothing(show: str, terminal: bool) -> None:
    belief = Belief(facts=(HOSTILE,), traits=(HOSTILE,))
    written = shown(show, [HOSTILE, HOSTILE], [HOSTILE, "2"], belief, terminal=terminal)
    assert left_over(written) == ""
    assert terminal or "\x1b" not in written
    if show == "replies":
        assert "[bold red]markup[/]" in written
        assert "<b>html</b>" in written
        assert "http://evil.example" in written


def test_nothing_else_is_obeyed_either() -> None:
    said = a_node("p", USER, text=HOSTILE)
    failed = a_node("p", ASSISTANT, failure=a_failure(HOSTILE))
    for show, told in (
        ("user", said),
        ("failed", failed),
        ("say", HOSTILE),
        ("belief", Belief(facts=(HOSTILE,))),
    ):
        written = shown(show, told)
        assert left_over(written) == ""
        assert "[bold red]markup[/]" in " ".join(OURS.sub("", written).split())


@given(st.text(alphabet=st.characters(), max_size=60), st.sampled_from([20, 40, 80]))
def test_no_text_controls_the_terminal_or_is_wider_than_it(text: str, width: int) -> None:
    written = shown("replies", [text], ["1"], Belief(facts=(text,)), width=width)
    assert left_over(written) == ""


@given(st.integers(0, 0x10FFFF), st.booleans())
def test_no_character_comes_in_by_its_number(number: int, hexadecimal: bool) -> None:
    entity = f"&#x{number:x};" if hexadecimal else f"&#{number};"
    text = f"{entity} [{entity}](http://{entity} '{entity}') ![{entity}]({entity})"
    assert left_over(shown("replies", [text], ["1"], None)) == ""


def test_markdown_is_drawn_in_a_terminal_and_left_alone_elsewhere() -> None:
    text = "# Title\n\n* one\n* **two**\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\n```"
    drawn = OURS.sub("", shown("replies", [text], ["1"], None))
    assert "•" in drawn and "**" not in drawn and "```" not in drawn
    assert shown("replies", [text], ["1"], None, terminal=False) == f"1: {text}\n"


def test_at_80_columns_two_replies_and_a_belief_stand_one_below_the_other() -> None:
    long = "A rather long reply of many words. " * 9
    belief = Belief(facts=("I keep bees in Bath, and a very-long-word" + "x" * 99,))
    narrow = shown("replies", [long, long], ["1", "2"], belief)
    wide = shown("replies", [long, long], ["1", "2"], belief, width=140)
    for written, width in ((narrow, 80), (wide, 140)):
        lines = OURS.sub("", written).splitlines()
        assert max(map(len, lines)) == width
    assert narrow.count("╭") == wide.count("╭") == 3
    assert OURS.sub("", wide).splitlines()[0].count("╭") == 3


def test_a_person_chats_with_a_hostile_model(talk: Talker) -> None:
    flags = ("--assistant", f"plain={FAILING}:Hostile", "--assistant", "plain=scripted")
    talked = talk("hello | 1 | /tree | /save x.md | /persona", *flags)
    assert left_over(talked.out) == ""
    assert left_over((talk.folder / "x.md").read_text("utf-8")) == ""
