"""Turning statements about a person into the first person, and back at them in the second."""

import re

import regex

from dialogues.persona import Profile
from dialogues.prose import BASE_FORM, NEVER_NAMES

_SETS = {
    "he": {"he": "I", "him": "me", "his": "my", "himself": "myself"},
    "she": {"she": "I", "her": "my", "hers": "mine", "herself": "myself"},
    "they": {
        "they": "I", "them": "me", "their": "my", "theirs": "mine",
        "themself": "myself", "themselves": "myself",
    },
}  # fmt: skip
_THIRD_PERSON = frozenset(word for forms in _SETS.values() for word in forms)
_IRREGULAR = {
    "is": "am", "are": "am", "were": "was", "has": "have", "does": "do", "isn't": "'m not",
    "aren't": "'m not", "weren't": "wasn't", "hasn't": "haven't", "doesn't": "don't",
}  # fmt: skip
_PAST = frozenset(
    {
        "had", "did", "can", "will", "grew", "left", "lost", "spent", "won", "came", "went", "ran",
        "made", "took", "became", "built", "taught", "sold", "kept", "met", "fell", "wrote"
    }
)  # fmt: skip
_CONTRACTED = {"'s": "'m", "'re": "'m", "'ve": "'ve", "'d": "'d", "'ll": "'ll"}
_ADVERBS = frozenset(
    {
        "also", "always", "even", "just", "never", "now", "often", "once", "rarely",
        "sometimes", "still"
    }
)  # fmt: skip
_WORD = regex.compile(r"\p{L}+n't|\p{L}+(?:-\p{L}+)*|'\p{Ll}+|[^\p{L}']+|'")
_AFTER_OBJECT = frozenset(
    {
        "a", "about", "after", "an", "and", "as", "at", "before", "but", "by", "during", "for",
        "from", "in", "of", "on", "or", "that", "the", "this", "to", "when", "while", "with"
    }
)  # fmt: skip
_KIN = re.compile(
    r"\b(husband|wife|partner|son|daughter|mother|father|brother|sister|cousin|friend|uncle|aunt|"
    r"grandmother|grandfather|grandson|granddaughter|boyfriend|girlfriend|neighbou?r|boss|colleague|"
    r"twin|nephew|niece|nan|gran|stepson|stepdaughter|[a-z]+-in-law)\b"
)
_UNTURNED = re.compile(
    r"\b(?:and|but|or) (?:[a-z]+ly )?(?:(?:has|is|does|goes|enjoys|lives)\b|"
    r"(?!as|this|his|its|us|yes)[a-z]+[^s\W]s (?:an?|the|my|it|them|up|out|off|down|away|back)\b)"
)
_OF_ONESELF = re.compile(r"\b(?:I|[Mm]e|[Mm]y|[Mm]ine|[Mm]yself|[Ww]e|[Oo]ur|[Uu]s)\b")
_NAMING = "name|name is|named|nicknamed?|call(?:s|ed)?(?: him| her| them)?|as|by"
_NAMES = regex.compile(r"(\p{Lu}[\w-]+)(?: (\p{Lu}(?:'\p{Lu})?[\w-]+))?")
_SECOND = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "our": "your", "am": "are", "'m": "'re", "was": "were",
}  # fmt: skip


def first_person(statement: str, profile: Profile) -> str | None:
    """Let the person of `profile` say `statement` of themselves.

    Returns:
        "I keep bees." for "She keeps bees."; None where a pronoun may mean somebody else, the
        statement quotes, or it does not speak of the person at all.
    """
    forms = _SETS[_pronoun(profile)]
    name, statement = _with_first_name(statement.replace("’", "'"), profile)
    if not _is_safe(statement, forms, name):
        return None
    words = _WORD.findall(statement)
    spoken: list[str] = []
    verb_is_due = False
    for index, word in enumerate(words):
        rest = words[index + 1 :]
        if word.lower() in forms or word == name:
            own = "I" if word == name else _own_form(word, rest, forms)
            if own == "me" and "I" in spoken:
                # Said of themselves it would be reflexive, so this is somebody else.
                return None
            spoken.append(own)
            verb_is_due = own == "I"
        elif verb_is_due and word.strip() and not _is_adverb(word.lower()):
            spoken.append(_own_verb(word, rest))
            verb_is_due = False
        else:
            spoken.append(word)
    sentence = "".join(spoken).replace(" 'm", "'m").strip()
    if "I" in spoken and _UNTURNED.search(sentence):
        # A later verb nobody listed would stay in the third person: "I am 18 and scrapes a hull."
        return None
    return sentence[:1].upper() + sentence[1:] if _OF_ONESELF.search(sentence) else None


