"""The messages an assistant is asked with: the deployed prompt, with notes in its last turn."""

from collections.abc import Sequence

from agents.prompted.prompts import Prompts
from agents.prompted.retrieval import LATEST
from agents.prompted.roles import HINTED, ORACLE, RAG
from agents.prompted.transcript import listed, transcript
from agents.seats import AssistantBrief, WrongAnswer
from dialogues.node import Message
from dialogues.rendering import with_system


def composed(
    brief: AssistantBrief, history: Sequence[Message], prompts: Prompts, asked: str
) -> list[Message]:
    """Return the system text, the history, and in its last turn what the role is told.

    Args:
        brief: with the hint or persona to tell of, if there is one.
        history: what is shown of the dialogue; it ends with the user's latest message.
        prompts: where the texts come from.
        asked: what else stands at the very end, if anything.

    Raises:
        WrongAnswer: the role is `oracle`, and nobody said who the user is.
    """
    reminders = ""
    if brief.role == RAG and (earlier := history[:-LATEST]):
        reminders = prompts[RAG].fill("reminders", exchanges=transcript(earlier))
        history = history[-LATEST:]
    talk = with_system(history, brief.system)
    parts = (reminders, talk[-1].content, _known(brief, prompts), asked)
    # Within the last turn: many chat templates take no second system message.
    talk[-1] = Message("user", "\n\n".join(filter(None, parts)))
    return talk


def _known(brief: AssistantBrief, prompts: Prompts) -> str:
    """Write what an assistant knows of the user from elsewhere."""
    if brief.role == ORACLE:
        if brief.persona is None:
            raise WrongAnswer("an assistant in role oracle was not told who the user is")
        persona = brief.persona
        return prompts[ORACLE].fill(
            "note", profile=persona.profile.text, personality=persona.personality.text
        )
    if brief.hint is None or not (brief.hint.facts or brief.hint.traits):
        return ""
    facts, traits = listed(brief.hint.facts), listed(brief.hint.traits)
    return prompts[HINTED].fill("hint", facts=facts, traits=traits)
