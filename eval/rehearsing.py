"""The dry run of a benchmark: what it would take, found by playing and scoring some of its cases.

As `graphs.rehearsal`, whose stand-ins answer here, too: calls are counted, lengths assumed.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from rich.console import Console

from agents.casting import Seated, cast
from agents.models.prices import Prices
from agents.models.stock import Models
from dialogues.command import DONE
from dialogues.node import Usage
from dialogues.tallies import Tally
from dialogues.tree import Tree
from eval.aloe import Aloe
from eval.playing import Dialogues
from eval.probe import probe
from eval.protocol import PROTOCOLS
from eval.scoring import Scoring
from graphs.budget import Spending
from graphs.filling import Filler
from graphs.rehearsal import SAMPLE, print_assumptions, print_spending, rehearse, scaled


def print_estimate(
    settings: Aloe, planned: Sequence[Dialogues], judges: Sequence[Seated], console: Console
) -> int:
    """Print what playing and scoring would take; return the exit status.

    Args:
        settings: the benchmark's.
        planned: the dialogues of each assistant with each user.
        judges: stand-ins for those who score them.
        console: where to.
    """
    total: dict[tuple[str, str], Usage] = {}
    for dialogues in planned:
        for key, tally in asyncio.run(_estimated(settings, dialogues, judges)).items():
            total[key] = total.get(key, Usage()) + tally.usage
    spending = {key: Tally(total[key], Counter()) for key in sorted(total)}
    count = len(planned) * settings.cases
    print_spending(f"{count:,} dialogues", spending, Prices(), console)
    print_assumptions(f"{min(SAMPLE, settings.cases)} of the dialogues of each assistant", console)
    return DONE


async def _estimated(settings: Aloe, dialogues: Dialogues, judges: Sequence[Seated]) -> Spending:
    """Return by seat and spec what one assistant's dialogues with one user would take."""
    models = Models(settings.models, rehearsal=True)
    seated = cast(dialogues.user, dialogues.inducer, dialogues.assistant, [], models)
    cases = dialogues.cases(dialogues.load_pool())
    sample: list[Tree] = await rehearse(dialogues, seated, cases)
    others = [persona for persona, _ in cases]
    scoring = Scoring(judges, PROTOCOLS[settings.protocol], settings.swap, others)
    for tree in sample:
        filler = Filler(tree, settings.seed)
        await scoring.score(filler)
        if settings.probe:
            await probe(filler, seated.assistants[0], settings.system)
    return scaled(sample, len(cases))
