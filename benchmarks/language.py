"""Language checks: faults that no message of a scripted agent may have."""

import re

_FAULTS = {
    "doubled word": r"\b([a-z]+) \1\b(?! (?:had|that))",
    "verb of another person": r"(?<!and )\bI (?:are|is|has|does|goes|keeps|lives|works|makes)\b"
    r"|(?<!from )(?<!to )\byou (?:am|is|was|has|does|keeps|lives|works|makes|takes|runs|owes)\b",
    "pronoun doubled": r"\b(?:my|your|his|her|their) (?:my|your|his|her|their|I|me|you)\b",
    "contraction broken": r"\b(?:I're|you'm|I's|amn't|ai n't)|\w' (?:m|s|re)\b",
    "small i": r"(?<![.\w])i\b(?![.'])",
    "template left open": r"[{}]",
    "spacing": r"  | [.,!?]|[.!?][A-Za-z]{2}(?![.])",
    "fragment doubled": r"([^.!?]{12,}[.!?]) \1",
    "sentence without capital": r"[.!?] [a-z]",
}
_ABBREVIATION = re.compile(
    r"\b(?:[A-Z]\.){1,3}[A-Z]?\.?|\b(?:Mr|Mrs|Dr|Prof|St|a\.m|p\.m)\.|\d\.\d"
)


def faults(text: str) -> list[str]:
    """Name the faults of a message, with the words that show them."""
    plain = _ABBREVIATION.sub("X", text)
    return [
        f"{name}: {found[0]!r}"
        for name, form in _FAULTS.items()
        if (found := re.search(form, plain))
    ]
