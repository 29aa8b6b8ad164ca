"""What crosses the boundary of jobs about many people."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from quanyu.modules.people.listing.contracts import PeopleFilter
from quanyu.modules.people.profile.contracts import AttributeKey, AttributeValue
from quanyu.modules.people.tags.contracts import Id

JOB_PREFIX: Final = "pjob"
PEOPLE_MAX: Final = 1_000_000
NAMED_MAX: Final = 10_000
UNDO_DAYS: Final = 30


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeTags(_Frozen):
    """Give tags to people and take others from them."""

    kind: Literal["tags"] = "tags"
    add: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    remove: Annotated[tuple[Id, ...], Field(max_length=20)] = ()
    expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _asks_one_thing_each(self) -> "ChangeTags":
        asked = (*self.add, *self.remove)
        if not asked or len(set(asked)) < len(asked):
            raise ValueError("name at least one tag, each once: to add or to remove")
        return self


class ChangeAttribute(_Frozen):
    """Say by hand what one attribute of people is; no value clears it."""

    kind: Literal["attribute"] = "attribute"
    key: AttributeKey
    value: AttributeValue = None


class ChangeList(_Frozen):
    """Put people on a list, or take them from it; ``segment`` is the list's id."""

    kind: Literal["list"] = "list"
    segment: Id
    put: bool


class StartJourney(_Frozen):
    """Let people into a journey that runs, as far as its rule of re-entry lets them."""

    kind: Literal["journey"] = "journey"
    journey: Id


Deed = Annotated[ChangeTags | ChangeAttribute | ChangeList | StartJourney, Field(discriminator="kind")]


class MeantPeople(_Frozen):
    """The people named, or everybody a filter names at this moment."""

    people: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=40)], ...],
        Field(max_length=NAMED_MAX),
    ] = ()
    filter: PeopleFilter | None = None

    @model_validator(mode="after")
    def _names_somebody(self) -> "MeantPeople":
        if bool(self.people) == (self.filter is not None):
            raise ValueError("name either people or a filter")
        return self


class StartJob(_Frozen):
    """Change many people in the background. Who is meant is settled now; whoever comes later is not."""

    audience: MeantPeople
    deed: Deed


class JobState(StrEnum):
    """Where a job stands."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"  # What was done by then stays, and can be taken back.


class PeopleJobView(BaseModel):
    """A job. ``changed``: people it changed; ``failed``: people it could not treat, with a reason each.

    ``undoes`` is the job it takes back, ``undone_by`` the one that takes it back; ``can_undo`` says whether
    that may be asked for now.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    state: JobState
    deed: dict[str, Any]
    people: int
    done: int
    changed: int
    failed: int
    actor: str
    created_at: datetime
    finished_at: datetime | None
    undoes: str | None
    undone_by: str | None
    can_undo: bool


class PeopleJobs(BaseModel):
    """The latest jobs, newest first."""

    model_config = ConfigDict(frozen=True)

    items: tuple[PeopleJobView, ...]


class AudienceCount(BaseModel):
    """How many people are meant."""

    model_config = ConfigDict(frozen=True)

    people: int


class Failure(StrEnum):
    """Why somebody was not treated."""

    GONE = "gone"  # Erased since the job was asked for.
    CHANGED_SINCE = "changed_since"  # Somebody else changed what was to be taken back.
    NOT_RUNNING = "not_running"  # The journey was paused or ended since the job was asked for.
