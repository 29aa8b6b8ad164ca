"""What crosses the boundary of journeys."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class SaveJourney(BaseModel):
    """Draw a journey, or change its draft. The draft may be unfinished; publishing checks it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    definition: dict[str, Any]


class NodeView(_Frozen):
    """One node and how many people passed: ``entered`` = ``waiting`` + ``left`` on a published graph."""

    id: str
    kind: str
    label: str
    entered: int
    waiting: int
    left: int
    outcomes: dict[str, int]


class JourneyRowView(_Frozen):
    """A journey in a list."""

    id: str
    name: str
    status: str
    version: int
    entered: int
    active: int
    completed: int
    exited: int
    nodes: tuple[NodeView, ...]
    created_at: datetime
    updated_at: datetime


class JourneyView(JourneyRowView):
    """A journey with its draft and, if published, the graph people move through."""

    definition: dict[str, Any]
    published: dict[str, Any] | None
    problems: tuple[str, ...]  # What keeps the draft from being published.


class JourneyList(_Frozen):
    """The brand's journeys."""

    items: tuple[JourneyRowView, ...]


class PersonAtNode(_Frozen):
    """Somebody who stands at a node."""

    person_id: str
    display_name: str
    since: datetime
    until: datetime | None


class PeopleAtNode(_Frozen):
    """A page of people at a node."""

    items: tuple[PersonAtNode, ...]
    next_cursor: str | None
