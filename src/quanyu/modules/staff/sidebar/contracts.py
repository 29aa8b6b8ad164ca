"""What the page beside chats shows and takes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.customers.rules import RelationStatus

REMARK_MAX: Final = 20
DESCRIPTION_MAX: Final = 150
MOBILES_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffCaller:
    """A member who is signed in at the page beside chats. Good for nothing else."""

    tenant_id: TenantId
    corp_id: AccountId
    userid: str


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class SidebarSession(_Frozen):
    """Who is signed in."""

    userid: str
    name: str
    avatar: str
    corp_name: str
    is_online: bool
    time_zone: str
    now: datetime


class SignSidebar(_Frozen):
    """Sign the page for the client's functions."""

    # As the browser has it, with query; what follows # does not count.
    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/\S*)?$", max_length=2_048)]


class SidebarConfig(BaseModel):
    """The arguments of ``wx.config`` and ``wx.agentConfig``, less their lists of functions."""

    model_config = ConfigDict(frozen=True)

    corp: dict[str, Any]
    agent: dict[str, Any]


class OwnCustomer(_Frozen):
    """One of the member's customers in a list."""

    customer: str  # Opaque; the customer's id on this page.
    name: str
    avatar: str
    remark: str
    status: RelationStatus
    added_at: datetime | None
    ended_at: datetime | None
    add_way: int


class OwnCustomers(_Frozen):
    """A page of the member's customers, those added last first."""

    items: tuple[OwnCustomer, ...]
    next_cursor: str | None
    total: int


class FindCustomer(_Frozen):
    """Which customer the chat is with, as the client tells it."""

    external_userid: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class FoundCustomer(_Frozen):
    """The customer's id on this page."""

    customer: str


class Colleague(_Frozen):
    """Another member who serves the customer."""

    userid: str
    name: str
    added_at: datetime | None


class ShownAttribute(_Frozen):
    """Something known of the customer; identifiers are masked."""

    key: str
    value: Any
    occurred_at: datetime


class ShownEvent(_Frozen):
    """Something the customer did."""

    id: str
    name: str
    occurred_at: datetime
    source: str
    revenue: str | None
    currency: str
    order_id: str
    products: tuple[str, ...]


class ShownEvents(_Frozen):
    """What the customer did, newest first."""

    items: tuple[ShownEvent, ...]
    next_cursor: str | None


class ShownMessage(_Frozen):
    """A message the brand sent them, or did not."""

    id: str
    channel: str
    state: str
    reason: str
    body: str
    at: datetime


class ShownTotals(_Frozen):
    """What the customer bought."""

    orders: int
    revenue: str
    currency: str
    last_order_at: datetime | None


class SegmentName(_Frozen):
    """A segment the customer is in."""

    name: str


class CustomerCard(_Frozen):
    """Everything the page shows of one customer."""

    customer: str
    name: str
    avatar: str
    type: int  # 1 of WeChat, 2 of WeCom.
    gender: int
    corp_name: str
    status: RelationStatus
    added_at: datetime | None
    ended_at: datetime | None
    add_way: int
    state: str  # What the code is called they came by, else the state itself.
    brought_by: str
    colleagues: tuple[Colleague, ...]
    attributes: tuple[ShownAttribute, ...]
    segments: tuple[SegmentName, ...]
    totals: ShownTotals | None
    messages: tuple[ShownMessage, ...]


class NotedTag(_Frozen):
    """A tag of the customer, as this member has it."""

    id: str  # Empty for a member's own.
    group: str
    name: str


class Notes(_Frozen):
    """What the member noted of the customer, as the platform has it now."""

    remark: str
    description: str
    company: str
    mobiles: tuple[str, ...]
    tags: tuple[NotedTag, ...]


class WriteNotes(_Frozen):
    """Change the notes; what is ``None`` stays as it is."""

    remark: Annotated[str, StringConstraints(max_length=REMARK_MAX)] | None = None
    description: Annotated[str, StringConstraints(max_length=DESCRIPTION_MAX)] | None = None
    company: Annotated[str, StringConstraints(max_length=REMARK_MAX)] | None = None
    mobiles: (
        Annotated[
            tuple[Annotated[str, StringConstraints(pattern=r"^[0-9+\- ]{3,20}$")], ...],
            Field(max_length=MOBILES_MAX),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _changes_something(self) -> "WriteNotes":
        if not self.fields:
            raise ValueError("nothing is to be changed")
        return self

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of what is given."""
        return tuple(sorted(self.model_dump(exclude_none=True)))


class CorpTagChoice(_Frozen):
    """A tag of the company that can be given."""

    id: str
    group: str
    name: str


class CorpTagChoices(_Frozen):
    """The tags of the company, in its order; ``can_mark`` is false where tags are not kept here."""

    items: tuple[CorpTagChoice, ...]
    can_mark: bool


class MarkTags(_Frozen):
    """Give tags to the customer, and take some from them."""

    add: Annotated[tuple[str, ...], Field(max_length=30)] = ()
    remove: Annotated[tuple[str, ...], Field(max_length=30)] = ()

    @model_validator(mode="after")
    def _changes_something(self) -> "MarkTags":
        if not self.add and not self.remove:
            raise ValueError("nothing is to be changed")
        if set(self.add) & set(self.remove):
            raise ValueError("a tag is both given and taken")
        return self


class SwitchSelf(_Frozen):
    """Take new customers, or none for now."""

    is_online: bool


class StaffTask(_Frozen):
    """Something the member should know or do."""

    kind: str  # ``customer_coming``: a colleague's customer will be theirs.
    customer: str
    name: str
    from_name: str
    due_at: datetime


class StaffTasks(_Frozen):
    """What the member should know or do, the soonest first."""

    items: tuple[StaffTask, ...]


class SidebarAddress(_Frozen):
    """Where a company's page beside chats lies."""

    corp: str
    corp_name: str
    agent_id: int
    url: str
    domain: str  # To be trusted by the app, for sign-in and for the JS-SDK.
    has_https: bool


class SidebarAddresses(_Frozen):
    """The pages of the brand's companies."""

    items: tuple[SidebarAddress, ...]


class StaffDeed(_Frozen):
    """Something a member did on the page."""

    id: str
    corp: str
    userid: str
    name: str
    what: str
    customer_name: str
    person_id: str | None
    fields: tuple[str, ...]
    state: str
    reason: str
    at: datetime


class StaffDeeds(_Frozen):
    """What members did, newest first."""

    items: tuple[StaffDeed, ...]
    next_cursor: str | None
