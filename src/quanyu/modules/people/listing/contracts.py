"""What crosses the boundary of lists of people."""

from datetime import date, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.kernel.paging import LIMIT_MAX
from quanyu.modules.people.contracts import PersonRow
from quanyu.modules.people.tags.contracts import CarriedTag

COLUMNS_MAX: Final = 20
VIEWS_MAX: Final = 100  # Of one brand.
VIEW_PREFIX: Final = "plv"
ATTRIBUTE: Final = "attribute:"
IDENTITY: Final = "identity:"

Id = Annotated[str, StringConstraints(max_length=40)]
_NO_CONTROL = r"^[^\x00-\x1f]*$"
Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2199, 12, 31))]
# What a row always has, then what has to be looked up.
Column = Annotated[
    str,
    StringConstraints(
        max_length=140,
        pattern=r"^(class|reachable|orders|revenue|first_seen|last_seen|tags"
        r"|attribute:[^\x00-\x1f]{1,128}|identity:[a-z][a-z0-9_]{0,31})$",
    ),
]
Order = Annotated[
    str,
    StringConstraints(
        max_length=140,
        pattern=r"^(added|first_seen|last_seen|orders|revenue|name|attribute:[^\x00-\x1f]{1,128})$",
    ),
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IdentityKind(_Frozen):
    """A kind of identifier; with a ``scope`` only of that account."""

    namespace: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    scope: Annotated[str, StringConstraints(max_length=256, pattern=_NO_CONTROL)] = ""


class PeopleFilter(_Frozen):
    """Who is wanted: everybody all parts name. Days of ``first_seen`` are the brand's own, both included.

    ``conditions`` is the tree of a segment; ``q`` searches as in every list of people.
    """

    q: Annotated[str, StringConstraints(max_length=256, pattern=_NO_CONTROL)] = ""
    segment: Id = ""
    tag: Id = ""
    identity: IdentityKind | None = None
    first_seen_from: Day | None = None
    first_seen_to: Day | None = None
    conditions: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _period_runs_forward(self) -> "PeopleFilter":
        since, until = self.first_seen_from, self.first_seen_to
        if since is not None and until is not None and since > until:
            raise ValueError("the period ends before it begins")
        return self

    @property
    def asks_history(self) -> bool:
        """Whether only the warehouse can tell."""
        return self.conditions is not None or bool(self.first_seen_from or self.first_seen_to)


class ListPeople(_Frozen):
    """A page of a list: who, in which order, with which columns."""

    filter: PeopleFilter = PeopleFilter()
    order: Order = "added"
    descending: bool = True
    columns: Annotated[tuple[Column, ...], Field(max_length=COLUMNS_MAX)] = ()
    cursor: Annotated[str | None, StringConstraints(max_length=2_000)] = None
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = 50


class ShownValue(BaseModel):
    """An attribute in a list; identifiers are masked."""

    model_config = ConfigDict(frozen=True)

    key: str
    value: Any


class ShownIdentity(BaseModel):
    """An identifier in a list, masked."""

    model_config = ConfigDict(frozen=True)

    namespace: str
    scope: str
    value_masked: str


class ListRow(PersonRow):
    """A row with what was chosen beside what every row has."""

    attributes: tuple[ShownValue, ...] = ()
    tags: tuple[CarriedTag, ...] = ()
    identities: tuple[ShownIdentity, ...] = ()


class ListPage(BaseModel):
    """A page; ``total`` counts all the list holds and comes with its first page alone."""

    model_config = ConfigDict(frozen=True)

    items: tuple[ListRow, ...]
    next_cursor: str | None
    total: int | None


class ListOptions(BaseModel):
    """The kinds of identifiers the brand has, account by account."""

    model_config = ConfigDict(frozen=True)

    identities: tuple[IdentityKind, ...]


class SaveView(_Frozen):
    """Keep a list under a name: for oneself, or ``shared`` with everybody of the brand."""

    name: Annotated[
        str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True, pattern=_NO_CONTROL)
    ]
    shared: bool = False
    filter: PeopleFilter = PeopleFilter()
    order: Order = "added"
    descending: bool = True
    columns: Annotated[tuple[Column, ...], Field(max_length=COLUMNS_MAX)] = ()


class ViewOfPeople(SaveView):
    """A kept list. ``is_own``: the caller made it, and alone may change it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    made_by: str
    is_own: bool
    changed_at: datetime


class ViewsOfPeople(BaseModel):
    """The caller's views and those shared, by name."""

    model_config = ConfigDict(frozen=True)

    items: tuple[ViewOfPeople, ...]
