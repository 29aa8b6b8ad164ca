"""Which attribute keys are kept for computed attributes: nobody else may set them."""

from typing import Final

PREFIX: Final = "computed."
SOURCE_PREFIX: Final = "computed:"


def is_computed_key(key: str) -> bool:
    """Whether an attribute key belongs to computed attributes: ``computed`` itself, and all below it."""
    return key == "computed" or key.startswith(PREFIX)


def attribute_key(key: str) -> str:
    """Return the attribute under which the values of a computed attribute are kept."""
    return PREFIX + key
