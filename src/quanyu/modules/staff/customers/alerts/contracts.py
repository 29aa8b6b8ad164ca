"""Alerts as they cross the boundary."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.kernel.ids import PersonId
from quanyu.modules.channels.contracts import AccountId

AlertId = NewType("AlertId", int)
NoticeId = NewType("NoticeId", int)
ALERT_PREFIX: Final = "sal"
NAMED_MAX: Final = 50


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AlertKind(StrEnum):
    """What happened."""

    LOST_BY_CUSTOMER = "lost_by_customer"  # A customer deleted a member.
    LOST_BY_STAFF = "lost_by_staff"  # A member deleted a customer.
    MANY_DELETIONS = "many_deletions"  # A member deleted conspicuously many in one day.
    DELETED_BEFORE_LEAVING = "deleted_before_leaving"  # A member did so shortly before they left.


class AlertState(StrEnum):
    """Whether somebody has seen to it."""

    OPEN = "open"
    HANDLED = "handled"


class TellMode(StrEnum):
    """When the receivers are told."""

    IMMEDIATE = "immediate"
    DIGEST = "digest"  # Once a day.
    SILENT = "silent"  # The console alone shows it.


_UserId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Telling(_Frozen):
    """Who is told of one kind of alert, and when."""

    mode: TellMode = TellMode.IMMEDIATE
    staff: bool = False  # The member themselves.
    leaders: bool = False  # Who leads a department of theirs.
    members: Annotated[tuple[_UserId, ...], Field(max_length=NAMED_MAX)] = ()  # Their user ids.


class AlertRules(_Frozen):
    """What a company is alerted about. The defaults hold until somebody changes them."""

    lost_by_customer: Telling = Telling(staff=True)
    lost_by_staff: Telling = Telling(mode=TellMode.DIGEST, leaders=True)
    conspicuous: Telling = Telling(leaders=True)  # Many deletions in a day, or before leaving.
    deletions_per_day: Annotated[int, Field(ge=1, le=10_000)] = 10  # So many and more are conspicuous.
    leaving_days: Annotated[int, Field(ge=1, le=90)] = 14
    leaving_deletions: Annotated[int, Field(ge=1, le=10_000)] = 10
    digest_hour: Annotated[int, Field(ge=0, le=23)] = 9  # In the brand's time zone.

    def telling(self, kind: AlertKind) -> Telling:
        """Return who is told of a kind of alert."""
        if kind is AlertKind.LOST_BY_CUSTOMER:
            return self.lost_by_customer
        return self.lost_by_staff if kind is AlertKind.LOST_BY_STAFF else self.conspicuous


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A row of ``staff_alert``."""

    alert_id: AlertId
    corp_id: AccountId
    kind: AlertKind
    key: str  # What it is about: telling it twice makes no second one.
    userid: str
    token: bytes | None = None
    person_id: PersonId | None = None
    count: int = 1
    happened_at: datetime
    state: AlertState = AlertState.OPEN
    handled_by: str = ""
    handled_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A row of ``staff_notice``: one message to members on its way."""

    notice_id: NoticeId
    corp_id: AccountId
    receivers: tuple[str, ...]
    content_sealed: bytes
    attempts: int
    first_tried_at: datetime | None


class AlertRow(_Frozen):
    """One alert in the list."""

    id: str
    corp: str
    kind: AlertKind
    staff_id: str
    staff_name: str
    person_id: str | None
    customer_name: str
    count: int
    happened_at: datetime
    state: AlertState
    handled_by: str
    handled_at: datetime | None
    note: str


class AlertPage(_Frozen):
    """Alerts, newest first, and how many are open."""

    items: tuple[AlertRow, ...]
    next_cursor: str | None
    open: int


class HandleAlert(_Frozen):
    """See to an alert, or open it again."""

    state: AlertState = AlertState.HANDLED
    note: Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)] = ""
