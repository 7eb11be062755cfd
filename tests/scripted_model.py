"""A plausible model by rote: `play` answers for every seat, so that a whole dialogue works.

What is asked for is told by the name of the structured output, else by the JSON example in the
question, else by the system message. The same request always gets the same answer, and a question
that is asked again, after a wrong answer, the same as at first.
"""

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from dialogues.hashing import canonical_json, short_hash

if TYPE_CHECKING:
    from tests.model_server import Call

_EXAMPLES = {
    '"ranking"': "Ranking",
    '"naturalness"': "Alignment",
    '"overall"': "Overall",
    '"engagement"': "Scores",
    '"withdrawn"': "Revealed",
    '"facts":["': "Held",
    '"traits"': "Covered",
    '"thoughts"': "Considered",
    '"critique"': "Rewritten",
}
"""What a JSON example that holds this asks for; what has more than another's keys goes first."""

SEATS = {
    **dict.fromkeys(("Ranking", "Scores", "Overall", "Alignment"), "judge"),
    **dict.fromkeys(("Revealed", "Covered"), "inducer"),
    **dict.fromkeys(("Held", "Considered", "Rewritten"), "assistant"),
}
"""The seat a structured output belongs to."""

_REPLY = re.compile(r'<reply label="([^"]*)">(.*?)</reply>', re.DOTALL)
_USER_MESSAGE = re.compile(r"<user_message>(.*?)</user_message>", re.DOTALL)

_SENTENCES = (
    "I walked along the canal {}.",
    "I baked two loaves of rye bread {}.",
    "I mended the garden fence {}.",
    "I watched the swifts over the roof {}.",
    "I finished a long novel {}.",
    "I planted three rows of beans {}.",
    "I rode my bicycle out to the lake {}.",
    "I painted the kitchen door green {}.",
    "I heard a fine string quartet {}.",
    "I cooked a big pot of lentil soup {}.",
    "I tidied the shed at last {}.",
    "I swam in the cold river {}.",
    "I lost a game of chess {}.",
    "I found an old map in the attic {}.",
    "I learned a new tune on the piano {}.",
    "I picked a basket of plums {}.",
    "I took the slow train to the coast {}.",
    "I sorted my box of photographs {}.",
    "I repaired the clock in the hall {}.",
    "I fed the neighbours' cat {}.",
    "I wrote four long letters {}.",
    "I climbed the hill behind the church {}.",
    "I missed the early bus {}.",
    "I sang with the choir {}.",
    "I burned the rice {}.",
    "I bought a second-hand coat {}.",
    "I slept under the open sky {}.",
    "I drew the harbour in charcoal {}.",
    "I got soaked on the way home {}.",
    "I visited the little museum {}.",
    "I knitted half a scarf {}.",
    "I saw a heron by the pond {}.",
    "I sharpened all my chisels {}.",
    "I danced until my feet hurt {}.",
    "I polished my walking boots {}.",
    "I lit the first fire of the season {}.",
    "I played cards for matchsticks {}.",
    "I tried a recipe with fennel {}.",
    "I moved my desk to the window {}.",
    "I listened to the radio for hours {}.",
)
_DETAILS = (
    "yesterday",
    "on Sunday",
    "last week",
    "the other day",
    "on my day off",
    "with an old friend",
    "before it rained",
    "and enjoyed it",
)
_TEMPLATES = {sentence.format(detail): sentence for detail in _DETAILS for sentence in _SENTENCES}
"""All that the user may say, and the template of each; neighbours have different templates."""

_REPLIES = (
    "I like the sound of “{}”.",
    "“{}” – tell me how it went on.",
    "That stays with me: “{}”.",
    "What was the best of it, when you think of “{}”?",
    "You say “{}”, and I can picture it well.",
    "Good to hear. Was “{}” a surprise, or did you see it coming?",
    "“{}”: there must be a story behind that!",
    "I would not have guessed “{}”. What led up to it?",
    "How did you feel afterwards, about “{}”?",
    "So, “{}”. Do you often have days like that?",
    "There is much in “{}”. Which part matters most to you?",
    "Fair enough: “{}”. And what comes next?",
)


