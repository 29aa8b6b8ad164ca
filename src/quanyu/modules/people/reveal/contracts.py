"""What is asked when somebody wants to see identifiers in full, and what is told."""

from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

FIELDS_MAX: Final = 10  # Of one call.
REVEALS_SHOWN: Final = 100

# An attribute's key, or the namespace of identifiers, as the profile names them.
FieldName = Annotated[
    str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Reveal(_Frozen):
    """Which fields to show in full, and what for."""

    fields: Annotated[tuple[FieldName, ...], Field(min_length=1, max_length=FIELDS_MAX)]
    reason: Annotated[str, StringConstraints(min_length=2, max_length=200, strip_whitespace=True)]


class RevealedValue(_Frozen):
    """One value in full. ``scope`` is the app an identifier belongs to; empty for attributes."""

    field: str
    scope: str
    value: str


class Revealed(_Frozen):
    """Everything the person has of the fields; fields they have nothing of are left out."""

    items: tuple[RevealedValue, ...]


class RevealNote(_Frozen):
    """Who saw what of a person, when and why."""

    fields: tuple[str, ...]
    reason: str
    actor: str
    at: datetime


class RevealNotes(_Frozen):
    """The latest ones, newest first."""

    items: tuple[RevealNote, ...]
