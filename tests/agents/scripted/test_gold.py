"""Gold labels: what a message says of itself is true, and no one else gets to see it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.casting import Cast, cast
from agents.scripted.agenda import Agenda
from agents.scripted.facts import Fact
from agents.scripted.gold import Gold
from agents.scripted.phrases import in_manner
from agents.scripted.plan import Act
from agents.scripted.temperament import temperament_of
from agents.seats import UserBrief
from dialogues.export import Export
from dialogues.node import Node
from dialogues.persona import Persona
from dialogues.tree import Tree
from graphs.dialogue import build_graph
from graphs.growth import grow as grow_tree
from graphs.scene import Scene, Script
from tests.agents.scripted.talking import PLAIN, SHIPPED, MarkedUser, facts_of, gold, talk
from tests.agents.troupe import Witness
from tests.growing import a_persona, command, grow

MARKED = f"{MarkedUser.__module__}:MarkedUser"
Played = tuple[Persona, list[Node]]
BEES = Fact("p.0", "I keep bees.", "animal", 1, 0)
VARIANTS = [PLAIN, "scripted:uncooperative,typos=0,fragments=0"]


@pytest.fixture(
    scope="module", params=[(at, user) for at in range(0, 243, 22) for user in VARIANTS]
)
def played(request: pytest.FixtureRequest) -> Played:
    """One persona with its messages in a dialogue without typing errors."""
    at, user = request.param
    return SHIPPED[at], talk(SHIPPED[at], 15, user)


def test_a_label_names_acts_with_their_kind_and_facts_by_how_they_are_told() -> None:
    acts = [Act("complain", "repeat"), Act("disclose", facts=(BEES,)), Act("ask")]
    label = Gold.of(acts, "Hm.", frozenset(), set(), Agenda())
    assert label.acts == ("complain:repeat", "disclose", "ask")
    assert (label.reveals, label.speaks_of) == (("p.0",), ())
    again = Gold.of([Act("elaborate", "", (BEES,))], "Hm.", frozenset(), set(), Agenda())
    assert (again.reveals, again.speaks_of) == ((), ("p.0",))


@pytest.mark.parametrize(
    ("text", "poles", "shown"),
    [
        ("I swim.", {"terse"}, ("terse",)),
        ("I swim.", {"talkative"}, ()),
        ("word " * 40, {"talkative"}, ("talkative",)),
        ("word " * 40, {"terse"}, ()),
        ("I swim!", {"lively"}, ("lively",)),
        ("I swim!", {"flat"}, ()),
    ],
)
def test_form_shows_only_the_traits_somebody_has(
    text: str, poles: set[str], shown: tuple[str, ...]
) -> None:
    assert Gold.of([], text, frozenset(poles), set(), Agenda()).traits == shown


class TestLabelsOfADialogue:
    def test_every_fact_is_revealed_once(self, played: Played) -> None:
        persona, nodes = played
        told = [fact for node in nodes for fact in gold(node).reveals]
        assert told and len(told) == len(set(told)) and set(told) <= facts_of(persona).keys()

    def test_what_is_revealed_is_in_the_message(self, played: Played) -> None:
        persona, nodes = played
        facts, manner = facts_of(persona), temperament_of(persona.personality)
        for node in nodes:
            for fact in gold(node).reveals:
                # Only its first letter and its full stop may be others within a sentence.
                assert in_manner(facts[fact].said, manner)[1:].rstrip(".!?") in node.text

    def test_the_agenda_grows_by_what_is_revealed(self, played: Played) -> None:
        told: tuple[str, ...] = ()
        for node in played[1]:
            told += gold(node).reveals
            assert gold(node).agenda.told == told

    def test_what_it_comes_back_to_was_told_before(self, played: Played) -> None:
        for node in played[1]:
            before = set(gold(node).agenda.told) - set(gold(node).reveals)
            assert set(gold(node).speaks_of) <= before

    def test_only_open_facts_are_revealed(self, played: Played) -> None:
        persona, nodes = played
        facts, manner = facts_of(persona), temperament_of(persona.personality)
        for node in nodes:
            agenda, new = gold(node).agenda, gold(node).reveals
            agenda = agenda.model_copy(update={"told": agenda.told[: -len(new) or None]})
            for each in new:
                assert facts[each] in agenda.open_facts(list(facts.values()), manner)
                agenda = agenda.telling([facts[each]])

    def test_traits_are_those_of_the_personality(self, played: Played) -> None:
        manner = temperament_of(played[0].personality)
        assert all(set(gold(node).traits) <= manner for node in played[1])


def watched(briefs: list[Any]) -> Cast:
    """Return a full cast in which everybody's briefs are written down."""
    seated = cast(MARKED, "extract=scripted", ["hinted=scripted", "plain=scripted"], ["scripted"])

    def watch(one: Any) -> Any:
        return replace(one, agent=Witness(one.agent, briefs))

    return Cast(
        user=watch(seated.user),
        inducer=watch(seated.inducer),
        assistants=tuple(watch(one) for one in seated.assistants),
        judges=tuple(watch(one) for one in seated.judges),
    )


def test_nobody_but_the_user_is_told_its_notes() -> None:
    briefs: list[Any] = []
    scene = Scene(Tree(a_persona()), watched(briefs), Script(turns=6))
    asyncio.run(grow_tree(build_graph(), scene))
    own = [brief for brief in briefs if isinstance(brief, UserBrief)]
    others = [brief for brief in briefs if not isinstance(brief, UserBrief)]
    assert len(own) == 6 and len(others) == 6 * 4
    assert [MarkedUser.MARK in repr(brief) for brief in own] == [False] + [True] * 5
    assert not any(MarkedUser.MARK in repr(brief) for brief in others)
    assert not any("rapport" in repr(brief) for brief in others)


@pytest.mark.parametrize("kind", ["preference", "sft", "kto", "prompt"])
def test_no_exported_row_holds_the_notes_unless_it_is_asked_to(kind: str, tmp_path: Path) -> None:
    store = grow(tmp_path / "marked.db", "--user", MARKED)
    out = tmp_path / "rows.jsonl"
    assert command(Export, store, "--format", kind, "--out", out) == 0
    assert MarkedUser.MARK not in out.read_text() and "rapport" not in out.read_text()
    assert command(Export, store, "--format", kind, "--out", out, "--gold") == 0
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert all(row["gold_mark"] == MarkedUser.MARK for row in rows)
    spoken = {name: part for row in rows for name, part in row.items() if name[:5] != "gold_"}
    assert MarkedUser.MARK not in json.dumps(spoken)
