"""Keeping keys out of everything that is stored, shown or logged."""

import re

_HIDDEN = "***"
_LOOKS_LIKE_A_KEY = re.compile(r"\b(?:sk|hf|gsk|ls|xai)[-_][A-Za-z0-9_-]{12,}|(?<=Bearer )\S{8,}")


def without_secrets(text: str, *secrets: str) -> str:
    """Return `text` with the given secrets, and whatever looks like a key, replaced."""
    for secret in secrets:
        if len(secret) > 4:
            text = text.replace(secret, _HIDDEN)
    return _LOOKS_LIKE_A_KEY.sub(_HIDDEN, text)
