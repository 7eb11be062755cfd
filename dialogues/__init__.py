"""What everything in Grove shares: personas, trees, verdicts and the store that keeps them."""

from dialogues.digest import digest
from dialogues.node import Belief, Failure, Message, Node, Slot, Usage
from dialogues.persona import Persona, Personality, Profile
from dialogues.pool import Pool, load_files, load_pool
from dialogues.records import RunRecord
from dialogues.run import Run
from dialogues.store import Store, open_store
from dialogues.tree import Tree
from dialogues.verdict import Verdict

__all__ = [
    "Belief",
    "Failure",
    "Message",
    "Node",
    "Persona",
    "Personality",
    "Pool",
    "Profile",
    "Run",
    "RunRecord",
    "Slot",
    "Store",
    "Tree",
    "Usage",
    "Verdict",
    "digest",
    "load_files",
    "load_pool",
    "open_store",
]
