"""What can be asked about behaviour, as typed questions. Days are those of the brand's time zone."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StrictInt, StrictStr, WithJsonSchema

from quanyu.kernel.ids import InvalidId, decode_id
from quanyu.modules.events.asking.comparisons import Frozen
from quanyu.modules.events.asking.fields import AttributeKey, FieldName
from quanyu.modules.events.asking.filters import FILTERS_MAX, NAMES_MAX, EventName, Filter

STEPS_MIN: Final = 2
STEPS_MAX: Final = 10
DAYS_MAX: Final = 366
PERIODS_MAX: Final = 90  # Columns of a retention table.
CELLS_MAX: Final = 10_000  # Of a retention table.
VALUES_MAX: Final = 20  # Of a breakdown; the rest is "other".
EDGES_MAX: Final = 30
PATH_STEPS_MAX: Final = 8
PATH_NAMES_MAX: Final = 100
LABEL_MAX: Final = 40
SEGMENT_PREFIX: Final = "seg"


def _segment_id(text: str) -> str:
    try:
        decode_id(SEGMENT_PREFIX, text)
    except InvalidId as error:
        raise ValueError(f"{text[:40]!r} is not the id of a segment ({SEGMENT_PREFIX}_…)") from error
    return text


SegmentId = Annotated[StrictStr, Field(max_length=40), AfterValidator(_segment_id)]


class EventChoice(Frozen):
    """Events of one or more names that meet every filter; each such event counts."""

    name: EventName | Annotated[tuple[EventName, ...], Field(min_length=1, max_length=NAMES_MAX)]
    where: Annotated[tuple[Filter, ...], Field(max_length=FILTERS_MAX)] = ()
    # What the step is called, where its events do not say it; counts nothing.
    label: Annotated[StrictStr, Field(max_length=LABEL_MAX)] = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The event names, at least one."""
        return (self.name,) if isinstance(self.name, str) else self.name


class LastDays(Frozen):
    """So many local days, today being the last of them."""

    kind: Literal["last_days"]
    days: Annotated[StrictInt, Field(ge=1, le=DAYS_MAX)]


class Dates(Frozen):
    """Local days from one date to another, both included; at most 366."""

    kind: Literal["dates"]
    from_: Annotated[date, Field(alias="from")]
    to: date


Period = Annotated[LastDays | Dates, Field(discriminator="kind")]


class ByEvent(Frozen):
    """Tell apart by a field of the event."""

    kind: Literal["event"]
    field: FieldName


class ByPerson(Frozen):
    """Tell apart by what an attribute of the person is now."""

    kind: Literal["person"]
    key: AttributeKey


Breakdown = Annotated[ByEvent | ByPerson, Field(discriminator="kind")]


class Group(Frozen):
    """One part of a breakdown: a value, no value, or all values beyond the 20 most frequent."""

    kind: Literal["value", "missing", "other"]
    value: str | int | float | bool | None = None


class Analysis(Frozen):
    """What every question has: a period, and the instant after which nothing counts."""

    period: Period = LastDays(kind="last_days", days=30)
    as_of: AwareDatetime | None = None  # Default: now. Repeat it to get the people of figures shown.
    # Only events that meet each of these, of people who are in the segment now; none: all.
    where: Annotated[tuple[Filter, ...], Field(max_length=FILTERS_MAX)] = ()
    segment: SegmentId | None = None


class FunnelOrder(StrEnum):
    """How the events of a funnel follow each other."""

    ORDERED = "ordered"  # Whatever happens between them.
    STRICT = "strict"  # No other event of a name in the funnel between them.
    ANY = "any"  # In any order; steps must not share an event name.


class WindowUnit(StrEnum):
    """Units of a conversion window; a day is 24 hours."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class ConversionWindow(Frozen):
    """How long after the first event the last one may happen, that instant included; at most 366 days."""

    amount: Annotated[StrictInt, Field(ge=1, le=DAYS_MAX * 86_400)]
    unit: WindowUnit


class Funnel(Analysis):
    """How many people come from one step to the next."""

    steps: Annotated[tuple[EventChoice, ...], Field(min_length=STEPS_MIN, max_length=STEPS_MAX)]
    order: FunnelOrder = FunnelOrder.ORDERED
    window: ConversionWindow = ConversionWindow(amount=7, unit=WindowUnit.DAYS)
    breakdown: Breakdown | None = None


class FunnelPeople(Frozen):
    """Who reached a step, or reached it and no further."""

    query: Funnel
    step: Annotated[StrictInt, Field(ge=1, le=STEPS_MAX)]
    which: Literal["reached", "dropped"]
    group: Group | None = None


class RetentionMode(StrEnum):
    """When somebody counts as retained in period n after the first event."""

    ON = "on"  # N-day: in the n-th calendar period.
    ON_OR_AFTER = "on_or_after"  # Unbounded: in the n-th calendar period or any later one.
    ROLLING = "rolling"  # In the n-th span of 24 hours (or 7 times that) since the first event.


class Unit(StrEnum):
    """Calendar periods in the brand's time zone; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Entry(StrEnum):
    """Which first events open a cohort."""

    FIRST_EVER = "first_ever"  # The person's first such event of all history.
    EVERY = "every"  # The first one of each calendar period.


