"""Source codes as people use them.

An account has 100,000 permanent codes for good; a temporary one lives up to 30 days (生成带参数的二维码).
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.channels.replies.contracts import Contents, Mode, check_contents

CodeId = NewType("CodeId", int)
CODE_PREFIX: Final = "qrc"
PERMANENT_MAX: Final = 100_000
TAGS_MAX: Final = 20  # Of one person, and so of one code.
DAYS_MAX: Final = 30


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CodeKind(StrEnum):
    """How long the picture works."""

    PERMANENT = "permanent"
    TEMPORARY = "temporary"


class CodeState(StrEnum):
    """Where a code is."""

    ISSUING = "issuing"  # The platform is asked for its ticket.
    READY = "ready"
    FAILED = "failed"  # The platform refused; ``reason`` says why.
    ARCHIVED = "archived"  # Printed pictures lead elsewhere.


class CodeDraft(_Frozen):
    """What a code is called and does."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    tags: Annotated[tuple[int, ...], Field(max_length=TAGS_MAX)] = ()  # Account tags given on a scan.
    contents: Contents = ()  # The welcome; without one the account's own follow reply answers.
    mode: Mode = Mode.ALL

    @model_validator(mode="after")
    def _fits_together(self) -> "CodeDraft":
        check_contents(self.contents, self.mode)
        return self


class NewCode(CodeDraft):
    """A code to be made. ``scene`` is what the code says: made here, or that of a code already printed."""

    kind: CodeKind = CodeKind.PERMANENT
    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = DAYS_MAX  # Of a temporary code.
    scene: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-.:@/]{0,64}$")] = ""


class ArchiveCode(_Frozen):
    """End a code. Its printed pictures stay in the world, so somebody has to answer for them.

    ``redirect`` is the id of the code that does, or ``follow``: the account's own follow reply.
    """

    redirect: Annotated[str, StringConstraints(pattern=r"^(follow|qrc_[0-9a-z]{1,13})$")]


class SourceCode(CodeDraft):
    """A code that is kept."""

    id: str
    kind: CodeKind
    scene: str
    state: CodeState
    reason: str
    reason_zh: str
    reason_en: str
    url: str  # What the picture says; empty until the platform answered.
    expires_at: datetime | None
    redirect: str | None
    scans_30d: int = 0
    follows_30d: int = 0
    created_at: datetime
    updated_at: datetime


class SourceCodes(_Frozen):
    """The account's codes, newest first, and how many permanent ones are used up."""

    items: tuple[SourceCode, ...]
    permanent_used: int
    permanent_max: int = PERMANENT_MAX


class CodeDay(_Frozen):
    """One day of a code, in the brand's time zone."""

    date: date
    scans: int  # Followers who scanned, and people who followed by it.
    follows: int
    people: int


class CodeStatistics(_Frozen):
    """What a code brought in a period, from history.

    ``lost_*`` counts people who left within that time after following by it; ``payers`` and ``revenue``
    those 30 days.
    """

    days: tuple[CodeDay, ...]
    scans: int
    follows: int
    people: int  # Who followed by it.
    new_people: int  # Who never followed the account before.
    lost_24h: int
    lost_7d: int
    lost_30d: int
    payers: int
    revenue: Decimal
    currency: str


ImageFormat = Literal["png", "svg"]
