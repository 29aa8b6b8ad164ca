"""What crosses the boundary of the tracking plan."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import SchemaError, SchemaValidator, core_schema

RULES_MAX = 200
CHOICES_MAX = 200
_Text = Annotated[str, Field(max_length=200)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class PlanMode(StrEnum):
    """What becomes of an event that is not as planned, the mildest first."""

    OFF = "off"
    WARN = "warn"  # Counted, and taken as it is.
    QUARANTINE = "quarantine"  # Kept aside, until it is let in or thrown away.
    REJECT = "reject"  # Refused at the door; nothing of it is kept.


class PlanType(StrEnum):
    """What a value should be; ``text`` that holds a number is text."""

    ANY = "any"
    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    LIST = "list"
    OBJECT = "object"


class Problem(StrEnum):
    """What is not as planned."""

    MISSING = "missing"
    WRONG_TYPE = "wrong_type"
    NOT_A_CHOICE = "not_a_choice"
    PATTERN = "pattern"
    TOO_LONG = "too_long"
    UNKNOWN_EVENT = "unknown_event"


class PropertyRule(_Frozen):
    """What one property should be; dots reach into objects, null is as good as missing.

    ``choices`` are compared as text; with a list, every entry is. ``pattern`` is searched for in text, in
    the syntax of Rust's ``regex``, which takes time linear in the text. ``max_length`` counts characters of
    text and entries of lists.
    """

    key: Annotated[str, Field(min_length=1, max_length=200)]
    required: bool = False
    type: PlanType = PlanType.ANY
    choices: Annotated[tuple[_Text, ...], Field(max_length=CHOICES_MAX)] = ()
    pattern: _Text = ""
    max_length: Annotated[int | None, Field(ge=1, le=65_536)] = None

    @field_validator("pattern")
    @classmethod
    def _can_be_searched_for(cls, pattern: str) -> str:
        try:
            compile_pattern(pattern)
        except SchemaError as error:
            raise ValueError(
                "this is not a regular expression (look-around and references are not taken)"
            ) from error
        return pattern


class SavePlan(_Frozen):
    """What events of one name should be."""

    mode: PlanMode
    properties: Annotated[tuple[PropertyRule, ...], Field(max_length=RULES_MAX)] = ()

    @field_validator("properties")
    @classmethod
    def _one_rule_a_key(cls, rules: tuple[PropertyRule, ...]) -> tuple[PropertyRule, ...]:
        if len({rule.key for rule in rules}) < len(rules):
            raise ValueError("a property has more than one rule")
        return rules


class EventPlan(SavePlan):
    """The plan of one event name."""

    name: str
    updated_at: datetime


class SourceRule(_Frozen):
    """What becomes of a source's ``track`` events that have no plan."""

    source: Annotated[str, Field(min_length=1, max_length=80)]
    unknown: PlanMode


class TrackingPlan(_Frozen):
    """Every plan and every source's rule."""

    events: tuple[EventPlan, ...]
    sources: tuple[SourceRule, ...]


class Violation(_Frozen):
    """One thing that is not as planned; ``shown`` is the value where it says nothing of a person."""

    problem: Problem
    key: str = ""
    shown: str = ""


class IssueSum(_Frozen):
    """How often something was not as planned, by kind; ``sample`` is the latest value that may be shown."""

    source: str
    name: str
    outcome: str  # warned, quarantined, rejected, or refused for another reason.
    problem: str
    key: str
    count: int
    sample: str
    last_at: datetime


class IssueDay(_Frozen):
    """What was not as planned on one day (UTC), by outcome."""

    day: str
    outcome: str
    count: int


class Issues(_Frozen):
    """What was not as planned in the last thirty days."""

    sums: tuple[IssueSum, ...]
    days: tuple[IssueDay, ...]


def compile_pattern(pattern: str) -> SchemaValidator:
    """Return a matcher whose time is linear in the text, whatever the pattern: a sender chooses the text.

    Raises:
        SchemaError: it is not a pattern.
    """
    return SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex"))