def play(call: "Call") -> str:
    """Answer `call` as the seat that asks would like it."""
    match task_of(call):
        case "Ranking":
            return json.dumps({"reason": "The fuller reply is better.", "ranking": _ranking(call)})
        case "Scores":
            aspects = ("style", "content", "engagement")
            return json.dumps({"reason": "It reads well enough.", **_scores(call, *aspects)})
        case "Overall":
            return json.dumps({"reason": "It reads well.", **_scores(call, "overall")})
        case "Alignment":
            return json.dumps({"reason": "It reads fine.", **_passes(call)})
        case "Revealed":
            said = [text.strip() for text in _USER_MESSAGE.findall(_question(call))[-1:]]
            return json.dumps({"facts": said, "traits": [], "withdrawn": []})
        case "Covered":
            return json.dumps({"facts": [1], "traits": []})
        case "Held":
            return json.dumps({"facts": [call.last.splitlines()[0]], "traits": []})
        case "Considered":
            return json.dumps({"thoughts": "A quiet sort.", "reply": _assistant(call)})
        case "Rewritten":
            return json.dumps({"critique": "Too plain.", "reply": _assistant(call)})
        case "user":
            return _user(call)
        case _:
            return _assistant(call)


def task_of(call: "Call") -> str:
    """Tell what `call` asks for: a key of `SEATS`, "user" or "assistant"."""
    if call.schema_name in SEATS:
        return call.schema_name
    question = _question(call)
    for key, task in _EXAMPLES.items():
        if key in question:
            return task
    return "user" if "You are playing" in call.system else "assistant"


def text_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message whose content is a text, parts of one, or nothing."""
    content = message.get("content")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _ranking(call: "Call") -> list[str]:
    """Rank the labels by the replies' texts only: the longer is better, then by alphabet."""
    replies = {label: text.strip() for label, text in _REPLY.findall(_question(call))}
    return sorted(replies, key=lambda label: (-len(replies[label]), replies[label]))


def _scores(call: "Call", *aspects: str) -> dict[str, int]:
    return {aspect: 1 + _drawn(aspect, _question(call)) % 5 for aspect in aspects}


def _passes(call: "Call") -> dict[str, bool]:
    aspects = ("naturalness", "relevance", "logic", "engagement", "informativeness")
    return {aspect: _drawn(aspect, _question(call)) % 4 > 0 for aspect in aspects}


def _user(call: "Call") -> str:
    """Say a sentence not yet said, if there is one, with a template not yet used, if there is."""
    said = {text_of(message).strip() for message in call.messages if _is_reply(message)}
    used = {_TEMPLATES.get(text) for text in said}
    sentences = list(_TEMPLATES)
    start = _drawn(canonical_json(call.messages), call.body.get("seed")) % len(sentences)
    turned = sentences[start:] + sentences[:start]
    return min(turned, key=lambda sentence: (sentence in said, _TEMPLATES[sentence] in used))


def _assistant(call: "Call") -> str:
    """Reply with the last words heard; so the models, seeds and temperatures of siblings tell."""
    settings = (call.body.get(key) for key in ("model", "seed", "temperature"))
    reply = _REPLIES[_drawn(canonical_json(call.messages), *settings) % len(_REPLIES)]
    words = re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", call.last)
    return reply.format(" ".join(words[-5:]) or "nothing")


def _question(call: "Call") -> str:
    """Return all that stands before the first answer."""
    before = takewhile(lambda message: not _is_reply(message), call.messages)
    return "\n".join(text_of(message) for message in before)


def _is_reply(message: Mapping[str, Any]) -> bool:
    """Tell whether the model said this; a simulated user's own messages are replies, too."""
    return message.get("role") == "assistant"


def _drawn(*parts: object) -> int:
    return int(short_hash(*parts), 16)
