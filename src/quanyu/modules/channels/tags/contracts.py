"""Account tags as people use them. The platform allows 100 tags an account, 20 a person, 30 bytes a name."""

from datetime import datetime
from typing import Annotated, Final, NewType

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

TagId = NewType("TagId", int)
NAME_BYTES_MAX: Final = 30
PEOPLE_MAX: Final = 5_000  # In one request.
RESERVED_MAX: Final = 2  # Tags 0, 1 and 2 belong to the platform.


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TagName(_Frozen):
    """The name of a tag."""

    name: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, max_length=30)]

    @model_validator(mode="after")
    def _fits(self) -> "TagName":
        size = len(self.name.encode())
        if size > NAME_BYTES_MAX:
            raise ValueError(
                f"a tag's name has at most {NAME_BYTES_MAX} bytes (10 汉字), this one has {size}"
            )
        return self


class AccountTag(_Frozen):
    """A tag of the account."""

    id: int
    name: str
    platform_count: int  # How many carry it, as the platform said last.
    people: int  # How many we know of.
    waiting: int  # Changes on their way to the platform.
    failed: int  # Changes the platform refused.
    is_reserved: bool
    synced_at: datetime


class AccountTags(_Frozen):
    """All tags of the account."""

    items: tuple[AccountTag, ...]


class Tagging(_Frozen):
    """Whom to give a tag to, or take it from."""

    people: Annotated[tuple[str, ...], Field(min_length=1, max_length=PEOPLE_MAX)]


class TaggingTaken(_Frozen):
    """What became of a ``Tagging``: changes go to the platform within seconds, 50 people a call."""

    waiting: int
    without_account: int  # People of whom this account knows no openid.


class TaggedPerson(_Frozen):
    """Somebody who carries a tag."""

    person_id: str
    since: datetime


class TaggedPeople(_Frozen):
    """A page of who carries a tag; ``next_cursor`` is None on the last one."""

    items: tuple[TaggedPerson, ...]
    next_cursor: str | None


class TagFailure(_Frozen):
    """A change the platform refused, for good."""

    tag_id: int
    tag: str
    person_id: str | None
    wanted: bool
    reason: str
    detail_zh: str
    detail_en: str
    at: datetime


class TagFailures(_Frozen):
    """The latest refused changes."""

    items: tuple[TagFailure, ...]


class PersonTags(_Frozen):
    """The tags one person carries, by account."""

    items: tuple["PersonTag", ...]


class PersonTag(_Frozen):
    account_id: str
    id: int
    name: str
    since: datetime