def second_person(statement: str) -> str:
    """Say a first-person statement back to its speaker: "I keep bees." gives "you keep bees"."""
    words = _WORD.findall(statement.strip().rstrip(".!?").replace("’", "'"))
    turned = [_SECOND.get(word.lower(), word) for word in words]
    return "".join(turned)


def _pronoun(profile: Profile) -> str:
    found = re.findall(r"\b(he|she|they)\b", profile.text.lower())
    return max(_SETS, key=found.count) if found else "they"


def own_names(profile: Profile) -> tuple[str, str]:
    """Return first name and surname if the profile opens with them, else empty texts."""
    text = profile.text.replace("’", "'")
    found = _NAMES.match(text)
    if found is None or found[1].lower() in (_THIRD_PERSON | NEVER_NAMES):
        return "", ""
    return (found[1], found[2] or "") if _is_subject(text[found.end() :]) else ("", "")


def _is_subject(rest: str) -> bool:
    """Tell whether what follows a capital word is what follows a name: a verb, or an insertion."""
    following = re.match(r"(?:,|'|(?: [a-z]+ly)? ([a-z]+))", rest)
    if following is None or following[1] is None:
        return following is not None
    word = following[1]
    return word in (_IRREGULAR.keys() | BASE_FORM.keys() | _ADVERBS | _PAST) or word.endswith("ed")


def _with_first_name(statement: str, profile: Profile) -> tuple[str, str]:
    first, surname = own_names(profile)
    if surname:
        statement = statement.replace(f"{first} {surname}", first)
        statement = re.sub(rf"^{re.escape(surname)}\b", first, statement)
    return first, statement


def _is_safe(statement: str, forms: dict[str, str], name: str) -> bool:
    words = [word.lower() for word in re.findall(r"[A-Za-z]+", statement)]
    foreign = _THIRD_PERSON - forms.keys()
    if foreign & set(words) or re.search(r'["“”]', statement):
        return False
    if name and (
        len(re.findall(rf"\b{re.escape(name)}\b", statement)) > 1
        or re.search(rf"\b(?:{_NAMING}) {re.escape(name)}\b|\b{re.escape(name)}'s", statement)
    ):
        return False
    kin = _KIN.search(statement)
    after = re.findall(r"[a-z]+", statement[kin.end() :].lower()) if kin else []
    return not forms.keys() & set(after)


def _own_form(word: str, rest: list[str], forms: dict[str, str]) -> str:
    if word.lower() != "her":
        return forms[word.lower()]
    following = next((each for each in rest if each.strip()), ".")
    is_object = not following[0].isalpha() or following.lower() in _AFTER_OBJECT
    return "me" if is_object else "my"


def _is_adverb(word: str) -> bool:
    return word in _ADVERBS or word.endswith("ly")


def _own_verb(word: str, rest: list[str]) -> str:
    lower = word.lower()
    if lower in _CONTRACTED:
        following = next((each for each in rest if each.strip()), "")
        return "'ve" if lower == "'s" and following.endswith("ed") else _CONTRACTED[lower]
    if lower in _IRREGULAR:
        return _IRREGULAR[lower]
    return BASE_FORM.get(lower) or _uninflected(word)


def _uninflected(verb: str) -> str:
    if not verb.endswith("s") or verb.endswith(("ss", "us")) or verb in ("was", "is"):
        return verb
    if verb.endswith("ies") and len(verb) > 4:
        return verb[:-3] + "y"
    if verb.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return verb[:-2]
    return verb[:-1]
