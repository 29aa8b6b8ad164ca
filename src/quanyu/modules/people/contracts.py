"""What crosses the boundary of people: identifiers, profiles, timeline rows, commands and results."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from quanyu.kernel.ids import PersonId


class IdentifierLike(Protocol):
    """Anything that names a person: what doors, facts and imports carry."""

    @property
    def namespace(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def value(self) -> str: ...


class Identifier(NamedTuple):
    """One name of a person. The same person has a different ``openid`` in every account, hence the scope."""

    namespace: str  # For example openid, unionid, phone.
    scope: str  # The appid, platform account or corp the value belongs to; "" where there is only one.
    value: str


class AttributeClass(StrEnum):
    """How private an attribute is. Identifiers and names never reach the warehouse."""

    IDENTIFIER = "identifier"
    NAME = "name"
    FREE = "free"
    NONE = "none"


class ResolveRow(NamedTuple):
    """One row of the log as resolving needs it."""

    position: int
    kind: str
    occurred_at: datetime
    source: str
    tokens: bytes = b""  # n x 16 bytes, strongest first.
    identifiers_json: str | None = None  # [[namespace, scope, sealed base64], ...], aligned with tokens.
    sealed: bytes | None = None  # Encrypted JSON object: traits of the classes identifier and name.
    traits_json: str | None = None  # JSON object: the clear traits; None when the row tells no attributes.
    person_id: int | None = None  # Used when the row carries no usable identifier.


class Merge(NamedTuple):
    """``from_id`` stands for nobody any more: everything kept under it is ``to_id``'s now."""

    from_id: int
    to_id: int


class Split(NamedTuple):
    """``person_id`` left ``from_id`` for ``to_id`` (often itself), and ``from_id`` goes on with the others.

    What is kept by the id its event was stamped with follows by itself; what is kept under ``from_id`` alone
    cannot be told apart and stays.
    """

    person_id: int
    from_id: int
    to_id: int


class Departure(NamedTuple):
    """An identifier left ``from_id`` for ``to_id``, and ``from_id`` goes on with the others.

    What belongs to the identifier goes with it; so does what was kept under its own ``person_id``, if it has
    one, before that became ``from_id``.
    """

    token: bytes
    namespace: str
    person_id: int | None
    from_id: int
    to_id: int


@dataclass(frozen=True, slots=True)
class ResolveResult:
    """What resolving a batch found.

    ``person_ids`` holds the id to stamp on each event for good: that of the strongest identifier the row
    carries. ``canonical_ids`` holds who that is today. Both are aligned with the rows; ``None`` is nobody.
    """

    person_ids: list[int | None]
    canonical_ids: list[int | None]
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]
    touched: frozenset[int]  # Canonical ids of the profiles that changed or came to be.
    created: int  # Profiles that came to be.
    departures: tuple[Departure, ...] = ()


class EdgeOutcome(StrEnum):
    """What became of an edge between two identifiers."""

    HELD = "held"
    DEMOTED = "demoted"
    REMOVED = "removed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class LinkResult:
    """What linking or unlinking two identifiers led to."""

    outcome: EdgeOutcome
    reason: str  # Why the edge was demoted; "" when it holds or was removed.
    people: tuple[PersonId, ...]  # The canonical person of each identifier afterwards.
    merges: tuple[Merge, ...]
    splits: tuple[Split, ...]
    departures: tuple[Departure, ...] = ()


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class PersonRow(_View):
    """One row of a list of people."""

    id: str
    display_name: str
    avatar_seed: str
    first_seen_at: datetime
    last_seen_at: datetime
    city: str | None
    rfm_class: str | None
    orders: int | None
    revenue: str | None  # In ``currency``.
    currency: str | None
    reachable: bool | None


class PeoplePage(_View):
    """One page of people; ``total`` counts all the list would hold."""

    items: tuple[PersonRow, ...]
    next_cursor: str | None
    total: int


class AttributeView(_View):
    """The winning value of one attribute; identifiers are masked."""

    key: str
    value: Any
    source: str
    occurred_at: datetime
    classification: AttributeClass


class IdentityView(_View):
    """One identifier of a person, and how it came to be theirs."""

    namespace: str
    scope: str
    value_masked: str
    strength: int
    first_seen_at: datetime
    evidence: tuple[str, ...]


class SegmentView(_View):
    """A segment or list the person is in, and the instant they came in."""

    id: str
    name: str
    since: datetime
    is_list: bool = False


class TotalsView(_View):
    """What the person bought, and how often they were heard of."""

    orders: int
    revenue: str
    currency: str
    last_order_at: datetime | None
    events: int


class RfmView(_View):
    """The person's recency, frequency and monetary value, and their scores."""

    model_config = ConfigDict(frozen=True, validate_by_name=True, validate_by_alias=True)

    recency_days: int
    frequency: int
    monetary: str
    r: int
    f: int
    m: int
    rfm_class: str = Field(alias="class")


class LifetimeView(_View):
    """What is foretold of the person; ``None`` is "the models cannot tell". Money in whole minor units."""

    days_bought: int
    last_on: date
    alive: float | None  # Probability of still being a customer; not known of whoever bought once.
    buys_soon: float  # Of at least one purchase within ``soon_days``.
    purchases: float  # Expected within ``horizon_days``.
    next_on: date | None
    spend_minor: int | None
    value_minor: int | None
    alive_band: int
    value_band: int | None
    currency: str
    minor_per_unit: int
    computed_at: datetime
    horizon_days: int
    soon_days: int


class PersonProfile(_View):
    """Everything the console shows of one person, except the timeline."""

    id: str
    display_name: str
    avatar_seed: str
    first_seen_at: datetime
    last_seen_at: datetime
    attributes: tuple[AttributeView, ...]
    identities: tuple[IdentityView, ...]
    segments: tuple[SegmentView, ...]
    totals: TotalsView | None
    rfm: RfmView | None
    lifetime: LifetimeView | None
    reachable: bool | None


class TimelineItem(_View):
    """One event of a person, as history holds it."""

    id: str
    name: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    source: str
    properties: dict[str, Any]
    context: dict[str, str]
    revenue: str | None
    currency: str
    order_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineFilter:
    """Which events of a timeline are wanted; empty is "any". The period is half-open."""

    name: str = ""
    kind: str = ""
    channel: str = ""
    since: datetime | None = None
    until: datetime | None = None


class TimelinePage(_View):
    """One page of a timeline, newest first."""

    items: tuple[TimelineItem, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowExtras:
    """What higher modules know of a person for a list; ``None`` is "not known"."""

    rfm_class: str | None = None
    reachable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileExtras:
    """What higher modules know of one person."""

    segments: tuple[SegmentView, ...] = ()
    rfm: RfmView | None = None
    lifetime: LifetimeView | None = None
    reachable: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeWrite:
    """Set one attribute of one person. ``value`` is JSON; ``None`` clears it."""

    person_id: PersonId
    key: str
    value: Any
