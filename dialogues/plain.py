"""Making text from models and personas safe to print: no markup, no terminal control."""

import unicodedata

from rich.text import Text

_KEPT = frozenset("\n\u200d")


def plain(text: str, style: str = "") -> Text:
    """Return `text` as rich text that shows control and bidi characters instead of obeying them."""
    return Text(visible(text), style=style)


def visible(text: str) -> str:
    """Replace control, format and unassigned characters; tabs become spaces."""
    return "".join(
        char if char in _KEPT or unicodedata.category(char)[0] != "C" else _shown(char)
        for char in text.replace("\t", "    ").replace("\r\n", "\n")
    )


def _shown(char: str) -> str:
    # U+2400 and the following picture the C0 controls.
    return chr(0x2400 + ord(char)) if ord(char) < 0x20 else "\ufffd"
