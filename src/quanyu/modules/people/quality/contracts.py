"""What crosses the boundary of quality: rules for values, faults, and what was counted."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quanyu.modules.people.contracts import AttributeClass

KEYS_MAX = 200  # Attributes judged: those of most people.
RULES_MAX = 200
SHARED_MAX = 100  # Values of an identifier that several people have, the most shared first.


class ValueKind(StrEnum):
    """What an attribute's values are."""

    ANY = "any"
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"  # A day that has been: a birthday, the day somebody joined.
    PHONE = "phone"
    EMAIL = "email"
    ID_NUMBER = "id_number"  # Of a mainland resident's identity card.


class Finding(StrEnum):
    """What can be wrong with an attribute of a person."""

    MISSING = "missing"
    PLACEHOLDER = "placeholder"
    WRONG_TYPE = "wrong_type"
    BAD_FORMAT = "bad_format"
    NOT_ALLOWED = "not_allowed"
    OUT_OF_RANGE = "out_of_range"
    IN_FUTURE = "in_future"
    STALE = "stale"
    CONFLICT = "conflict"
    SHARED = "shared"


# What is wrong with a value itself, whoever has it.
FAULTS = (
    Finding.PLACEHOLDER,
    Finding.WRONG_TYPE,
    Finding.BAD_FORMAT,
    Finding.NOT_ALLOWED,
    Finding.OUT_OF_RANGE,
    Finding.IN_FUTURE,
)

_Text = Annotated[str, Field(min_length=1, max_length=200)]


class AttributeRule(BaseModel):
    """What a brand expects of one attribute. ``kind`` is told from the key where it is not said.

    ``wanted`` is the share of people who should have it; ``weight`` how much it counts, 0 leaves it out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: _Text
    kind: ValueKind | None = None
    allowed: Annotated[tuple[_Text, ...], Field(max_length=200)] = ()
    minimum: float | None = None
    maximum: float | None = None
    fresh_days: Annotated[int | None, Field(ge=1, le=3_650)] = None
    wanted: Annotated[float, Field(gt=0, le=1)] = 1.0
    weight: Annotated[float, Field(ge=0, le=10)] = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("minimum must not be above maximum")
        return self


@dataclass(slots=True)
class FromSource:
    """Values of people that a source told, and how many of them are wrong."""

    filled: int = 0
    faulty: int = 0


@dataclass(slots=True)
class AttributeTally:
    """What was counted of one attribute: people, each by the value that counts of them."""

    key: str
    attribute_class: AttributeClass
    filled: int = 0
    stale: int = 0
    conflicts: int = 0  # Sources say different things of them.
    overwritten: int = 0  # Another value was told of them before.
    shared: int = 0  # Somebody else has the same identifier.
    faults: Counter[Finding] = field(default_factory=Counter)
    sources: dict[str, FromSource] = field(default_factory=dict)
    shared_tokens: tuple[str, ...] = ()  # Keyed digests of shared values; they tell nothing without the key.

    @property
    def faulty(self) -> int:
        """People whose value is wrong in itself."""
        return self.faults.total()


@dataclass(slots=True)
class PeopleTally:
    """Everything counted of a brand's people."""

    people: int = 0
    attributes: dict[str, AttributeTally] = field(default_factory=dict)
