"""What crosses the boundary of consent: purposes, texts, what was said, and what it comes to."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from quanyu.kernel.ids import PersonId

EVERY: Final = "*"  # All purposes, or all channels.
PURPOSES_MAX: Final = 50
# Events by which anybody may say so; ``subscribers`` hears them.
GRANTED: Final = "Consent Granted"
WITHDRAWN: Final = "Consent Withdrawn"
EVIDENCE_MAX: Final = 20
PURPOSE_PATTERN: Final = r"^[a-z][a-z0-9_]{0,39}$"

PurposeKey = Annotated[str, StringConstraints(pattern=PURPOSE_PATTERN)]
PurposeOrAll = Annotated[str, StringConstraints(pattern=r"^(\*|[a-z][a-z0-9_]{0,39})$")]
_Name = Annotated[
    str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
_Text = Annotated[
    str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True, pattern=r"^[^\x00]*$")
]
_Word = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]


class Basis(StrEnum):
    """On what ground a purpose may be pursued while somebody has said nothing."""

    CONSENT = "consent"  # Only after they agreed.
    UNTIL_WITHDRAWN = "until_withdrawn"  # They came by themselves, as followers do; until they say no.
    CONTRACT = "contract"  # What they ordered needs it: nobody is asked, yet whoever says no is left alone.
    LEGAL_DUTY = "legal_duty"  # The law asks for it; nothing said ends it.


class ConsentChannel(StrEnum):
    """By which way people are spoken to."""

    OFFICIAL_ACCOUNT = "official_account"
    MINI_PROGRAM = "mini_program"
    WECOM = "wecom"
    SMS = "sms"
    EMAIL = "email"
    CALL = "call"
    ALL = EVERY


class ConsentState(StrEnum):
    """What somebody said."""

    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # What was said before holds no longer; the purpose's basis decides again.


class ConsentSource(StrEnum):
    """Where it was said."""

    API = "api"
    EVENT = "event"
    PAGE = "page"
    STAFF = "staff"
    IMPORT = "import"
    REPLY = "reply"
    SYSTEM = "system"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SavePurpose(_Frozen):
    """A purpose as the brand wants it. ``categories`` are the names consent banners give it."""

    name_zh: _Name
    name_en: _Name
    basis: Basis
    categories: Annotated[tuple[_Word, ...], Field(max_length=20)] = ()
    lasts_days: Annotated[int, Field(ge=1, le=36_500)] | None = None


class PublishText(_Frozen):
    """What people read before they agree. A published version never changes; a new one follows it.

    ``ends_earlier``: who agreed to an earlier one has to be asked again; those grants end now.
    """

    text_zh: _Text
    text_en: _Text
    ends_earlier: bool = False


class ConsentTextView(_Frozen):
    """One version of what people read."""

    version: int
    text_zh: str
    text_en: str
    published_by: str
    published_at: datetime
    ends_earlier: bool


class PurposeView(_Frozen):
    """A purpose with the text now in force."""

    key: str
    name_zh: str
    name_en: str
    basis: Basis
    categories: tuple[str, ...]
    lasts_days: int | None
    is_built_in: bool
    text: ConsentTextView | None


class PurposeBook(_Frozen):
    """All purposes of the brand, in order."""

    items: tuple[PurposeView, ...]


class ConsentTexts(_Frozen):
    """Every version of a purpose's text, newest first."""

    items: tuple[ConsentTextView, ...]


class ChannelCoverage(_Frozen):
    """How many people stand how with one channel; ``allowed``: may be spoken to for the purpose."""

    channel: ConsentChannel
    granted: int
    withdrawn: int
    expired: int
    silent: int
    allowed: int


class VersionCoverage(_Frozen):
    """How many agree, on at least one channel, to a version of the text; ``None``: there was no text then."""

    version: int | None
    people: int


class ConsentCoverage(_Frozen):
    """Where people stand with one purpose. ``people``: everybody the brand knows."""

    purpose: str
    people: int
    channels: tuple[ChannelCoverage, ...]
    versions: tuple[VersionCoverage, ...]


class SayConsent(_Frozen):
    """State what somebody said. ``operation_id`` is the caller's: repeating it adds nothing."""

    operation_id: Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=r"^[^\x00-\x1f]+$")]
    purpose: PurposeOrAll
    channel: ConsentChannel = ConsentChannel.ALL
    state: ConsentState
    text_version: Annotated[int, Field(ge=1)] | None = None  # ``None``: the text now in force.
    occurred_at: AwareDatetime | None = None  # ``None``: now. Not later than now.
    evidence: Annotated[dict[_Word, Any], Field(max_length=EVIDENCE_MAX)] = Field(default_factory=dict)


class Saying(_Frozen):
    """``SayConsent`` with who it is about and who tells it."""

    person_id: PersonId
    operation_id: str
    purpose: str
    channel: ConsentChannel
    state: ConsentState
    text_version: int | None
    source: ConsentSource
    actor: str = ""
    occurred_at: datetime
    evidence: dict[str, Any] = Field(default_factory=dict)


class ConsentEntryView(_Frozen):
    """One line of the ledger."""

    operation_id: str
    purpose: str
    channel: ConsentChannel
    state: ConsentState
    text_version: int | None
    source: ConsentSource
    actor: str
    occurred_at: datetime
    recorded_at: datetime
    valid_until: datetime | None
    evidence: dict[str, Any]


class ConsentStanding(_Frozen):
    """What counts for one purpose and channel today."""

    purpose: str
    channel: ConsentChannel
    state: ConsentState | None  # ``None``: nothing was said.
    is_allowed: bool
    text_version: int | None
    since: datetime | None
    source: ConsentSource | None


class ConsentOfPerson(_Frozen):
    """What counts for somebody, by purpose and channel, and the ledger's lines, newest first."""

    standings: tuple[ConsentStanding, ...]
    entries: tuple[ConsentEntryView, ...]


class ConsentSaid(_Frozen):
    """What became of a statement."""

    is_new: bool  # False: the operation was there already, and nothing was added.
