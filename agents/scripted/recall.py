"""The recall judge: does a reply make use of what this user has told?

It is held out: it shares no code, word list or template with the scripted judge that preferences
come from, so a reply cannot learn to please the one by pleasing the other. It looks at nothing but
words. A reply that recites all it was told scores high, so it is to be read beside the length of
replies, and matched against mismatched personas.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import cache, lru_cache
from math import exp, log
from random import Random

from agents.seats import JudgeBrief, Judgement
from dialogues.persona import Profile
from dialogues.pool import load_pool
from dialogues.verdict import Verdict

Stems = frozenset[str]

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_ENDING = re.compile(r"(?<=\w{3})(?:i?es|ings?|i?ed|s|ly|y|e)$")
_DOUBLED = re.compile(r"(\D)\1$")
_EMPTY = frozenset(
    {
        "about", "after", "again", "all", "also", "always", "and", "another", "any", "anything",
        "are", "around", "ask", "asked", "back", "been", "before", "being", "both", "but",
        "came", "can", "come", "could", "did", "does", "doing", "done", "down", "each",
        "either", "else", "enough", "even", "ever", "every", "few", "first", "for", "from",
        "gave", "get", "gets", "give", "given", "goes", "going", "gone", "good", "got", "great",
        "had", "has", "have", "having", "hear", "hello", "her", "here", "hers", "him", "his",
        "how", "into", "its", "just", "keep", "kept", "know", "known", "last", "less", "let",
        "like", "likes", "little", "long", "lot", "made", "make", "makes", "many", "may",
        "maybe", "mean", "might", "more", "most", "much", "must", "never", "new", "next",
        "nice", "nobody", "not", "nothing", "now", "off", "often", "okay", "once", "one",
        "only", "other", "our", "out", "over", "own", "people", "put", "quite", "rather",
        "really", "right", "said", "same", "say", "says", "see", "seem", "seems", "she",
        "should", "since", "some", "somebody", "something", "sometimes", "soon", "still",
        "such", "sure", "take", "taken", "takes", "talk", "tell", "than", "thank", "that",
        "the", "their", "them", "themselves", "then", "there", "these", "they", "thing",
        "things", "think", "this", "those", "though", "thought", "through", "time", "times",
        "told", "too", "took", "two", "under", "until", "upon", "use", "used", "usually",
        "very", "want", "wants", "was", "way", "well", "went", "were", "what", "when", "where",
        "which", "while", "who", "whole", "why", "will", "with", "without", "would", "yes",
        "yet", "you", "your", "yours", "yourself"
    }
)  # fmt: skip
_NAME = re.compile(r"(?:[A-Z][\w'’-]*\s+)+")
_REVEALED = 0.6
_HEARD_JUST_NOW = 0.5
# So a fact of the usual rarity, named in full and not just heard, scores between 3 and 3.5.
_ONE_FACT = 34.0


class RecallJudge:
    """Scores replies 1-5 on `recall`: words of revealed facts, the rarer the more they count."""

    roles = ()

    async def judge(self, brief: JudgeBrief) -> Judgement:
        """Rank the replies; where nothing was revealed all score 1 and tie."""
        revealed = frozenset[str]().union(*_revealed(brief))
        latest = _stems(brief.history[-1].content)
        scores = {
            candidate.key: {"recall": _score(_stems(candidate.text) & revealed, latest)}
            for candidate in brief.candidates
        }
        return Judgement(verdict=Verdict.from_scores(scores))


def _score(named: Stems, latest: Stems) -> float:
    """Map the named words to 1-5; those of the latest message take no memory and count less."""
    worth = _rarity_of(named - latest) + _HEARD_JUST_NOW * _rarity_of(named & latest)
    return round(1 + 4 * (1 - exp(-worth / _ONE_FACT)), 2)


def _revealed(brief: JudgeBrief) -> list[Stems]:
    """Return the facts whose words the user's messages cover.

    Where another persona spoke, these are as many of this persona's facts, drawn by the seed: a
    reply must not score low for them only because nobody could have told them.
    """
    said = (turn.content for turn in brief.history if turn.role == "user")
    heard = frozenset[str]().union(*map(_stems, said))
    speaker = brief.speaker or brief.persona
    told = [fact for fact in _facts(speaker.profile) if _coverage(fact, heard) >= _REVEALED]
    if speaker == brief.persona:
        return told
    own = _facts(brief.persona.profile)
    return Random(brief.seed).sample(own, min(len(told), len(own)))


def _coverage(fact: Stems, heard: Stems) -> float:
    return _rarity_of(fact & heard) / (_rarity_of(fact) or 1.0)


@lru_cache(maxsize=4096)
def _facts(profile: Profile) -> tuple[Stems, ...]:
    """Return the words of each fact, without the person's name, which nobody says of themselves."""
    name = _NAME.match(profile.text)
    own = _stems(name[0]) if name else frozenset[str]()
    return tuple(_stems(fact.text) - own for fact in profile.facts)


def _rarity_of(stems: Iterable[str]) -> float:
    """Sum the inverse document frequencies of some words, in nats."""
    frequency, total = _frequencies()
    # Sorted, since a sum of floats depends on its order, and a set's differs between processes.
    return sum(log(total / frequency.get(stem, 1)) for stem in sorted(stems))


@cache
def _frequencies() -> tuple[Counter[str], int]:
    """Count in how many facts of the shipped profiles each word stands, and the facts."""
    facts = [_stems(fact.text) for profile in load_pool().profiles for fact in profile.facts]
    return Counter(stem for fact in facts for stem in fact), len(facts)


@lru_cache(maxsize=16384)
def _stems(text: str) -> Stems:
    words = (re.split(r"['’]", word)[0] for word in _WORD.findall(text.lower()))
    return frozenset(_stem(word) for word in words if _tells(word))


def _tells(word: str) -> bool:
    return word.isdigit() or (len(word) > 2 and word not in _EMPTY)


def _stem(word: str) -> str:
    return _DOUBLED.sub(r"\1", _ENDING.sub("", word))
