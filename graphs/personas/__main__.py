"""`python -m graphs.personas`: build a pool, or look at one."""

import sys

from dialogues.command import Command, main
from graphs.personas.build import Build


def command_of(name: str) -> type[Command]:
    """Return the command a first word names; without one it is building."""
    # Imported here so that building's --help answers without loading numpy and Chroma.
    if name == "stats":
        from graphs.personas.stats import Stats

        return Stats
    if name == "search":
        from graphs.personas.search import Search

        return Search
    if name == "calibrate":
        from graphs.personas.calibrate import Calibrate

        return Calibrate
    return Build


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    kind = command_of(name)
    if kind is Build:
        sys.exit(main(Build, "graphs.personas"))
    sys.exit(main(kind, f"graphs.personas {name}", sys.argv[2:]))
