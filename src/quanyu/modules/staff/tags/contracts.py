"""Corp tags as people use them: 10,000 in a company, 30 characters a name, groups that cannot be empty."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.staff.customers.contracts import RelationKey
from quanyu.modules.staff.tags.rules import ConflictPolicy, Mark, Winner

NAME_MAX: Final = 30
TAGS_MAX: Final = 10_000  # Of a company, by the platform.
NEW_MAX: Final = 100  # In one request.
PEOPLE_MAX: Final = 5_000  # In one request.

TagName = Annotated[str, StringConstraints(min_length=1, max_length=NAME_MAX, strip_whitespace=True)]
PlatformId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMark:
    """A row of ``customer_tag``."""

    key: RelationKey
    tag_id: str
    mark: Mark


class CorpTag(_Frozen):
    """A tag of the company."""

    id: str
    name: str
    is_own: bool  # Made by our app: others can only be changed where they were made.
    customers: int  # Who carry it, as far as we know.
    waiting: int  # Changes on their way to the platform.
    failed: int  # Changes the platform refused.


class CorpTagGroup(_Frozen):
    id: str
    name: str
    is_own: bool  # All of its tags are ours.
    tags: tuple[CorpTag, ...]


class CorpTags(_Frozen):
    """The tags of a company, and how conflicts about them are decided."""

    corp: str
    groups: tuple[CorpTagGroup, ...]
    policy: ConflictPolicy
    listed_at: datetime | None  # When the list was last read.
    is_listing: bool
    reason_zh: str  # Why the list could not be read, empty if it could.
    reason_en: str


class NewTags(_Frozen):
    """Tags for a group that exists (``group``), or for one by this name; names that exist collapse."""

    corp: str
    group: PlatformId | None = None
    group_name: TagName | None = None
    names: Annotated[tuple[TagName, ...], Field(min_length=1, max_length=NEW_MAX)]

    @model_validator(mode="after")
    def _names_one_group(self) -> "NewTags":
        if (self.group is None) == (self.group_name is None):
            raise ValueError("name either a group that exists or a new one")
        return self


class Rename(_Frozen):
    corp: str
    name: TagName


class Arrange(_Frozen):
    """Groups, or tags of one group, in the order they are to stand in, first one first."""

    corp: str
    ids: Annotated[tuple[PlatformId, ...], Field(min_length=1, max_length=1_000)]


class SetPolicy(_Frozen):
    corp: str
    policy: ConflictPolicy


class OfCorp(_Frozen):
    corp: str


class CorpTagging(_Frozen):
    """Which tags to give to customers and which to take; ``staff`` narrows it to one member's relations."""

    corp: str
    people: Annotated[tuple[str, ...], Field(min_length=1, max_length=PEOPLE_MAX)]
    staff: str | None = None  # A member's user id.
    add: Annotated[tuple[PlatformId, ...], Field(max_length=50)] = ()
    remove: Annotated[tuple[PlatformId, ...], Field(max_length=50)] = ()

    @model_validator(mode="after")
    def _asks_something(self) -> "CorpTagging":
        if not self.add and not self.remove:
            raise ValueError("name at least one tag to add or to remove")
        if both := set(self.add) & set(self.remove):
            raise ValueError(f"both to add and to remove: {', '.join(sorted(both))}")
        return self


class CorpTaggingTaken(_Frozen):
    """What became of a ``CorpTagging``: changes go to the platform within seconds."""

    waiting: int  # Changes.
    without_relation: int  # People whom no member has as a customer: they cannot carry corp tags.


class PersonCorpTag(_Frozen):
    """One tag that one member's relation with a person carries, or is to carry."""

    corp: str
    staff: str
    id: str
    name: str
    group: str
    carried: bool
    wanted: bool | None  # What is on its way, if anything.
    failed_zh: str  # Why it could not be changed, empty if it could.
    failed_en: str


class PersonCorpTags(_Frozen):
    items: tuple[PersonCorpTag, ...]


class TagConflict(_Frozen):
    """The platform's side undid what we had decided."""

    id: str
    corp: str
    staff: str
    person_id: str | None
    tag_id: str
    tag: str
    seen: bool  # What the platform had; ours was the opposite.
    ours_at: datetime
    origin: str
    policy: ConflictPolicy
    winner: Winner
    found_at: datetime


class TagConflictPage(_Frozen):
    items: tuple[TagConflict, ...]
    next_cursor: str | None


class CorpTagFailure(_Frozen):
    """A change the platform refused, for good."""

    corp: str
    staff: str
    person_id: str | None
    tag_id: str
    tag: str
    wanted: bool
    reason: str
    detail_zh: str
    detail_en: str
    at: datetime


class CorpTagFailures(_Frozen):
    items: tuple[CorpTagFailure, ...]


def wishes_of(add: Sequence[str], remove: Sequence[str]) -> dict[str, bool]:
    """Return what is wanted of each tag; a tag on both sides is given."""
    return {**dict.fromkeys(remove, False), **dict.fromkeys(add, True)}
