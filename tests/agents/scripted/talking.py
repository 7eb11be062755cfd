"""Dialogues with the scripted user through the real graph, and what its gold labels say of them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from agents.casting import cast
from agents.scripted.agenda import Agenda
from agents.scripted.draws import Draws
from agents.scripted.facts import Fact, sayable_facts
from agents.scripted.gold import Gold
from agents.scripted.listening import Heard
from agents.scripted.options import UserOptions
from agents.scripted.phrases import Phrasebook
from agents.scripted.plan import Planner
from agents.scripted.speech import Speaker
from agents.scripted.temperament import Temperament, temperament_of
from agents.scripted.user import ScriptedUser
from agents.seats import UserBrief, Utterance
from dialogues.node import Message, Node
from dialogues.persona import Persona, Personality
from dialogues.pool import load_pool
from dialogues.tree import Tree
from graphs.dialogue import build_graph
from graphs.growth import grow
from graphs.scene import Scene, Script
from tests.growing import a_persona

POOL = load_pool()
SHIPPED = POOL.personas(3)
ALL_OFF = "typos=0,fragments=0,drift=0,misunderstanding=0,refusal=0,dislike=0,change=0"
PLAIN = "scripted:typos=0,fragments=0"
PRIVATE_LIFE = (
    "He is 52 and mends clocks in Bath. He lost his wife to cancer in 2017. He keeps two dogs. "
    "He stole money from his first employer. He plays the cello."
)
_GRAPH = build_graph()


def talk(
    persona: Persona,
    turns: int = 10,
    user: str = "scripted",
    assistant: str = "hinted=scripted",
    *,
    seed: int = 0,
) -> list[Node]:
    """Play one dialogue; return the user's messages, none of which may have failed."""
    return spoken(grown(persona, turns, user, (assistant,), seed=seed))


def grown(
    persona: Persona, turns: int, user: str, assistants: Sequence[str], *, seed: int = 0
) -> Tree:
    """Grow a tree whose candidates are one reply of each assistant."""
    seated = cast(user, "infer=scripted", assistants, ["scripted"])
    script = Script(turns=turns, candidates=len(assistants), seed=seed)
    scene = Scene(Tree(persona), seated, script)
    asyncio.run(grow(_GRAPH, scene))
    return scene.tree


def spoken(tree: Tree) -> list[Node]:
    """Return the user's messages turn by turn, where nothing failed."""
    assert tree.failures() == []
    return tree.user_messages()


def gold(node: Node) -> Gold:
    """Read the gold label of a message."""
    return Gold.model_validate(node.notes)


def acts(node: Node) -> list[str]:
    """Return the names of the acts of a message, without their kinds."""
    return [act.partition(":")[0] for act in gold(node).acts]


def facts_of(persona: Persona) -> dict[str, Fact]:
    """Return all that can be said of a persona by id."""
    return {fact.id: fact for fact in sayable_facts(persona.profile)}


def manner(personality: str) -> Temperament:
    """Return the temperament of a text."""
    return temperament_of(Personality.of(personality))


def history(*texts: str) -> list[Message]:
    """Return these texts as a dialogue that the user began."""
    return [Message("assistant" if at % 2 else "user", text) for at, text in enumerate(texts)]


def speak(persona: Persona, options: str = "", seed: int = 0, **told: Any) -> Utterance:
    """Let the user say one message; by default its first."""
    brief = {"role": "", "history": [], "turn": 1, "turns": 9, "notes": {}, **told}
    return asyncio.run(ScriptedUser(options).speak(UserBrief(persona=persona, seed=seed, **brief)))


def a_planner(heard: Heard | None, options: str = ALL_OFF, seed: int = 0, **values: Any) -> Planner:
    """Return a planner for the private life, who has told nothing yet."""
    facts = sayable_facts(a_persona(PRIVATE_LIFE).profile)
    bare: dict[str, Any] = {
        "agenda": Agenda(),
        "facts": facts,
        "turn": 2,
        "temperament": frozenset[str](),
    }
    return Planner(Draws(seed), heard=heard, options=UserOptions.parse(options), **(bare | values))


def a_speaker(*poles: str, options: str = ALL_OFF, seed: int = 0, sober: bool = False) -> Speaker:
    """Return a speaker of these poles who has said nothing yet."""
    rng = Draws(seed)
    book = Phrasebook(rng, frozenset(poles), [], "user")
    return Speaker(rng, frozenset(poles), UserOptions.parse(options), book, sober)


class MarkedUser(ScriptedUser):
    """The scripted user with a mark in its notes that can be searched for everywhere else."""

    MARK = "zyzzogeton"

    async def speak(self, brief: UserBrief) -> Utterance:
        notes = {name: value for name, value in brief.notes.items() if name != "mark"}
        said = await super().speak(UserBrief(**{**vars(brief), "notes": notes}))
        return Utterance(said.text, notes={**said.notes, "mark": self.MARK}, ends=said.ends)
