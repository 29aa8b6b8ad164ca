"""Departments and members as they cross the boundary."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Annotated, Final, NewType, Protocol

from pydantic import BaseModel, ConfigDict, Field

from quanyu.modules.channels.contracts import AccountId

MemberId = NewType("MemberId", int)
MEMBER_PREFIX: Final = "stf"
MEMBER_CHANGED: Final = "staff.member_changed"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MemberStatus(IntEnum):
    """The platform's word for a member's account."""

    UNKNOWN = 0  # Not asked yet.
    ACTIVE = 1
    DISABLED = 2
    NOT_ACTIVATED = 4
    LEFT = 5


class MemberChange(StrEnum):
    """What a ``staff.member_changed`` fact is about."""

    JOINED = "joined"
    LEFT = "left"
    ONLINE = "online"
    OFFLINE = "offline"
    STATUS = "status"  # Their account, or whether they may have customers.


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A row of ``staff_member``: one member of one company, also after they left."""

    corp_id: AccountId
    member_id: MemberId
    userid: str
    name: str = ""
    avatar: str = ""
    position: str = ""
    departments: tuple[int, ...] = ()
    leads: tuple[int, ...] = ()  # Departments they lead.
    status: MemberStatus = MemberStatus.UNKNOWN
    can_serve: bool = False  # The platform lets them have customers.
    is_online: bool = True  # Our own switch: offline, they are given nobody new.
    store: str | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    details_due_at: datetime | None = None
    details_attempts: int = 0
    sync_id: int | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def has_left(self) -> bool:
        if self.left_at is not None and (self.joined_at is None or self.left_at >= self.joined_at):
            return True
        return self.status is MemberStatus.LEFT

    @property
    def is_available(self) -> bool:
        """Whether they can be given customers now, caps and schedules aside (CW-1)."""
        return self.status is MemberStatus.ACTIVE and self.can_serve and self.is_online and not self.has_left

    @property
    def shown_name(self) -> str:
        return self.name or self.userid


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A row of ``staff_department``; the root is 1."""

    corp_id: AccountId
    department_id: int
    name: str
    parent_id: int
    place: int  # Bigger comes first.
    leaders: tuple[str, ...] = ()


class StaffFigures(_Frozen):
    """A member's customers in numbers; days are the brand's."""

    held: int = 0  # Customers they have now.
    added_today: int = 0
    added_7d: int = 0
    lost_7d: int = 0  # Customers who deleted them.
    deleted_7d: int = 0  # Customers they deleted.


NO_FIGURES: Final = StaffFigures()


class StaffRow(_Frozen):
    """One member in the list."""

    id: str
    corp: str
    userid: str
    name: str
    avatar: str
    position: str
    departments: tuple[int, ...]
    leads: tuple[int, ...]
    status: MemberStatus
    can_serve: bool
    is_online: bool
    is_available: bool
    joined_at: datetime | None
    left_at: datetime | None
    figures: StaffFigures


class StaffPage(_Frozen):
    """Members, by name."""

    items: tuple[StaffRow, ...]
    next_cursor: str | None
    total: int


class DepartmentRow(_Frozen):
    """One department, with how many members it and those below it have."""

    id: int
    corp: str
    name: str
    parent_id: int
    leaders: tuple[str, ...]
    members: int


class DepartmentTree(_Frozen):
    """Every department, parents before their children."""

    items: tuple[DepartmentRow, ...]


class SwitchOnline(_Frozen):
    """Give a member new customers, or none for now."""

    is_online: bool
    reason: Annotated[str, Field(max_length=200)] = ""


class StaffEvent(Protocol):
    """An event of the log as the subscribers of staff read it."""

    @property
    def name(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def properties(self) -> dict[str, object]: ...
    @property
    def context(self) -> dict[str, str]: ...
