"""Text that every database takes."""

from typing import Annotated

from pydantic import AfterValidator


def storable(text: str) -> str:
    """Replace what no database stores: NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


StorableText = Annotated[str, AfterValidator(storable)]
"""A model's field of such text."""
