"""The user on a model: plays the persona in the roles of a chat turned round."""

import re
from collections.abc import Sequence

from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.seats import UserBrief, Utterance
from dialogues.node import Message

END = "[END]"
_ACTS = (
    "smil|laugh|chuckl|giggl|grin|sigh|nod|shrug|paus|wink|blush|frown|smirk|whisper|think|look|lean|"
    "rais|roll|tak|glanc|scratch|clear|shak|yawn|stretch|snort|sip|wav"
)
_ACT = rf"\w*\b(?:{_ACTS})(?:s|es|ing)\b"
_DIRECTION = re.compile(
    rf"\*[^*\n]{{0,80}}?{_ACT}[^*\n]{{0,80}}\*|\((?:\w+ )?{_ACT}[^()\n]{{0,60}}\)|"
    r"\[[^\[\]\n]{1,80}\]",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"\*+([^*\n]+)\*+")
_OWN_NAME = re.compile(r"^(?:me|user|person|you)\s*:\s*", re.IGNORECASE)
_QUOTED = re.compile(r'^["“](?P<said>[^"“”]+)["”]$', re.DOTALL)


class PromptedUser:
    """Says what the model says for the persona, without stage directions; may leave."""

    def __init__(self, backing: Backing) -> None:
        """Play with the model and the prompt `user`."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt:
        """Return the prompt it is asked with."""
        return self.backing.prompts["user"]

    async def speak(self, brief: UserBrief) -> Utterance:
        """Say the next message.

        Raises:
            AgentError: the model gave no answer.
        """

        async def ask(history: Sequence[Message]) -> Answer:
            return await self.backing.model.ask(self._messages(brief, history), brief.seed)

        answer, dropped = await self.backing.with_history(brief.history, ask)
        said, leaves = answer.text.replace(END, ""), END in answer.text
        return Utterance(
            spoken(said), reasoning=answer.reasoning, usage=answer.usage + dropped, ends=leaves
        )

    def _messages(self, brief: UserBrief, history: Sequence[Message]) -> list[Message]:
        persona, prompt = brief.persona, self.prompt(brief.role)
        system = prompt.fill(
            "system",
            profile=persona.profile.text,
            personality=persona.personality.text,
            end=END,
        )
        talk = [Message("system", system), Message("user", prompt.fill("opening"))]
        talk += [_other_side(said) for said in history]
        if brief.faults:
            fault = brief.faults[-1].replace("_", " ")
            again = prompt.fill("again", fault=fault)
            talk[-1] = Message("user", f"{talk[-1].content}\n\n{again}")
        return talk


def spoken(text: str) -> str:
    """Return a message as it would be typed: no stage directions, name, quotes or emphasis."""
    text = _EMPHASIS.sub(r"\1", _DIRECTION.sub(" ", text))
    text = _OWN_NAME.sub("", text.strip())
    quoted = _QUOTED.match(text)
    lines = (quoted["said"] if quoted else text).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _other_side(said: Message) -> Message:
    return Message("assistant" if said.role == "user" else "user", said.content)
