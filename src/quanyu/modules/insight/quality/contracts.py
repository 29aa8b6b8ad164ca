"""What crosses the boundary of data quality."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.studies.contracts import Frozen, StudySummary
from quanyu.modules.people.quality.contracts import RULES_MAX, AttributeRule, Finding, ValueKind

SOURCE_DAYS = 30


class Part(StrEnum):
    """What a score is made of; ``scoring.py`` has the weights."""

    COMPLETE = "complete"
    VALID = "valid"
    FRESH = "fresh"
    AGREED = "agreed"
    UNIQUE = "unique"
    KNOWN = "known"
    TAKEN = "taken"
    PLANNED = "planned"
    ON_TIME = "on_time"
    ONCE = "once"


class SourceFinding(StrEnum):
    """What can be wrong with a source."""

    FAULTY = "faulty"  # Values of people that are none.
    UNRESOLVED = "unresolved"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"
    OFF_PLAN = "off_plan"
    LATE = "late"
    DUPLICATES = "duplicates"
    DIFFERS = "differs"


class QualitySettings(Frozen):
    """What the brand expects. ``fresh_days`` holds for attributes without days of their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fresh_days: Annotated[int, Field(ge=1, le=3_650)] = 365
    placeholders: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=100)], ...], Field(max_length=100)
    ] = ()
    rules: Annotated[tuple[AttributeRule, ...], Field(max_length=RULES_MAX)] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        keys = [one.key for one in self.rules]
        if len(keys) != len(set(keys)):
            raise ValueError("an attribute has one rule")
        return self


class ScorePart(Frozen):
    """One part of a score, 0 to 1, and its weight."""

    part: Part
    value: float
    weight: float


class AttributeFinding(Frozen):
    """What is wrong with an attribute: of how many people, and the points of its score that costs."""

    finding: Finding
    people: int
    share: float
    costs: float


class AttributeQuality(Frozen):
    """One attribute. ``told_by`` are people by source of the value that counts."""

    key: str
    kind: ValueKind
    is_sealed: bool
    weight: float
    score: float
    filled: int
    overwritten: int
    parts: tuple[ScorePart, ...]
    findings: tuple[AttributeFinding, ...]
    told_by: dict[str, int]
    history: tuple[tuple[datetime, float], ...] = ()


class SourceQualityFinding(Frozen):
    """What is wrong with what a source brings."""

    finding: SourceFinding
    count: int
    share: float
    costs: float


class SourceQuality(Frozen):
    """One source: events of the last 30 days, and values of people that it told."""

    source: str
    score: float
    events: int
    values: int
    parts: tuple[ScorePart, ...]
    findings: tuple[SourceQualityFinding, ...]
    history: tuple[tuple[datetime, float], ...] = ()


class QualityPoint(Frozen):
    """The scores of one local day."""

    day: date
    score: float | None
    attributes: float | None
    sources: float | None


class QualityCard(Frozen):
    """Everything judged; scores are ``None`` where there is nothing to judge."""

    people: int
    score: float | None
    attributes_score: float | None
    sources_score: float | None
    attributes: tuple[AttributeQuality, ...]
    sources: tuple[SourceQuality, ...]
    history: tuple[QualityPoint, ...]
    shared_tokens: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class QualitySummary(StudySummary[QualityCard, QualitySettings]):
    """The last judgement."""