class Retention(Analysis):
    """How many of those who did one thing came back to do another."""

    first: EventChoice
    back: EventChoice
    unit: Unit = Unit.DAY
    periods: Annotated[StrictInt, Field(ge=1, le=PERIODS_MAX)] = 7
    mode: RetentionMode = RetentionMode.ON
    entry: Entry = Entry.FIRST_EVER


class RetentionPeople(Frozen):
    """Who is in a cohort: all, those retained in period ``n``, or those not."""

    query: Retention
    cohort: date
    n: Annotated[StrictInt, Field(ge=0, le=PERIODS_MAX)] = 0
    which: Literal["all", "retained", "lost"] = "all"


class Measure(StrEnum):
    """What a trend counts."""

    EVENTS = "events"  # Also those of nobody known.
    PEOPLE = "people"
    SUM = "sum"
    AVG = "avg"
    UNIQUE = "unique"  # How many different values of a field; orders without a number differ by message.


class Trend(Analysis):
    """How a figure goes from period to period."""

    event: EventChoice
    measure: Measure = Measure.EVENTS
    field: FieldName | None = None  # Of sum, avg and unique.
    unit: Unit = Unit.DAY
    compare: bool = False  # With as many days just before.
    breakdown: Breakdown | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None  # Of sums of revenue.


class TrendPeople(Frozen):
    """Who is behind one bucket, or (without ``bucket``) behind the whole period."""

    query: Trend
    bucket: date | None = None
    previous: bool = False
    group: Group | None = None


class Spread(StrEnum):
    """What a distribution tells of each person."""

    TIMES = "times"  # How many such events.
    DAYS = "days"  # On how many local days.
    SUM = "sum"  # Of a field; people without a number in it are left out.


# Numbers or decimal text come in, text goes out; written as one schema, for one type on the other side.
Edge = Annotated[Decimal, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})]


class DistributionQuestion(Analysis):
    """How many people did something how often, on how many days, or for how much."""

    event: EventChoice
    of: Spread = Spread.TIMES
    field: FieldName | None = None  # Of sums.
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None  # Of sums of revenue.
    # Where buckets begin, ascending; the last one has no end. Default: chosen for the figures.
    edges: Annotated[tuple[Edge, ...], Field(min_length=1, max_length=EDGES_MAX)] | None = None


class DistributionPeople(Frozen):
    """Who is in a bucket of an answer: name its ``edges`` in the question; 0 is below the first."""

    query: DistributionQuestion
    bucket: Annotated[StrictInt, Field(ge=0, le=EDGES_MAX)]


class Direction(StrEnum):
    """Where paths lead from their anchor."""

    AFTER = "after"  # From the first anchor of the period onwards.
    BEFORE = "before"  # From the last one backwards.


class Paths(Analysis):
    """What people do step by step after an event, or before it."""

    anchor: EventChoice
    direction: Direction = Direction.AFTER
    steps: Annotated[StrictInt, Field(ge=1, le=PATH_STEPS_MAX)] = 4
    # How far from the anchor a step may lie, that instant included.
    window: ConversionWindow = ConversionWindow(amount=1, unit=WindowUnit.DAYS)
    # Which events are steps: of these names (none: of any), without those; anchors always are.
    names: Annotated[tuple[EventName, ...], Field(max_length=PATH_NAMES_MAX)] = ()
    without: Annotated[tuple[EventName, ...], Field(max_length=PATH_NAMES_MAX)] = ()
    merges_repeats: bool = True  # The same name several times in a row is one step.
    top: Annotated[StrictInt, Field(ge=1, le=VALUES_MAX)] = 6  # Names told apart at each step.


class PathPoint(Frozen):
    """One place on paths: a name, all other names of that step, or the end of the path."""

    kind: Literal["name", "other", "end"]
    name: str = ""


class PathsPeople(Frozen):
    """Who was at a point at a step (0: the anchor), or went from there to the next one."""

    query: Paths
    step: Annotated[StrictInt, Field(ge=0, le=PATH_STEPS_MAX)]
    at: PathPoint
    next: PathPoint | None = None


def dump(part: Frozen) -> dict[str, Any]:
    """Return a part of a question as plain JSON, without what was left out."""
    return part.model_dump(mode="json", by_alias=True, exclude_unset=True)
