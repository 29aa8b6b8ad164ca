"""What crosses the boundary of computed attributes: commands and views."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from quanyu.modules.insight.computed.definition import KEY_PATTERN
from quanyu.modules.insight.computed.values import ValueType
from quanyu.modules.people.contracts import PersonRow

PREFIX = "cat"  # cat_… outside.
Kind = Literal["events", "formula", "rank"]
State = Literal["draft", "live", "paused"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


_Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
_Words = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
_Key = Annotated[str, Field(pattern=KEY_PATTERN)]


class NewComputed(_Command):
    """Begin a computed attribute as a draft. Its key never changes; values are kept as ``computed.<key>``."""

    key: _Key
    name: _Name
    description: _Words = ""
    definition: dict[str, Any]


class SaveComputed(_Command):
    """Replace words and draft. What is published goes on until the draft is."""

    name: _Name
    description: _Words = ""
    definition: dict[str, Any]


class TryComputed(_Command):
    """Compute a definition for a sample of people; nothing is saved. ``key``: whose next version it is."""

    definition: dict[str, Any]
    key: _Key | None = None


class SpreadBar(_View):
    """One bar. Numbers: from ``start`` up to, not including, ``end`` (the last one: and beyond)."""

    label: str
    start: float | None = None
    end: float | None = None
    people: int


class ValueSpread(_View):
    """How values are spread over the people who have one."""

    type: ValueType
    people: int
    bins: tuple[SpreadBar, ...]
    other: int  # People with values beyond the bars.
    least: float | None = None
    most: float | None = None
    mean: float | None = None
    median: float | None = None


class ComputedSample(_View):
    """One person's value as the definition gives it, and as it is kept now."""

    person: PersonRow
    value: Any
    current: Any


class ComputedTrial(_View):
    """What a definition gives. ``examined`` of ``total`` people were looked at."""

    type: ValueType
    examined: int
    total: int
    with_value: int
    differing: int  # Of the examined, whose kept value is another.
    distribution: ValueSpread
    sample: tuple[ComputedSample, ...]
    took_ms: int


class ComputedVersion(_View):
    """What was published, by whom, when."""

    version: int
    definition: dict[str, Any]
    actor: str
    published_at: datetime


class AttributeUse(_View):
    """Something that reads the attribute."""

    kind: Literal["attribute", "segment", "journey", "analysis", "board"]
    id: str
    name: str


class ComputedView(_View):
    """A computed attribute; values are exact as of ``as_of``. ``people`` of the brand have one."""

    id: str
    key: str
    attribute: str  # As conditions and templates name it.
    name: str
    description: str
    state: State
    kind: Kind
    type: ValueType | None
    version: int
    definition: dict[str, Any] | None
    draft: dict[str, Any] | None
    people: int
    changed: int  # Values the last computation changed.
    as_of: datetime | None
    full_at: datetime | None
    took_ms: int
    error: str | None
    is_building: bool  # Published, and not yet computed for everybody.
    created_by: str
    created_at: datetime
    published_at: datetime | None


class ComputedList(_View):
    """Every computed attribute, oldest first; the brand has ``people`` people and may have ``most``."""

    items: tuple[ComputedView, ...]
    people: int
    most: int


class ComputedDetail(ComputedView):
    """A computed attribute with what it reads, who reads it, and its past."""

    inputs: tuple[str, ...]  # Computed attributes, by key.
    told: tuple[str, ...]  # Attributes told of people.
    events: tuple[str, ...]  # Event names.
    used_by: tuple[AttributeUse, ...]
    versions: tuple[ComputedVersion, ...]


class ComputedRow(_View):
    """A person and the value, which holds ``since`` then."""

    person: PersonRow
    value: Any
    since: datetime


class ComputedPage(_View):
    """One page of the people who have a value."""

    items: tuple[ComputedRow, ...]
    next_cursor: str | None
    total: int


class PersonValue(_View):
    """One value on a person's page, with its lineage: ``since`` it holds, exact as of ``as_of``."""

    id: str
    key: str
    name: str
    description: str
    type: ValueType
    value: Any
    since: datetime
    as_of: datetime | None
    state: State
    definition: dict[str, Any]


class PersonValues(_View):
    """Every computed value of a person."""

    items: tuple[PersonValue, ...]


class ComputedRefresh(_View):
    """What a computation did: how many people it looked at, how many values it changed."""

    as_of: datetime
    looked_at: int
    changed: int
    full: tuple[str, ...]
    took_ms: int
    failed: dict[str, str]
