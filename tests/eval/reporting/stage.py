"""Reports of the tests: made as the command makes them, and read back from the page."""

import json
import re
from pathlib import Path
from typing import Any

from dialogues import Belief, RunRecord, Tree
from dialogues.node import ASSISTANT, INDUCER, JUDGE, USER, Failure, Usage
from dialogues.verdict import Verdict
from eval.report import Report
from tests.growing import a_node, a_persona, command, store_trees

OWNED = "document.title='owned'"
HOSTILE = (
    f"</script><script>{OWNED}</script>"
    f'<img src=x onerror="{OWNED}"><!--<script> ]]> &lt; {{{{ 7*7 }}}} '
    "\u202egnp.exe\u202c \u2066x \x1b[31mred\x07 \u2028 \u2029 end"
)
"""Text that would run, hide or reorder something where it is taken for more than text."""


def report(out: Path, *argv: object) -> int:
    """Make a report; return the exit status."""
    return command(Report, *argv, "--out", out)


def data_in(page: Path) -> dict[str, Any]:
    """Return what a page embeds for its viewer."""
    text = page.read_text(encoding="utf-8")
    (found,) = re.findall(r'<script id="data" type="application/json">(.*?)</script>', text)
    read: dict[str, Any] = json.loads(found)
    return read


def scored(scores: dict[str, float]) -> Verdict:
    return Verdict.from_scores({key: {"all": score} for key, score in scores.items()})


def a_scored_tree(*turns: tuple[float, float, int], profile: str = "Ada Quill is 52.") -> Tree:
    """Return a tree of two candidates a turn: their scores, and from which it goes on."""
    tree = Tree(a_persona(profile=profile))
    tip = tree.key
    for turn, (one, other, chosen) in enumerate(turns, start=1):
        user = a_node(tip, USER, turn, text=f"Message {turn}.")
        replies = [
            a_node(user.key, ASSISTANT, turn, place=place, text="word " * (place + 1))
            for place in range(2)
        ]
        verdict = scored({replies[0].key: one, replies[1].key: other})
        for node in (user, *replies, a_node(user.key, JUDGE, turn, verdict=verdict)):
            tree.add(node)
        tip = replies[chosen].key
    return tree


def a_hostile_tree(text: str = HOSTILE) -> Tree:
    """Return a tree in which everything that is text is hostile."""
    tree = Tree(a_persona(profile=f"Eve is 30. {text}", personality=f"Sly. {text}"))
    fact = tree.persona.profile.facts[0].id
    user = a_node(
        tree.key,
        USER,
        1,
        text=text,
        spec=text,
        reasoning=text,
        notes={"acts": [text], "reveals": [fact, text], "traits": [text]},
    )
    one, other = (
        a_node(user.key, ASSISTANT, 1, place=place, text=f"{place} {text}", spec=f"{place}{text}")
        for place in range(2)
    )
    broken = a_node(
        user.key,
        ASSISTANT,
        1,
        place=2,
        spec=text,
        failure=Failure(type=text, message=text, where=text),
        usage=Usage(calls=1, prompt_tokens=7),
    )
    belief = Belief(facts=(text,), traits=(text,))
    verdict = Verdict.from_scores(
        {one.key: {text: 1.0}, other.key: {text: 3.0}}, reasons={one.key: text, other.key: text}
    )
    judged = {"text": text, "spec": text, "verdict": verdict}
    against = {"notes": {"against": text, "protocol": text}, "place": 1}
    nodes = [
        user,
        one,
        other,
        broken,
        a_node(user.key, INDUCER, 1, belief=belief, spec=text),
        a_node(user.key, JUDGE, 1, **judged),
        a_node(user.key, JUDGE, 1, **judged, **against),
        a_node(one.key, USER, 2, text="Bye."),
    ]
    for node in nodes:
        tree.add(node)
    return tree


def a_hostile_store(folder: Path) -> Path:
    """Store a hostile tree in a hostile run of a store with a hostile name."""
    path = folder / "<img src=x onerror=alert(1)>.db"
    config = {"user": HOSTILE, "assistant": [HOSTILE], "judge": [HOSTILE], "inducer": HOSTILE}
    record = RunRecord(name=HOSTILE, config=config, judge=HOSTILE)
    run = store_trees(path, [a_hostile_tree()], record)
    run.engine.dispose()
    return path
