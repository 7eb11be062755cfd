"""Judges on a model: they rank a turn's replies, or score one reply at a time."""

from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.prompted.ranking import ranked
from agents.prompted.scoring import SCORINGS, scored
from agents.seats import JudgeBrief, Judgement
from dialogues.verdict import Verdict

LISTWISE = "listwise"


class PromptedJudge:
    """Judges as the persona would: `listwise`, or in a role of `SCORINGS` each reply by itself."""

    def __init__(self, backing: Backing) -> None:
        """Judge with the model and the prompt of the role."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt:
        """Return the prompt it is asked with in a role."""
        return self.backing.prompts[role if role in SCORINGS else LISTWISE]

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Rank or score the candidates; in a ranking identical ones tie without a question.

        Raises:
            Unparsable: the model never answered in the form asked for.
            AgentError: it gave no answer.
        """
        prompt = self.prompt(brief.role)
        if way := SCORINGS.get(brief.role):
            return await scored(self.backing, prompt, brief, way)
        if len({candidate.text for candidate in brief.candidates}) == 1:
            keys = tuple(candidate.key for candidate in brief.candidates)
            return Judgement(verdict=Verdict(ranking=(keys,), margin=0.0, confidence=1.0))
        return await ranked(self.backing, prompt, brief)
