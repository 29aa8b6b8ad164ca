"""Group live codes as people make and see them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

CodeId = NewType("CodeId", int)
TargetId = NewType("TargetId", int)
CODE_PREFIX: Final = "gcd"
TARGET_PREFIX: Final = "gct"
TARGETS_MAX: Final = 20
GROUPS_MAX: Final = 100  # Candidates of one way; the platform is given up to five with room.
PICTURE_BYTES_MAX: Final = 2_000_000

_Word = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=50)]
_GroupRef = Annotated[str, StringConstraints(pattern=r"^grp_[0-9a-z]{1,13}$")]
_TargetRef = Annotated[str, StringConstraints(pattern=r"^(gct_[0-9a-z]{1,13})?$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Where(_Frozen):
    """Whom a target is for; what is empty does not matter, and several words are any of them."""

    stores: _Words = ()
    segments: _Words = ()  # Ids as shown outside; only people we know are in segments.
    languages: _Words = ()  # zh, en, ja …
    sources: _Words = ()

    @property
    def conditions(self) -> int:
        """How many things matter: the more, the earlier the target is tried."""
        return sum(bool(words) for words in (self.stores, self.segments, self.languages, self.sources))


class _Target(_Frozen):
    id: _TargetRef = ""  # Empty for a new one.
    name: Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True)]
    where: Where = Where()


class WayDraft(_Target):
    """A join way of the platform, into customer groups of ours."""

    kind: Literal["way"] = "way"
    groups: Annotated[tuple[_GroupRef, ...], Field(min_length=1, max_length=GROUPS_MAX)]
    auto_create: bool = True  # The platform opens one more when all are full.
    base_name: Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)] = ""
    base_number: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    @model_validator(mode="after")
    def _names_new_groups(self) -> "WayDraft":
        if self.auto_create and not self.base_name:
            raise ValueError("groups that are opened automatically need a base name")
        return self


class ImageDraft(_Target):
    """A picture of a group's own code, uploaded by hand; it lives seven days (GC-3)."""

    kind: Literal["image"] = "image"
    user_limit: Annotated[int, Field(ge=1, le=500)] = 195
    expires_at: datetime
    picture: str = Field(default="", max_length=2_700_000, repr=False)  # Base64; empty keeps the present one.


TargetDraft = Annotated[WayDraft | ImageDraft, Field(discriminator="kind")]


class GroupStandby(_Frozen):
    """Where people are led when no group has room: never nowhere (GC-1)."""

    kind: Literal["live_code", "url"]
    live_code: Annotated[str, StringConstraints(pattern=r"^(liv_[0-9a-z]{1,13})?$")] = ""
    url: Annotated[str, StringConstraints(max_length=1_000, pattern=r"^(https?://\S+)?$")] = ""
    text: Annotated[str, StringConstraints(max_length=200)] = ""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> "GroupStandby":
        if not (self.live_code if self.kind == "live_code" else self.url):
            raise ValueError("a standby needs the staff code or the address it leads to")
        return self


class OnJoin(_Frozen):
    """What joining by this code brings; leaving takes it back (GC-5)."""

    tags: Annotated[tuple[_Word, ...], Field(max_length=20)] = ()  # Corp tag ids.
    stage: Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)] = ""
    campaign: Annotated[str, StringConstraints(max_length=64, strip_whitespace=True)] = ""


class GroupCodeDraft(_Frozen):
    """What a code is called, leads to and does."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    notice: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""  # On the page.
    targets: Annotated[tuple[TargetDraft, ...], Field(min_length=1, max_length=TARGETS_MAX)]
    standby: GroupStandby
    capacity: Annotated[int, Field(ge=10, le=500)] = 200  # People until joining by code ends.
    margin: Annotated[int, Field(ge=0, le=100)] = 5  # Room kept free for those on their way.
    on_join: OnJoin = OnJoin()

    @model_validator(mode="after")
    def _leaves_room(self) -> "GroupCodeDraft":
        if self.margin >= self.capacity:
            raise ValueError("the margin leaves no room in the groups")
        return self


class NewGroupCode(GroupCodeDraft):
    """A code to be made; ``corp`` may be left out where its groups, or there being but one, tell it."""

    corp: str = ""


class GroupCodeState(StrEnum):
    """What a code does when somebody scans it."""

    ACTIVE = "active"
    PAUSED = "paused"  # Leads to the standby.
    ARCHIVED = "archived"  # The same, for good: its ways are given back to the platform.


class ChangeState(_Frozen):
    """Pause, take up again, or end a code."""

    state: GroupCodeState


class ShownTarget(_Frozen):
    """A target with how it stands."""

    id: str
    kind: Literal["way", "image"]
    name: str
    where: Where
    groups: tuple[str, ...] = ()
    auto_create: bool = False
    base_name: str = ""
    base_number: int = 0
    user_limit: int = 0
    expires_at: datetime | None = None
    status: str  # wanted, ready, failed.
    reason: str
    qr_url: str
    room: int  # How many more people fit in, the margin left out.
    shown: int  # How many people were led there.
    is_expiring: bool = False  # GC-3: within a day.
    is_expired: bool = False


class GroupCode(_Frozen):
    """A code that is kept."""

    id: str
    corp_id: str
    name: str
    notice: str
    url: str  # What the printed picture says.
    state: GroupCodeState
    targets: tuple[ShownTarget, ...]
    standby: GroupStandby
    capacity: int
    margin: int
    on_join: OnJoin
    joined: int
    inside: int
    created_at: datetime
    updated_at: datetime


class GroupCodes(_Frozen):
    """The brand's codes, newest first, with how many join ways they use up."""

    items: tuple[GroupCode, ...]
    ways_used: int
    ways_max: int = 500_000  # Shared with the contact ways of staff codes.


class GroupCodeDay(_Frozen):
    """One day of a code, in the brand's time zone."""

    date: date
    visits: int  # Distinct visitors of its page.
    joined: int
    left: int
    inside: int  # Of those who joined by it, at the end of the day.


class GroupCodeStatistics(_Frozen):
    """What a code brought in a period."""

    days: tuple[GroupCodeDay, ...]
    visits: int
    joined: int
    left: int
    inside: int  # Still in a group now.
    standby: int  # Visitors no group had room for.
    already: int  # Visitors who were in a group of it.


class LandingPreview(_Frozen):
    """What somebody would be shown."""

    outcome: str
    target: str
    target_name: str
    group: str  # Whose name is shown; empty of pictures.
    url: str  # The page.
