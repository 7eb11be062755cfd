"""Text of models made safe to print."""

import unicodedata
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dialogues.plain import plain, visible
from tests.strategies import hostile_texts


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\x07b\x08c", "a␇b␈c"),
        ("a\0b", "a␀b"),
        ("a\rb", "a␍b"),
        ("a\r\nb", "a\nb"),
        ("a\tb", "a    b"),
        ("\x7f\x9b", "\ufffd\ufffd"),
        ("\u202egnp.exe\u2066", "\ufffdgnp.exe\ufffd"),
        ("\ud800", "\ufffd"),
        ("[red]x[/red]", "[red]x[/red]"),
    ],
)
def test_controls_are_shown_instead_of_obeyed(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["Grüße\n", "नमस्ते", "👩\u200d👧", "שלום", "e\u0301"])
def test_ordinary_text_of_any_script_is_left_alone(text: str) -> None:
    assert visible(text) == text


@given(hostile_texts | st.text())
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    for char in visible(text):
        assert char in "\n\u200d" or unicodedata.category(char)[0] != "C"


@given(st.text() | st.sampled_from(("[red]x[/red]", "[/]", "[link=http://x]y[/link]", ":smile:")))
def test_rich_prints_it_word_for_word(text: str) -> None:
    console = Console(file=StringIO(), force_terminal=True, color_system=None, width=10_000)
    console.print(plain(text), soft_wrap=True)
    assert console.file.getvalue() == visible(text) + "\n"
