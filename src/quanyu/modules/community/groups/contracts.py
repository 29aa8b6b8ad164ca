"""Customer groups as people see and describe them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

GroupId = NewType("GroupId", int)
GROUP_PREFIX: Final = "grp"
ROOM_MAX: Final = 500  # Who fits into a customer group (客户群成员上限).

_Word = Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GroupState(StrEnum):
    """Whether a group still exists."""

    ACTIVE = "active"
    DISMISSED = "dismissed"


class GroupRecord(_Frozen):
    """What the brand says about a group: the four axes, and what it is for (GC-8)."""

    source_channel: _Word = ""  # Where its people come from.
    member_attribute: _Word = ""  # Who they are.
    behaviour_type: _Word = ""  # What they are there to do.
    funnel_stage: _Word = ""  # How far they are.
    purpose: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""
    rules_text: Annotated[str, StringConstraints(max_length=2_000, strip_whitespace=True)] = ""
    store: _Word = ""
    opens_on: date | None = None
    closes_on: date | None = None
    welcome_id: Annotated[str, StringConstraints(pattern=r"^(gwl_[0-9a-z]{1,13})?$")] = ""

    @model_validator(mode="after")
    def _dates_in_order(self) -> "GroupRecord":
        if self.opens_on and self.closes_on and self.closes_on < self.opens_on:
            raise ValueError("a group cannot close before it opens")
        return self


class CustomerGroup(_Frozen):
    """A group: what the platform says, and the brand's record."""

    id: str
    corp_id: str
    chat_id: str
    name: str
    owner: str  # A member's userid.
    owner_name: str  # Empty if the directory does not know them.
    notice: str
    state: GroupState
    handover: int  # 0 normal, 1 owner has left, 2 being handed over, 3 handed over.
    members: int
    customers: int
    joined_7d: int = 0
    left_7d: int = 0
    record: GroupRecord
    opened_at: datetime | None
    dismissed_at: datetime | None
    fetched_at: datetime | None
    is_waiting: bool  # Known to have changed and not looked into yet.


class Axis(StrEnum):
    """The four axes groups are told apart by."""

    SOURCE_CHANNEL = "source_channel"
    MEMBER_ATTRIBUTE = "member_attribute"
    BEHAVIOUR_TYPE = "behaviour_type"
    FUNNEL_STAGE = "funnel_stage"


class GroupFilter(_Frozen):
    """Which groups to list; what is empty does not matter."""

    q: Annotated[str, StringConstraints(max_length=60)] = ""
    corp: str = ""
    state: GroupState | None = None
    owner: str = ""
    store: str = ""
    source_channel: str = ""
    member_attribute: str = ""
    behaviour_type: str = ""
    funnel_stage: str = ""


class AxisWords(_Frozen):
    """The words in use on each axis, and the stores and owners."""

    source_channel: tuple[str, ...] = ()
    member_attribute: tuple[str, ...] = ()
    behaviour_type: tuple[str, ...] = ()
    funnel_stage: tuple[str, ...] = ()
    store: tuple[str, ...] = ()
    owner: tuple[str, ...] = ()


class CustomerGroups(_Frozen):
    """A page of groups, the fullest first, with what can be filtered by."""

    items: tuple[CustomerGroup, ...]
    total: int
    active: int  # Of all the brand's groups.
    customers: int  # Distinct people in active groups; one in several counts once.
    words: AxisWords


class GroupMember(_Frozen):
    """One stay of somebody in a group."""

    name: str
    person_id: str  # Empty of colleagues, and while nobody is known.
    userid: str  # Of colleagues.
    is_customer: bool
    joined_at: datetime
    join_scene: int  # 1 invited, 2 by an invitation link, 3 by a code.
    invitor: str
    invitor_name: str  # Empty while nobody knows.
    code_id: str
    left_at: datetime | None
    leave_scene: int | None  # 0 by themselves, 1 removed, 2 the group was dismissed.


class GroupMembers(_Frozen):
    """People of a group, the newest first."""

    items: tuple[GroupMember, ...]
    total: int


class GroupDay(_Frozen):
    """What one day did to a group, in the brand's time zone; customers only."""

    date: date
    joined: int
    left: int
    removed: int  # Of those who left.
    inside: int  # At the end of the day.


class GroupDays(_Frozen):
    """A group's days."""

    days: tuple[GroupDay, ...]


class Handover(_Frozen):
    """A group whose owner has left and that nobody has taken over yet."""

    group: str
    name: str
    chat_id: str
    old_owner: str
    old_owner_name: str
    customers: int
    opened_at: datetime


class Handovers(_Frozen):
    """Groups to be taken over (GC-6)."""

    items: tuple[Handover, ...]


class GroupSyncRun(_Frozen):
    """One reconciliation with the platform's list."""

    corp_id: str
    state: str
    listed: int
    waiting: int  # Groups still to be looked into.
    reason: str
    started_at: datetime
    finished_at: datetime | None


class GroupSyncs(_Frozen):
    """The latest reconciliation of each corp."""

    items: tuple[GroupSyncRun, ...]


PageLimit = Annotated[int, Field(ge=1, le=200)]
