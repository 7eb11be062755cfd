"""Grow trees for the shipped personas, look at one, and see what to do next (`make demo`).

Everything here is the library a script of your own would use: no key, no network, no GPU.
"""

import os
import sys

from rich.console import Console

from dialogues import open_store
from dialogues.choice import verdict_chooser
from dialogues.command import reporting_errors
from dialogues.picture import picture
from graphs.simulate import Simulate

STORE = "runs/demo.db"

NEXT = """
{trees} trees, {nodes:,} nodes and {pairs:,} preference pairs are in {store}. Try next:

  {python} -m dialogues.show {store}
  {python} -m dialogues.show {store} {tree} --path {node}
  {python} -m dialogues.export {store} --format preference --out runs/pairs.jsonl
  {python} -m graphs.simulate --store {store} --run wide --expand all --max-branches 4 --turns 5
  {python} -m examples.new_agent
"""


def main() -> int:
    """Grow, show, point on."""
    console = Console()
    status = Simulate(store=STORE).execute()
    with open_store(STORE) as store:
        run = store.run()
        tree = next(run.trees())
        console.print(picture(tree, verdict_chooser(run.record.judge)))
        last = tree.user_messages()[-1].key[:8]
        far = run.progress()
    python = os.path.relpath(sys.executable)
    told = NEXT.format(python=python, store=STORE, tree=tree.key[:8], node=last, **far._asdict())
    console.print(told, soft_wrap=True, highlight=False)
    return status


if __name__ == "__main__":
    sys.exit(reporting_errors(main))
