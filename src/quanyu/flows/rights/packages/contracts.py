"""What crosses the boundary of packages."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

PACKAGE_PREFIX: Final = "rpk"
KEEP_DAYS: Final = 7


class PackageLanguage(StrEnum):
    """In which language the overview tells what is in a package."""

    ZH = "zh"
    EN = "en"


class PackageState(StrEnum):
    """Where a package stands."""

    GATHERING = "gathering"
    PACKING = "packing"
    DONE = "done"


class PackageRemoved(StrEnum):
    """Why the file of a package is gone."""

    EXPIRED = "expired"
    ERASED = "erased"  # The person is no longer there.
    REPLACED = "replaced"  # Another was made for the same request.
    BY_HAND = "by_hand"
    REFUSED = "refused"  # The request was.


class Store(StrEnum):
    """Where something was found."""

    POSTGRES = "postgres"
    LOG = "log"
    ARCHIVE = "archive"
    WAREHOUSE = "warehouse"
    FILES = "files"


class StartPackage(BaseModel):
    """Gather everything held about the person of a request.

    Without ``language`` the person's own is taken, as their profile tells it, else Chinese. The file is
    deleted after ``keep_days``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    language: PackageLanguage | None = None
    keep_days: Annotated[int, Field(ge=1, le=30)] = KEEP_DAYS


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Gathered(_Frozen):
    """How many rows of a section were found in a store."""

    section: str
    store: Store
    rows: int


class PackageFetch(_Frozen):
    """Who took the file, and when."""

    actor: str
    fetched_at: datetime


class PackageView(_Frozen):
    """A package. ``done`` of ``of`` places were gone through; ``gathered`` tells what was found where.

    ``trouble``: why the last attempt came to no end; another begins by itself.
    """

    id: str
    request: str
    state: PackageState
    language: PackageLanguage
    actor: str
    done: int
    of: int
    gathered: tuple[Gathered, ...]
    rows: int
    attempts: int
    trouble: str
    removed: PackageRemoved | None
    removed_by: str
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    can_fetch: bool
    fetches: tuple[PackageFetch, ...]


class Packages(_Frozen):
    """The packages of a request, newest first."""

    items: tuple[PackageView, ...]
