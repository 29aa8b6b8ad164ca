"""What crosses the module's boundary."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quanyu.kernel.ids import PersonId

PREFIX: Final = "lnk"
NAME_MAX: Final = 200
# How long the links of a message lead somewhere.
MESSAGE_LINK_LASTS: Final = timedelta(days=180)
CLICKED: Final = "links.clicked"
FETCHED: Final = "links.fetched"

_Mark = Annotated[str, Field(max_length=100)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BotReason(StrEnum):
    """Why a fetch of a link does not count as a person's click."""

    HEAD = "head"  # Only asked where it leads.
    PREFETCH = "prefetch"  # A browser that looks ahead.
    NO_AGENT = "no_agent"  # Says not what it is.
    CRAWLER = "crawler"
    PREVIEW = "preview"  # WeChat and other apps that look before they show.
    TOO_SOON = "too_soon"  # Within a second of the sending.
    BURST = "burst"  # One machine, many people's links.
    TEST = "test"  # A colleague, in a message that tried something out.


class Utm(_Frozen):
    """The marks a target gets, so that the brand's pages know where a visit came from."""

    source: _Mark = ""
    medium: _Mark = ""
    campaign: _Mark = ""
    term: _Mark = ""
    content: _Mark = ""

    def marks(self) -> dict[str, str]:
        """Return those that are set, by the name of their parameter."""
        return {f"utm_{name}": value for name, value in self.model_dump().items() if value}


class SaveLink(_Frozen):
    """A link of the brand's own, for posters, articles and menus: everybody opens the same."""

    name: Annotated[str, Field(min_length=1, max_length=NAME_MAX)]
    target: Annotated[str, Field(min_length=1, max_length=2_000)]
    utm: Utm = Utm()
    expires_at: AwareDatetime | None = None


class LinkView(_Frozen):
    """A link, and what came of it in 30 days."""

    id: str
    name: str
    target: str
    utm: Utm
    url: str | None  # None: each person's copy of a message has an address of its own.
    journey_id: str | None
    node_id: str | None
    broadcast_id: str | None
    expires_at: datetime | None
    created_at: datetime
    # Not known where history was not asked, or is away.
    clicks: int | None
    people: int | None
    bots: int | None


class LinkDay(_Frozen):
    """One day of a link."""

    date: date
    clicks: int
    people: int
    bots: int


class BotCount(_Frozen):
    """How often a link was fetched by no person, for one reason."""

    reason: BotReason
    count: int


class LinkStatistics(_Frozen):
    """What came of a link in some days: clicks of people, people, and fetches that do not count."""

    days: tuple[LinkDay, ...]
    clicks: int
    people: int
    bots: int
    bot_reasons: tuple[BotCount, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link a message asks for: where to, and by which name its clicks are counted."""

    name: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One person's copy of a link, as it stands in their message."""

    code: str
    wanted: Wanted
    person_id: PersonId
    message_id: int
    campaign: str  # ``jrn_…``, ``bct_…``, or empty: sent by hand.
    node_id: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where an address of ours leads, and what a click on it tells."""

    link_id: int
    target: str
    utm: Mapping[str, str]
    person_id: PersonId | None
    message_id: int | None
    campaign: str
    node_id: str
    is_over: bool
