"""What crosses the boundary of company accounts."""

from datetime import datetime
from typing import Annotated, Final, NewType

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.people.contracts import TimelineItem

CompanyId = NewType("CompanyId", int)
CompanyMergeId = NewType("CompanyMergeId", int)

COMPANY_PREFIX: Final = "com"
MERGE_PREFIX: Final = "commerge"
COMPANIES_MAX: Final = 100_000  # Of one brand: what likeness and account segments still answer at once.
DEPTH_MAX: Final = 8  # Levels of a tree, the top one included.
ATTRIBUTES_MAX: Final = 100
CONTACTS_MAX: Final = 10_000  # Of one company: what its page adds up.
ROLES_MAX: Final = 10

Text = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True, pattern=r"^[^\x00]*$")]
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
Id = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Key = Annotated[
    str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
Role = Annotated[
    str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
Scalar = bool | int | float | Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SaveCompany(_Frozen):
    """Everything somebody says of a company by hand. An attribute left out, or null, is cleared."""

    name: Name
    external_id: Text = ""
    domain: Text = ""
    parent: Id | None = None
    owner: Id | None = None  # A member of staff.
    attributes: Annotated[dict[Key, Scalar | None], Field(max_length=ATTRIBUTES_MAX)] = {}


class SaveContact(_Frozen):
    """What somebody says by hand of a person's place at a company."""

    roles: Annotated[tuple[Role, ...], Field(max_length=ROLES_MAX)] = ()
    is_primary: bool = False
    since: AwareDatetime | None = None  # Now, where it is left out and was not known before.
    until: AwareDatetime | None = None


class MergeCompanies(_Frozen):
    """Take another company into this one."""

    other: Id
    reason: Text = ""


class TellApart(_Frozen):
    """Say of two companies that they are not one: they are not suggested again."""

    a: Id
    b: Id


class CompanyName(_Frozen):
    """A company in few words."""

    id: str
    name: str


class CompanyOwner(_Frozen):
    """A member of staff who looks after a company; without a name if they are not known any more."""

    id: str
    name: str


class CompanyRow(_Frozen):
    """One row of a list of companies."""

    id: str
    external_id: str
    name: str
    domain: str
    parent: CompanyName | None
    owner: CompanyOwner | None
    contacts: int  # People who are contacts now.
    children: int
    created_at: datetime
    updated_at: datetime


class CompanyPage(_Frozen):
    """One page of companies; ``total`` counts all the list would hold."""

    items: tuple[CompanyRow, ...]
    next_cursor: str | None
    total: int


class CompanyAttribute(_Frozen):
    """What a company is said to be, by whom, and since when that holds."""

    key: str
    value: Scalar
    source: str
    told_at: datetime


class CompanyMergeView(_Frozen):
    """A company that was taken into another."""

    id: str
    other: CompanyName
    reason: str
    actor: str
    merged_at: datetime


class Company(_Frozen):
    """One company with all that is known of it."""

    row: CompanyRow
    path: tuple[CompanyName, ...]  # From the top of the tree down to the parent.
    attributes: tuple[CompanyAttribute, ...]
    merged: tuple[CompanyMergeView, ...]
    everybody: int  # Contacts of this company and of all below it, each once.


class TreeNode(_Frozen):
    """One company of a tree, and how deep it stands; the top is 0."""

    id: str
    name: str
    depth: int
    parent: str | None
    contacts: int


class CompanyTree(_Frozen):
    """A whole tree, each company followed by what is below it; ``is_cut``: there are more than are shown."""

    items: tuple[TreeNode, ...]
    is_cut: bool


class Contact(_Frozen):
    """A person's place at a company."""

    person: str
    name: str
    roles: tuple[str, ...]
    is_primary: bool
    since: datetime
    until: datetime | None
    company: CompanyName  # Where they are a contact: this company, or one below it.


class ContactPage(_Frozen):
    """Contacts of a company: those who are so now first, the primary one before the others."""

    items: tuple[Contact, ...]
    next_cursor: str | None
    total: int


class CompanyOfPerson(_Frozen):
    """A company somebody is, or was, a contact of."""

    company: CompanyName
    roles: tuple[str, ...]
    is_primary: bool
    since: datetime
    until: datetime | None


class CompaniesOfPerson(_Frozen):
    """All of them, those of today first."""

    items: tuple[CompanyOfPerson, ...]


class CompanyEvent(_Frozen):
    """An event of one of the company's people."""

    person: str
    person_name: str
    event: TimelineItem


class CompanyTimeline(_Frozen):
    """What the company's people did, newest first."""

    items: tuple[CompanyEvent, ...]
    next_cursor: str | None


class CompanyTotal(_Frozen):
    """What the company's people bought in one currency, net of refunds and cancellations."""

    currency: str
    orders: int
    amount: str
    last_order_at: datetime | None


class CompanyOrders(_Frozen):
    """What the people came to, for each currency apart, and how many of them bought."""

    people: int
    buyers: int
    totals: tuple[CompanyTotal, ...]


class Likeness(_Frozen):
    """Two companies that may be one, and why. ``score``: how alike the names are, 0 to 100."""

    a: CompanyRow
    b: CompanyRow
    score: int
    same_domain: bool


class Likenesses(_Frozen):
    """The likeliest first; ``is_cut``: there are more than are shown."""

    items: tuple[Likeness, ...]
    is_cut: bool
