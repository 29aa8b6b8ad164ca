"""What an operator may choose about RFM, and what crosses the boundary of its further figures."""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quanyu.modules.insight.classes import CODES, HIGH
from quanyu.modules.insight.studies.contracts import StudyMove
from quanyu.modules.insight.warehouse_queries import COMPLETED

SCORES: Final = 5
DAYS_MAX: Final = 36_500
CHANNELS_MAX: Final = 50  # Channels shown, those with most buyers first.
_BORDERS: Final = SCORES - 1


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Scoring(StrEnum):
    """How a figure becomes a score from 1 to 5."""

    QUANTILES = "quantiles"
    BREAKPOINTS = "breakpoints"


_Day = Annotated[int, Field(ge=0, le=DAYS_MAX)]
_Count = Annotated[int, Field(ge=1, le=1_000_000)]
_Amount = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=4)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]


class Breakpoints(_Command):
    """Four borders for each figure, the least demanding last for days and first for the others."""

    # At most the first is score 5, at most the second 4, …; more than the last is 1.
    recency_days: tuple[_Day, _Day, _Day, _Day] = (30, 90, 180, 365)
    # At least the first is score 2, at least the second 3, …; less than the first is 1.
    frequency: tuple[_Count, _Count, _Count, _Count] = (2, 3, 5, 10)
    monetary: tuple[_Amount, _Amount, _Amount, _Amount] = (
        Decimal(100),
        Decimal(300),
        Decimal(1000),
        Decimal(3000),
    )

    @model_validator(mode="after")
    def _rise(self) -> "Breakpoints":
        for name in ("recency_days", "frequency", "monetary"):
            if any(one >= other for one, other in pairwise(getattr(self, name))):
                raise ValueError(f"the borders of {name} rise from the first to the last")
        return self


class RfmSettings(_Command):
    """What counts, and how it is scored; the next computation goes by it."""

    scoring: Scoring = Scoring.QUANTILES
    breakpoints: Breakpoints = Breakpoints()
    high_from: Annotated[int, Field(ge=2, le=SCORES)] = HIGH  # From this score on a figure is high.
    events: Annotated[tuple[_Name, ...], Field(min_length=1, max_length=10)] = (COMPLETED,)
    channels: Annotated[tuple[str, ...], Field(max_length=20)] = ()  # None chosen: all; "" states none.
    window_days: Annotated[int, Field(ge=1, le=DAYS_MAX)] | None = None  # Only what was bought since.
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None  # None: the brand's.


class ScoreBorder(_Frozen):
    """The least and the greatest figure that has a score now; amounts are decimal text."""

    figure: str  # recency_days, frequency, monetary
    score: int
    least: str
    greatest: str
    people: int


class RfmChannel(_Frozen):
    """Buyers of one channel, scored among themselves; "" is orders that state none."""

    channel: str
    people: int
    orders: int
    revenue: str
    classes: dict[str, int]


class RfmChannels(_Frozen):
    """Every channel, those with most buyers first; somebody who buys in two is in both."""

    currency: str
    items: tuple[RfmChannel, ...]


class AskChannelPeople(_Command):
    """The buyers of one channel who are of a class there."""

    channel: Annotated[str, Field(max_length=200)]
    label: str | None = None


class AskMovement(_Command):
    """Movement from the end of one local day to the end of another; today is as of now."""

    from_day: date
    to_day: date
    channel: Annotated[str, Field(max_length=200)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> "AskMovement":
        if not date(1970, 1, 2) <= self.from_day < self.to_day <= date(2200, 1, 1):
            raise ValueError("from_day is earlier than to_day")
        return self


class AskMovementPeople(AskMovement):
    """The people of a cell; "" is whoever was, or is, in no class."""

    before: str = ""
    label: str = ""

    @model_validator(mode="after")
    def _known(self) -> "AskMovementPeople":
        if not {self.before, self.label} <= {"", *CODES}:
            raise ValueError(f"classes are {', '.join(CODES)}, and empty for none")
        return self


class RfmMovement(_Frozen):
    """Who went from class to class between two days, by the definitions of now on both."""

    from_day: date
    to_day: date
    moves: tuple[StudyMove, ...]
