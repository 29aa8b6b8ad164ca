"""What crosses the boundary of inheritance: plans, their items, and what became of them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.kernel.ids import decode_id, encode_id

InheritanceId = NewType("InheritanceId", int)

TAKERS_MAX: Final = 50
CUSTOMERS_MAX: Final = 30_000  # Of one plan: more than one member can have.
GROUPS_MAX: Final = 1_000  # Of one plan.
DEFAULT_LIMIT: Final = 20_000  # Customers one member may have at most, unless told otherwise.
_PREFIX: Final = "inh"


class Kind(StrEnum):
    """Whether who hands over goes on working here."""

    ON_JOB = "on_job"
    RESIGNED = "resigned"


class Origin(StrEnum):
    """Who began."""

    CONSOLE = "console"
    STAFF_LEFT = "staff_left"  # By itself, when somebody left (GC-6).


class State(StrEnum):
    """``open`` (nobody to take over yet) → ``draft`` → ``running`` ⇄ ``stopped`` → ``done``; or "
    "``dropped``."""

    OPEN = "open"
    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"
    DONE = "done"
    DROPPED = "dropped"


class ItemState(StrEnum):
    """``planned`` → ``submitted`` (intent written) → ``waiting`` → ``done``, ``refused`` or ``failed``."""

    PLANNED = "planned"
    SUBMITTED = "submitted"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


OPEN_STATES: Final = (ItemState.PLANNED, ItemState.SUBMITTED, ItemState.WAITING)


class Method(StrEnum):
    """How customers are shared out among those who take over."""

    EVENLY = "evenly"
    WEIGHT = "weight"
    CAPACITY = "capacity"  # To whoever has most room left.


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_UserId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Taker(_Frozen):
    """Somebody who takes over."""

    userid: _UserId
    weight: Annotated[int, Field(ge=1, le=1_000)] = 1
    limit: Annotated[int, Field(ge=1, le=100_000)] = DEFAULT_LIMIT  # Customers they may have in the end.


class CustomerFilter(_Frozen):
    """Which customers; every condition that is given holds, none means all."""

    tags: Annotated[tuple[str, ...], Field(max_length=50)] = ()  # Ids of tags: one of them is enough.
    added_from: datetime | None = None
    added_to: datetime | None = None  # Not included.
    add_ways: Annotated[tuple[int, ...], Field(max_length=30)] = ()  # As the platform numbers them.
    states: Annotated[
        tuple[str, ...], Field(max_length=50)
    ] = ()  # Of codes and links, as the platform has them.


class PlanInheritance(_Frozen):
    """Plan to pass on the customers of a member, and the groups if wanted. Nothing is submitted yet."""

    corp: str
    handover: _UserId
    kind: Kind
    takers: Annotated[tuple[Taker, ...], Field(min_length=1, max_length=TAKERS_MAX)]
    method: Method = Method.EVENLY
    customers: CustomerFilter | None = CustomerFilter()  # ``None``: none at all.
    groups: Annotated[tuple[str, ...], Field(max_length=GROUPS_MAX)] = ()  # Chat ids.
    message: Annotated[str, StringConstraints(max_length=200)] = ""  # To customers, of those who stay only.

    @model_validator(mode="after")
    def _is_whole(self) -> "PlanInheritance":
        names = [taker.userid for taker in self.takers]
        if len(set(names)) < len(names):
            raise ValueError("somebody stands twice among those who take over")
        if self.handover in names:
            raise ValueError("who hands over cannot take over")
        if self.customers is None and not self.groups:
            raise ValueError("neither customers nor groups are to be passed on")
        if self.message and self.kind is Kind.RESIGNED:
            raise ValueError("the platform takes no message to customers of somebody who left")
        return self


class TakerShare(_Frozen):
    """What one of those who take over gets."""

    userid: str
    name: str
    weight: int
    limit: int
    held: int  # Customers they have now.
    customers: int
    groups: int
    problem: str  # Why they cannot serve; empty if they can.


class Inheritance(_Frozen):
    """A plan and how far it is."""

    id: str
    corp: str
    corp_name: str
    kind: Kind
    origin: Origin
    state: State
    handover: str
    handover_name: str
    method: Method
    message: str
    filter: CustomerFilter | None
    takers: tuple[TakerShare, ...]
    customers: dict[ItemState, int]
    groups: dict[ItemState, int]
    problems: dict[str, int]  # Of planned items, by what will keep them from being passed on.
    reasons: dict[str, int]  # Of items that ended without success.
    trouble: str  # The last thing that held the work up.
    created_by: str
    created_at: datetime
    submitted_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None  # When the next answer of the platform is due.


class Inheritances(_Frozen):
    """A page of plans, newest first."""

    items: tuple[Inheritance, ...]
    next_cursor: str | None


class InheritanceItem(_Frozen):
    """One customer or one group of a plan."""

    key: str  # The customer's token, or the chat id.
    name: str
    person_id: str | None
    taker: str
    taker_name: str
    state: ItemState
    reason: str
    code: int  # The platform's, 0 if it gave none.
    problem: str
    submitted_at: datetime | None
    due_at: datetime | None
    ended_at: datetime | None


class InheritanceItems(_Frozen):
    """A page of items."""

    items: tuple[InheritanceItem, ...]
    next_cursor: str | None


class Candidate(_Frozen):
    """Somebody whose customers may be passed on."""

    userid: str
    name: str
    kind: Kind
    customers: int  # Of those who left: that nobody has taken over yet.
    left_at: datetime | None


class Candidates(_Frozen):
    """Who may hand over."""

    items: tuple[Candidate, ...]


class ComingCustomer(_Frozen):
    """A customer who will be somebody's unless they refuse."""

    token: bytes
    name: str
    handover_name: str
    due_at: datetime


class OwnedGroup(_Frozen):
    """A customer group of somebody."""

    chat_id: str
    name: str
    members: int
    problem: str


class OwnedGroups(_Frozen):
    """The customer groups of somebody; ``more`` if they own more than are shown."""

    items: tuple[OwnedGroup, ...]
    more: bool


def show_id(inheritance_id: int) -> str:
    """Write an id as it is shown outside (``inh_…``)."""
    return encode_id(_PREFIX, inheritance_id)


def read_id(text: str) -> InheritanceId:
    """Read an id as shown outside.

    Raises:
        InvalidId: it is none.
    """
    return InheritanceId(decode_id(_PREFIX, text))
