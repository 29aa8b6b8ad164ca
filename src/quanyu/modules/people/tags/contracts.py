"""What crosses the boundary of tags: groups, tags, changes, and what became of them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

TAG_PREFIX: Final = "ptg"
GROUP_PREFIX: Final = "ptgroup"
JOB_PREFIX: Final = "ptgjob"
GROUPS_MAX: Final = 200
TAGS_MAX: Final = 2_000
DIRECT_MAX: Final = 1_000  # People of one immediate change.
JOB_PEOPLE_MAX: Final = 1_000_000
LASTS_DAYS_MAX: Final = 3_650

Name = Annotated[
    str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True, pattern=r"^[^\x00-\x1f]+$")
]
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Color(StrEnum):
    """How a group's tags look in the console."""

    GRAY = "gray"
    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLUE = "blue"


class Origin(StrEnum):
    """Who says that somebody carries a tag, or why it ended."""

    MANUAL = "manual"
    JOB = "job"
    RULE = "rule"
    PLATFORM = "platform"
    FORM = "form"  # An answer chose an option that gives it.
    IMPORT = "import"  # A list that was imported says so; the actor is its source.
    JOURNEY = "journey"  # A step of a journey gave it; the actor is the journey.
    EXPIRED = "expired"
    DELETED = "deleted"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SaveTagGroup(_Frozen):
    """Create or replace a group. Of an exclusive one a person carries at most one tag."""

    name: Name
    color: Color = Color.GRAY
    is_exclusive: bool = False


class NewTag(_Frozen):
    """A tag for a group; given by hand it lasts ``lasts_days`` days, or until taken."""

    group: Id
    name: Name
    description: Text = ""
    lasts_days: Annotated[int, Field(ge=1, le=LASTS_DAYS_MAX)] | None = None


class EditTag(_Frozen):
    """Replace a tag's words and how long it lasts from now on; who carries it stays."""

    name: Name
    description: Text = ""
    lasts_days: Annotated[int, Field(ge=1, le=LASTS_DAYS_MAX)] | None = None


class ArrangeTags(_Frozen):
    """Groups, or the tags of one group, in the order they are to stand in; those left out come last."""

    ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=TAGS_MAX)]


class TagChange(_Frozen):
    """What to do: give tags, take them, or let their rules decide again (``release``).

    Given or taken by hand counts before the tag's rule. ``expires_at`` is for the tags given; without it a
    tag lasts as long as it says itself.
    """

    add: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    remove: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    release: Annotated[tuple[Id, ...], Field(max_length=50)] = ()
    expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _asks_one_thing_each(self) -> "TagChange":
        asked = (*self.add, *self.remove, *self.release)
        if not asked:
            raise ValueError("name at least one tag to add, remove or release")
        if len(set(asked)) < len(asked):
            raise ValueError("each tag once: to add, to remove or to release")
        return self


class ChangeTagsOfPeople(TagChange):
    """Change the tags of the people named, at once."""

    people: Annotated[tuple[Id, ...], Field(min_length=1, max_length=DIRECT_MAX)]


class StartTagJob(TagChange):
    """Change the tags of many people in the background: those named, or the members of a segment now."""

    people: Annotated[tuple[Id, ...], Field(max_length=50_000)] = ()
    segment: Id | None = None

    @model_validator(mode="after")
    def _names_somebody(self) -> "StartTagJob":
        if bool(self.people) == (self.segment is not None):
            raise ValueError("name either people or a segment")
        if self.release:
            raise ValueError("rules are asked again for the people named, not in the background")
        return self


class TagsChanged(_Frozen):
    """What a change came to."""

    people: int  # Whose tags changed.
    unknown: int  # Ids this brand has no person for.


class PersonTagView(_Frozen):
    """One tag. ``people`` is ``None`` while history cannot be read."""

    id: str
    name: str
    description: str
    lasts_days: int | None
    people: int | None
    changed_at: datetime | None  # When somebody last began or ceased to carry it.
    created_by: str
    rule_segment: str | None  # The segment its rule keeps; see ``GET /person-tags/{tag}/rule``.


class PersonTagGroupView(_Frozen):
    """A group and its tags, in order."""

    id: str
    name: str
    color: Color
    is_exclusive: bool
    tags: tuple[PersonTagView, ...]


class PersonTagBook(_Frozen):
    """All groups of the brand, in order."""

    groups: tuple[PersonTagGroupView, ...]


class CarriedTag(_Frozen):
    """A tag somebody carries, and who says so."""

    id: str
    name: str
    group: str
    color: Color
    origin: Origin
    actor: str  # Who gave it, where somebody did.
    given_at: datetime
    expires_at: datetime | None


class CarriedTags(_Frozen):
    """Everything one person carries, in the groups' order."""

    items: tuple[CarriedTag, ...]


class TagJobPreview(_Frozen):
    """How many people a job would be about, and how many of them were given each tag before."""

    people: int
    holding: dict[str, int]


class TagJobView(_Frozen):
    """A change of many people. ``changed`` counts those whose tags it changed."""

    id: str
    add: tuple[str, ...]
    remove: tuple[str, ...]
    audience: str  # The segment's id, or "" for people named.
    people: int
    done: int
    changed: int
    actor: str
    created_at: datetime
    finished_at: datetime | None


class TagJobs(_Frozen):
    """The latest jobs, newest first."""

    items: tuple[TagJobView, ...]
