"""Keeping keys out of everything that is stored, shown or logged."""

import json
import re

_HIDDEN, _SHORTEST = "***", 4
_PASSWORD = re.compile(r"(?<=://)\S*@")
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|hf|gsk|ls|xai)[-_][A-Za-z0-9_-]{12,}|(?<=Bearer )\S{8,}")


def without_secrets(text: str, *secrets: str) -> str:
    """Return `text` with the given secrets, and whatever looks like a key, replaced."""
    for secret in secrets:
        # Also as an error quotes it, in Python's way or JSON's.
        for written in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
            if len(secret) > _SHORTEST:
                text = text.replace(written, _HIDDEN)
    return _LOOKS_LIKE_A_KEY.sub(_HIDDEN, text)


def without_passwords(text: str) -> str:
    """Return `text` with `***` for the name and password in any URL."""
    return _PASSWORD.sub(f"{_HIDDEN}@", text)
