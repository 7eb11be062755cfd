"""The page: a report as one HTML file that needs nothing else and runs nothing but its own script.

All texts are other people's. They are escaped, or embedded as JSON that cannot end its element and
put in place as text; a Content-Security-Policy allows the one script and style by their hashes and
forbids everything else, handlers in attributes and the network included.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dialogues.plain import visible
from eval.columns import Grid
from eval.plotting import Chart
from eval.reporting import curves
from eval.reporting.parts import Notes, Part

_FOLDER = Path(__file__).parent / "page"
_SCRIPTS = ("dom", "data", "route", "list", "turn", "verdict", "tree", "worst", "keys", "main")
_NUMBER = re.compile(r"-?|[▁-█ ]+|no price|\[.*|[~≥<-]? ?\$?\d.*")
_INTERVAL = re.compile(r"(-?[\d.,]+%?) (± [\d.,]+|\[[^\[\]]+\])")
_TEMPLATES = {Chart: "chart.html", Grid: "grid.html", Notes: "notes.html"}
_ESCAPED = {each: f"\\u{ord(each):04x}" for each in ("<", ">", "&", "\u2028", "\u2029")}


def page(parts: Sequence[Part], data: Mapping[str, Any]) -> str:
    """Return the page of a report.

    Args:
        parts: figures and tables.
        data: what the viewer shows.
    """
    script, style = _script(), _read("page.css")
    template = _environment().get_template("page.html")
    return template.render(
        parts=parts,
        template_of=lambda block: _TEMPLATES[type(block)],
        drawn=curves.drawn,
        width=curves.WIDTH,
        height=curves.HEIGHT,
        policy=_policy(script, style),
        script=Markup(script),
        style=Markup(style),
        data=Markup(embedded(data)),
    )


def embedded(data: Any) -> str:
    """Return JSON that can stand in a script element: nothing in it can end that element."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for char, code in _ESCAPED.items():
        text = text.replace(char, code)
    return text


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["parted"] = _parted
    environment.filters["textual"] = _textual
    return environment


def _textual(grid: Grid) -> list[bool]:
    """Tell of each column of a table whether it holds texts, which stand to the left."""
    columns = zip(*grid.rows, strict=True)
    return [any(not _NUMBER.fullmatch(cell) for cell in column) for column in columns]


def _parted(cell: str) -> tuple[str, str]:
    """Split a figure from its interval; other texts stay whole."""
    found = _INTERVAL.fullmatch(cell)
    return (found[1], found[2]) if found else (cell, "")


def _shown(value: Any) -> Any:
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return visible(value) if is_text else value


def _script() -> str:
    body = "\n".join(_read(f"{name}.js") for name in _SCRIPTS)
    return f'(() => {{\n"use strict";\n{body}}})();\n'


def _policy(script: str, style: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {_hash(script)}",
            f"style-src {_hash(style)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")
