"""Live codes as people use them."""

from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Any, Final, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.staff.codes.rules import Acceptance, Distribution, Obstacle, Tier

CODE_PREFIX: Final = "liv"
WAY_PREFIX: Final = "way"
WayId = NewType("WayId", int)
SHIFTS_MAX: Final = 50
QUOTA_MAX: Final = 500_000  # Contact ways and join ways of one corp (path 92228).
REMARK_MAX: Final = 20  # Signs of a remark; a name in front has to fit too.

UserId = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
Label = Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CodeStatus(StrEnum):
    """Where a code is."""

    LIVE = "live"
    PAUSED = "paused"  # Its pictures lead elsewhere for now.
    ENDED = "ended"  # Its time is over.
    DELETED = "deleted"  # Kept for its printed pictures and its figures.


class LiveCodeMember(_Frozen):
    """A member of a code; a cap that is left out is none."""

    userid: UserId
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    daily_cap: Annotated[int, Field(ge=1, le=100_000)] | None = None
    held_cap: Annotated[int, Field(ge=1, le=100_000)] | None = None


class DutyWindow(_Frozen):
    """A time of day in the brand's zone; one that does not end after it starts ends on the next day."""

    start: time
    end: time


class DutyShift(DutyWindow):
    """Some members at a time of day."""

    userids: Annotated[tuple[UserId, ...], Field(min_length=1)]


class WeeklyDuty(DutyShift):
    """The same every week; Monday is 0."""

    weekdays: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1, max_length=7)]


class SpecialDutyDay(_Frozen):
    """Dates that are not like others. Without shifts nobody is on duty: a holiday."""

    name: Label = ""
    first: date
    last: date
    shifts: Annotated[tuple[DutyShift, ...], Field(max_length=SHIFTS_MAX)] = ()
    like_weekday: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "SpecialDutyDay":
        if self.last < self.first:
            raise ValueError(f"{self.first} – {self.last}: it ends before it begins")
        if self.shifts and self.like_weekday is not None:
            raise ValueError(f"{self.first}: either shifts of its own, or like a weekday")
        return self


class DutyPlan(_Frozen):
    """When who is on duty: special dates before the week, the week before ``otherwise``.

    ``otherwise`` left out means everybody, empty means nobody.
    """

    special: Annotated[tuple[SpecialDutyDay, ...], Field(max_length=100)] = ()
    weekly: Annotated[tuple[WeeklyDuty, ...], Field(max_length=SHIFTS_MAX)] = ()
    otherwise: tuple[UserId, ...] | None = None

    @model_validator(mode="after")
    def _no_date_twice(self) -> "DutyPlan":
        ordered = sorted(self.special, key=lambda special: special.first)
        for before, after in pairwise(ordered):
            if after.first <= before.last:
                raise ValueError(f"{after.first} is special twice")
        return self


class PlaceKind(StrEnum):
    """What our page shows instead of a member's code."""

    CLOSED = "closed"
    KF = "kf"  # 微信客服
    FORM = "form"
    GROUP_CODE = "group_code"
    LINK = "link"
    CODE = "code"  # Another live code.


class Place(_Frozen):
    """Where people are led when nobody serves: an address, another code, or a page that says so."""

    kind: PlaceKind = PlaceKind.CLOSED
    url: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s<>\"']+)?$", max_length=1_000)] = ""
    code: Annotated[str, StringConstraints(pattern=r"^(liv_[0-9a-z]{1,13})?$")] = ""
    text: Annotated[str, StringConstraints(max_length=200)] = ""

    @model_validator(mode="after")
    def _fits_together(self) -> "Place":
        if self.kind is PlaceKind.CODE and not self.code:
            raise ValueError("which code leads on is missing")
        if self.kind not in (PlaceKind.CODE, PlaceKind.CLOSED) and not self.url:
            raise ValueError(f"a place of kind {self.kind.value} needs an address")
        return self


