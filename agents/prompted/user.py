"""The user on a model: plays the persona in the roles of a chat turned round."""

import re
from collections.abc import Sequence

from agents.models.model import Answer
from agents.prompted.backing import Backing
from agents.prompted.prompts import Prompt
from agents.seats import UserBrief, Utterance
from dialogues.node import Message

END = "[END]"
_FACES = (
    "smil(?:e|es|ing)|laugh(?:s|ing)?|chuckl(?:e|es|ing)|giggl(?:e|es|ing)|grin(?:s|ning)?|"
    "sigh(?:s|ing)?|nod(?:s|ding)?|shrug(?:s|ging)?|paus(?:e|es|ing)|wink(?:s|ing)?|"
    "blush(?:es|ing)?|frown(?:s|ing)?|smirk(?:s|ing)?|whisper(?:s|ing)?|yawn(?:s|ing)?|"
    "snort(?:s|ing)?|gasp(?:s|ing)?|groan(?:s|ing)?|sob(?:s|bing)?|blink(?:s|ing)?|gulp(?:s|ing)?"
)
_GESTURES = (
    "looks|looking|leans|leaning|raises|raising|rolls|rolling|takes|taking|glances|glancing|"
    "scratches|scratching|clears|clearing|shakes|shaking|stretches|stretching|waves|waving|thinks|"
    "thinking|sips|sipping|crosses|crossing|stares|staring|pulls|pulling|turns|turning|puts|putting"
)
_ACT = re.compile(
    rf"(?:\w+ly )?(?:{_FACES}|{_GESTURES})\b[^.!?]*|.{{0,30}}\b(?:{_FACES})(?: \w+ly)?"
)
_STARRED = re.compile(r"(?<!\w)\*{1,3}(?=\S)([^*\n]{1,80})(?<=\S)\*{1,3}(?!\w)")
_ASIDE = re.compile(
    rf"\((?:\w+ly )?(?:{_FACES})(?: [\w']+){{0,3}}\)|\[[^\[\]\n]{{1,80}}\]", re.IGNORECASE
)
_LABEL = re.compile(r"^\s*(?P<name>[^\W\d_][\w'’-]*(?: [A-Z][\w'’-]*)?)\s*:\s+")
_OWN_LABELS = ("me", "user", "person", "you")
_QUOTED = re.compile(r'^["“](?P<said>[^"“”]+)["”]$', re.DOTALL)


class PromptedUser:
    """Says what the model says for the persona, without stage directions; leaves if it may."""

    def __init__(self, backing: Backing) -> None:
        """Play with the model and the prompt `user`, or `staying` where it may not leave."""
        self.backing = backing

    def prompt(self, role: str) -> Prompt:
        """Return the prompt it is asked with where it may leave."""
        return self.backing.prompts["user"]

    async def speak(self, brief: UserBrief) -> Utterance:
        """Say the next message.

        Raises:
            AgentError: the model gave no answer.
        """

        async def ask(history: Sequence[Message]) -> Answer:
            return await self.backing.model.ask(self._messages(brief, history), brief.seed)

        answer, dropped = await self.backing.with_history(brief.history, ask)
        said, leaves = answer.text.replace(END, ""), brief.may_leave and END in answer.text
        return Utterance(
            spoken(said, brief.persona.profile.text),
            reasoning=answer.reasoning,
            usage=answer.usage + dropped,
            ends=leaves,
        )

    def _messages(self, brief: UserBrief, history: Sequence[Message]) -> list[Message]:
        persona = brief.persona
        prompt = self.prompt(brief.role) if brief.may_leave else self.backing.prompts["staying"]
        # The text of a user who stays has no place for the sign.
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


def spoken(text: str, profile: str = "") -> str:
    """Return a message as it would be typed: no stage directions, own name, quotes or emphasis."""
    text = _ASIDE.sub(" ", _STARRED.sub(_unstarred, text)).strip()
    label = _LABEL.match(text)
    if label and (label["name"].lower() in _OWN_LABELS or label["name"] in profile):
        text = text[label.end() :]
    quoted = _QUOTED.match(text)
    lines = (quoted["said"] if quoted else text).splitlines()
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _unstarred(span: re.Match[str]) -> str:
    """Drop what is acted between asterisks, and keep what is only stressed."""
    said = span[1].rstrip(" .!…")
    acted = _ACT.fullmatch(said if " " in said else said.lower())
    return " " if acted else span[1]


def _other_side(said: Message) -> Message:
    return Message("assistant" if said.role == "user" else "user", said.content)
