"""What crosses the boundary of journeys."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.journeys.definition import storable
from quanyu.modules.messaging.contracts import MessageState, ReasonCount


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class SaveJourney(BaseModel):
    """Draw a journey, or change its draft. The draft may be unfinished; publishing checks it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    definition: Annotated[dict[str, Any], AfterValidator(storable)]


class NodeView(_Frozen):
    """One node and how many people passed: ``entered`` = ``waiting`` + ``left``, and ``left`` = all outcomes.

    ``messages``: of a send node, how many of its messages are in each state now; only with one journey.
    """

    id: str
    kind: str
    label: str
    entered: int
    waiting: int
    left: int
    outcomes: dict[str, int]
    messages: dict[MessageState, int] = Field(default_factory=dict)


class JourneyRowView(_Frozen):
    """A journey in a list: ``entered`` = ``active`` + ``completed`` + ``exited``.

    ``goals``: how many passages reached the goal in time, wherever they stand by now.
    """

    id: str
    name: str
    status: str
    version: int
    entered: int
    active: int
    completed: int
    exited: int
    goals: int
    nodes: tuple[NodeView, ...]
    created_at: datetime
    updated_at: datetime


class FindingView(_Frozen):
    """One thing that keeps a draft from being published."""

    path: str  # For example ``nodes.hello.content.text``.
    node: str | None  # The node it is in, if it is in one.
    en: str
    zh: str


class JourneyView(JourneyRowView):
    """A journey with its draft and, if published, the graph people move through."""

    definition: dict[str, Any]
    published: dict[str, Any] | None
    findings: tuple[FindingView, ...]  # The same, with places and in both languages.
    reasons: tuple[ReasonCount, ...]  # Why messages of this journey did not go out, most frequent first.


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


class WrongCount(_Frozen):
    """A sum per node that is not what the log of steps says. There should never be one."""

    journey_id: str
    node: str
    outcome: str
    kept: int
    logged: int


class WrongPassage(_Frozen):
    """A passage whose logged steps do not lead to where it stands. There should never be one."""

    journey_id: str
    enrolment_id: str
    status: str
    seq: int
    steps: int
