"""Dialogues made by hand in which a wish flips."""

from dialogues import Node, Persona, Tree
from tests.growing import a_persona, a_turn

SHORT, MIDDLE, LONG = "word " * 10, "word " * 30, "word " * 40
ASKING = "Is it? " + MIDDLE
TURNS = 8


def tree_of(
    *replies: str, old: str = "short", new: str = "long", flips: int = 6, who: int = 0
) -> Tree:
    """Return a dialogue whose user has a wish from turn 2 on, and the opposite from `flips` on.

    Users 0 to 8 are three profiles crossed with three personalities.
    """
    persona: Persona = a_persona(f"He is {who // 3}.", f"They are {who % 3}.")
    tip, nodes = Tree(persona).key, list[Node]()
    for turn, reply in enumerate(replies, start=1):
        changed = turn >= flips
        agenda = {"wish": new if changed else old, "wished_at": flips if changed else 2}
        if turn == 1:
            agenda = {"wish": "", "wished_at": 0}
        user, answer = a_turn(tip, reply, turn=turn, says=f"Message {turn}.")
        notes = {"agenda": {**agenda, "changed": changed}}
        nodes += [user.model_copy(update={"notes": notes}), answer]
        tip = answer.key
    return Tree(persona, 0, nodes)