class LiveCodeDraft(_Frozen):
    """What a code is called and does."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    members: Annotated[tuple[LiveCodeMember, ...], Field(min_length=1)]
    schedule: DutyPlan = DutyPlan()
    distribution: Distribution = Distribution.WEIGHTED
    backup: tuple[LiveCodeMember, ...] = ()
    hard_cap: bool = False  # Caps bind backup members too.
    # Who stands in the platform's own picture when nobody serves, and accepts each one by hand.
    keeper: Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)] = ""
    fallback: Place = Place()
    acceptance: Acceptance = Acceptance.ALWAYS
    accept_windows: Annotated[tuple[DutyWindow, ...], Field(max_length=SHIFTS_MAX)] = ()
    tags: Annotated[tuple[Annotated[str, StringConstraints(max_length=64)], ...], Field(max_length=20)] = ()
    remark_suffix: Annotated[str, StringConstraints(max_length=REMARK_MAX - 4)] = ""
    description: Annotated[str, StringConstraints(max_length=150)] = ""
    source: Label = ""
    campaign: Label = ""
    store: Label = ""
    ends_at: datetime | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> "LiveCodeDraft":
        for what, members in (("members", self.members), ("backup", self.backup)):
            userids = [member.userid for member in members]
            if len(set(userids)) < len(userids):
                raise ValueError(f"{what}: the same member twice")
        known = {member.userid for member in self.members}
        if strangers := sorted(_scheduled(self.schedule) - known):
            raise ValueError(f"on the schedule, but no members of the code: {', '.join(strangers)}")
        if self.acceptance is Acceptance.WINDOWS and not self.accept_windows:
            raise ValueError("acceptance within windows needs a window")
        if self.ends_at is not None and self.ends_at.tzinfo is None:
            raise ValueError("ends_at needs a time zone")
        return self


class NewLiveCode(LiveCodeDraft):
    """A code to be made."""

    corp: str  # ``wcp_…``
    is_exclusive: bool = False  # Fixed when made: who is served already is led to the same member.


class LeadAway(_Frozen):
    """Pause or delete a code. Its printed pictures stay in the world, so somebody has to answer for them."""

    redirect: Place


class PushStatus(StrEnum):
    """How what the platform's picture says stands to what it should say."""

    MAKING = "making"
    IN_STEP = "in_step"
    BEHIND = "behind"  # Told soon.
    FAILED = "failed"  # The platform refused; ``reason`` says why, and it is asked again.
    WITHDRAWN = "withdrawn"  # No picture: nobody could stand in it.


class ShownWay(_Frozen):
    """The platform's own code: what it should say and what it says."""

    status: PushStatus
    qr_code: str  # Address of the platform's picture; empty while there is none.
    config_id: str
    wanted_users: tuple[str, ...]
    actual_users: tuple[str, ...]
    wanted_skip_verify: bool
    actual_skip_verify: bool
    reason: str
    reason_zh: str
    pushed_at: datetime | None
    checked_at: datetime | None


class MemberState(_Frozen):
    """A member of a code now."""

    userid: str
    name: str
    role: Literal["staff", "backup", "keeper"]
    obstacle: Obstacle | None
    adds_today: int
    held: int
    weight: int
    daily_cap: int | None
    held_cap: int | None


class LiveCodeRow(_Frozen):
    """One code in the list."""

    id: str
    corp: str
    name: str
    status: CodeStatus
    tier: Tier
    serving: tuple[str, ...]  # Names of who is in the code now.
    adds_today: int
    over_cap_today: int
    push: PushStatus
    landing_url: str
    ends_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CodeQuota(_Frozen):
    """How much of the corp's codes is used, and when it would be used up."""

    corp: str
    used: int
    ways: int
    join_ways: int
    foreign: int  # Made by other systems, as of the last sweep.
    limit: int
    made_30d: int
    removed_30d: int
    exhausted_on: date | None  # At the pace of the last 30 days.
    swept_at: datetime | None


class LiveCodes(_Frozen):
    """Codes, newest first."""

    items: tuple[LiveCodeRow, ...]
    next_cursor: str | None
    quotas: tuple[CodeQuota, ...]


class LiveCode(_Frozen):
    """One code whole."""

    row: LiveCodeRow
    draft: LiveCodeDraft
    is_exclusive: bool
    redirect: Place | None
    state: str
    way: ShownWay
    members: tuple[MemberState, ...]
    next_border: datetime | None
    warnings: tuple[str, ...]  # Codes of what is better changed; the console has the words.


class AuditEntry(_Frozen):
    """Something that happened to a code."""

    at: datetime
    actor: str
    what: str
    details: dict[str, Any]


class AuditTrail(_Frozen):
    """What happened, newest first."""

    items: tuple[AuditEntry, ...]
    next_cursor: str | None


class LiveCodeDay(_Frozen):
    """One day of a code, in the brand's zone."""

    date: date
    adds: int
    new_customers: int


class LiveCodeFigures(_Frozen):
    """What a code brought in a period, from history. The platform does not report scans.

    ``lost_*`` counts people who deleted their member within that time; ``payers`` and ``gmv`` those 30 days.
    """

    days: tuple[LiveCodeDay, ...]
    adds: int
    people: int
    new_customers: int
    existing_customers: int
    lost_24h: int
    lost_7d: int
    lost_30d: int
    payers: int
    gmv: Decimal
    currency: str
    over_cap: int


class PersonalLink(_Frozen):
    """A link of the landing page that knows who opens it."""

    url: str


def _scheduled(plan: DutyPlan) -> set[str]:
    found = set(plan.otherwise or ())
    for shift in plan.weekly:
        found.update(shift.userids)
    for special in plan.special:
        for own in special.shifts:
            found.update(own.userids)
    return found
