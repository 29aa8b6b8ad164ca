"""What crosses the boundary: links between tags of ours and tags of accounts, and how they stand."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

LINK_PREFIX: Final = "tlk"
LINKS_MAX: Final = 2_000
SHOWN_MAX: Final = 20  # People a report shows.

Id = Annotated[str, Field(min_length=1, max_length=64)]


class TagPlatform(StrEnum):
    """Whose tags."""

    OFFICIAL_ACCOUNT = "official_account"
    WECOM = "wecom"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LinkTag(_Frozen):
    """Link a tag of ours with one of an account (``oac_…`` or ``wcp_…``).

    Without ``platform_tag`` the account's tag of the same name is taken, or made there.
    """

    tag: Id
    account: Id
    platform_tag: Id | None = None


class LinkGroup(_Frozen):
    """Link every tag of a group that is not linked there yet with the tag of its name, made if need be."""

    group: Id
    account: Id


class TagLink(_Frozen):
    """A link, and how it stands."""

    id: str
    tag: str
    platform: TagPlatform
    account: str
    account_name: str
    platform_tag: str
    name: str  # What the platform's tag is called.
    is_gone: bool  # The platform's tag was deleted there: nothing is done any more.
    waiting: int  # Changes on their way to the platform.
    failed: int  # Changes the platform refused for good.
    error_zh: str  # The latest refusal, empty if there is none.
    error_en: str
    error_at: datetime | None
    compared_at: datetime | None  # When everybody was last compared.
    is_comparing: bool
    created_by: str
    created_at: datetime


class TagLinks(_Frozen):
    items: tuple[TagLink, ...]


class NotLinked(_Frozen):
    """A tag of a group that could not be linked, and why."""

    tag: str
    reason_zh: str
    reason_en: str


class GroupLinked(_Frozen):
    """What became of a ``LinkGroup``."""

    linked: tuple[str, ...]  # Ids of the new links.
    refused: tuple[NotLinked, ...]


class LinkDifference(StrEnum):
    """What a comparison would do."""

    GIVE_HERE = "give_here"
    TAKE_HERE = "take_here"
    GIVE_THERE = "give_there"
    TAKE_THERE = "take_there"
    FAILED = "failed"


class DifferentPerson(_Frozen):
    person_id: str
    difference: LinkDifference


class LinkReport(_Frozen):
    """A dry run: what differs and what would change; nothing was changed.

    People are counted for what changes here, their openids or relations (places) for what changes there.
    """

    people: int  # Who carry either tag and were compared: at most 50,000.
    is_complete: bool
    same: int  # Places where both sides have the same.
    give_here: int
    take_here: int
    give_there: int
    take_there: int
    waiting: int  # Places to which a change is on its way.
    failed: int  # Places for which the platform refused; they are tried again.
    unknown: int  # Places the platform was not asked about yet.
    without_place: int  # People who carry our tag and are not in this account: it waits for them.
    shown: tuple[DifferentPerson, ...]


class Reconciling(_Frozen):
    """A comparison of everybody began; refused changes are tried again."""

    tried_again: int
