"""Answers about behaviour. Amounts are decimal text; shares are left to whoever shows them."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from quanyu.modules.insight.behaviour.language import Group, PathPoint
from quanyu.modules.people.contracts import PersonRow


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Answer(_Frozen):
    """What every answer says: of which days, seen when. Repeat ``as_of`` to get the people of its figures."""

    as_of: datetime
    first_day: date
    last_day: date
    time_zone: str
    took_ms: int


class FunnelSeries(_Frozen):
    """People who reached each step, of everybody or of one group."""

    group: Group | None
    reached: tuple[int, ...]


class FunnelAnswer(Answer):
    """A funnel: everybody, and the groups of its breakdown, the largest first.

    With a breakdown by event a person counts in each group they entered from, so groups may add up to more.
    """

    total: FunnelSeries
    groups: tuple[FunnelSeries, ...]


class RetentionCell(_Frozen):
    """People retained in period ``n``; not complete where time may still bring more."""

    n: int
    people: int
    is_complete: bool


class CohortRow(_Frozen):
    """Those whose first event lies in one calendar unit; cells that have not begun are left out."""

    cohort: date
    people: int
    cells: tuple[RetentionCell, ...]


class RetentionTotal(_Frozen):
    """All cohorts whose cell ``n`` is complete: their people, and how many of them were retained."""

    n: int
    people: int
    retained: int


class RetentionAnswer(Answer):
    """A retention table, the earliest cohort first."""

    cohorts: tuple[CohortRow, ...]
    totals: tuple[RetentionTotal, ...]


class TrendFigure(_Frozen):
    """One figure; ``value`` is decimal text, ``None`` for the average of nothing."""

    value: str | None
    events: int
    people: int


class TrendBucket(TrendFigure):
    """The figure of one calendar unit, or of the part of it asked about."""

    bucket: date
    is_complete: bool


class TrendSeries(_Frozen):
    """Figures of everybody or of one group; people of the total count once."""

    group: Group | None
    total: TrendFigure
    buckets: tuple[TrendBucket, ...]


class TrendAnswer(Answer):
    """A trend; ``previous`` is that of as many days just before."""

    currency: str | None
    other_currencies: tuple[str, ...]
    total: TrendSeries
    previous: TrendSeries | None
    groups: tuple[TrendSeries, ...]


class DistributionBucket(_Frozen):
    """People whose number lies in [begins, ends); ``None`` where there is no such border."""

    begins: str | None
    ends: str | None
    people: int


class DistributionAnswer(Answer):
    """A distribution; numbers are decimal text.

    ``median`` and ``p90`` are numbers of real people: of n in ascending order those at ⌊n/2⌋ and ⌊0.9·n⌋,
    counted from 0; ``None`` where there is nobody. ``edges`` are those used: repeat them to get people.
    """

    currency: str | None
    other_currencies: tuple[str, ...]
    people: int
    mean: str | None
    median: str | None
    p90: str | None
    edges: tuple[str, ...]
    buckets: tuple[DistributionBucket, ...]


class PathFlow(_Frozen):
    """People at a point at a step (0: the anchor), going on to the next one; none where the path is full."""

    step: int
    at: PathPoint
    next: PathPoint | None
    people: int


class PathsAnswer(Answer):
    """Paths of everybody with an anchor; the flows from one point add up to the people at it."""

    people: int
    flows: tuple[PathFlow, ...]


class FigurePeople(_Frozen):
    """The people behind a figure, by person id.

    ``definition`` selects the same people as a segment; ``None`` where the language of segments cannot.
    """

    items: tuple[PersonRow, ...]
    next_cursor: str | None
    total: int
    as_of: datetime
    definition: dict[str, Any] | None
