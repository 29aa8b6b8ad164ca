"""What a brand sets about how often, when and in which order people hear from it."""

from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quanyu.modules.messaging.channels import Channel
from quanyu.modules.people.consent.contracts import PurposeKey

EVERY_DAY: Final = (1, 2, 3, 4, 5, 6, 7)
CampaignKey = Annotated[str, Field(pattern="^(jrn|bct)_[0-9a-zA-Z]{1,30}$")]
RuleKey = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,31}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuietMode(StrEnum):
    """What happens to a message that falls into quiet hours."""

    HOLD = "hold"
    DROP = "drop"


class DayKind(StrEnum):
    """Days by whether people work on them."""

    WORKDAY = "workday"
    DAY_OFF = "day_off"


class Holidays(StrEnum):
    """Whose public holidays and make-up workdays count; ``none``: only weekends are days off."""

    NONE = "none"
    CHINA = "china"


class QuietHours(_Frozen):
    """Local times at which nothing goes out: from ``start`` until ``end``, which may lie after midnight.

    Equal times mean never. ``weekdays`` and ``days`` say on which days they begin.
    """

    start: time
    end: time
    mode: QuietMode = QuietMode.HOLD
    jitter_s: Annotated[int, Field(ge=0, le=4 * 3600)] = 900  # Held messages go out spread over this long.
    weekdays: Annotated[
        tuple[Annotated[int, Field(ge=1, le=7)], ...],  # 1 is Monday, as in ISO 8601.
        Field(min_length=1, max_length=7),
    ] = EVERY_DAY
    days: DayKind | None = None  # Left out: on workdays and days off alike.
    all_day: bool = False  # From midnight to midnight; ``start`` and ``end`` say nothing then.

    @model_validator(mode="after")
    def _local(self) -> "QuietHours":
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("quiet hours are local times; leave the zone out")
        return self


class CapUnit(StrEnum):
    """How a cap counts time: minutes and hours roll; days, weeks (from Monday), months are the calendar's."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class WhenCapped(StrEnum):
    """What becomes of a message that a cap leaves no room for."""

    REFUSE = "refuse"
    WAIT = "wait"  # For the next room, if that comes before the message expires.


class CapRule(_Frozen):
    """Nobody gets more than ``limit`` messages in ``every`` units of time; the strictest rule wins.

    ``limit`` 1 with ``wait`` is a spacing: the next message comes no sooner than that.
    """

    key: RuleKey
    limit: Annotated[int, Field(ge=1, le=1000)]
    every: Annotated[int, Field(ge=1, le=366)] = 1
    unit: CapUnit = CapUnit.DAYS
    channel: Channel | None = None  # Left out: messages of all channels, together.
    purpose: PurposeKey | None = None  # Left out: messages for all purposes, together.
    # The last so many of them only campaigns of high priority get.
    kept_for_high: Annotated[int, Field(ge=0, le=999)] = 0
    when_capped: WhenCapped = WhenCapped.REFUSE

    @model_validator(mode="after")
    def _leaves_some(self) -> "CapRule":
        if self.kept_for_high >= self.limit:
            raise ValueError("keep fewer for high priority than the limit allows in all")
        return self


class Priority(StrEnum):
    """Who goes first, and who gets the last room under a cap."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class ExclusionRule(_Frozen):
    """Who got a message of one of these campaigns gets none of the others for so many days."""

    key: RuleKey
    campaigns: Annotated[tuple[CampaignKey, ...], Field(min_length=2, max_length=50)]
    days: Annotated[int, Field(ge=1, le=90)] = 7


class MessagePolicy(_Frozen):
    """The brand's rules. All but ``repeat_max`` bind marketing messages only."""

    quiet_hours: Annotated[tuple[QuietHours, ...], Field(max_length=10)] = ()
    holidays: Holidays = Holidays.NONE
    own_days: Annotated[Mapping[date, DayKind], Field(max_length=400)] = Field(default_factory=dict)
    # The attribute that holds a person's IANA time zone; who has none lives in the brand's.
    zone_attribute: Annotated[str, Field(max_length=64)] | None = None
    caps: Annotated[tuple[CapRule, ...], Field(max_length=10)] = ()
    exclusions: Annotated[tuple[ExclusionRule, ...], Field(max_length=20)] = ()
    priorities: Annotated[Mapping[CampaignKey, Priority], Field(max_length=500)] = Field(default_factory=dict)
    transactional_counts: bool = False  # Whether transactional messages use up the room under caps.
    duplicate_window_s: Annotated[int, Field(ge=0, le=30 * 86_400)] = 600
    # How often a transactional message is repeated when its outcome is unknown.
    repeat_max: Annotated[int, Field(ge=0, le=10)] = 3

    @model_validator(mode="after")
    def _each_once(self) -> "MessagePolicy":
        for rules in (self.caps, self.exclusions):
            keys = [rule.key for rule in rules]
            if len(set(keys)) < len(keys):
                raise ValueError("two rules have the same key; give each its own")
        return self

    def priority_of(self, campaign: str) -> Priority:
        """Return how urgent a campaign's messages are."""
        return self.priorities.get(campaign, Priority.NORMAL)
