"""What crosses the boundary of journeys."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

import msgspec
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from quanyu.modules.journeys.definition import storable
from quanyu.modules.messaging.contracts import MessageState, ReasonCount

PROPERTIES_MAX: Final = 16 * 1024


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


_Draft = Annotated[dict[str, Any], AfterValidator(storable)]


class SaveJourney(BaseModel):
    """Draw a journey, or change its draft. The draft may be unfinished; publishing checks it.

    ``seen``: the ``updated_at`` this change began from; the draft of somebody who saved since is not
    replaced. Without it, whatever is there is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=80, strip_whitespace=True)]
    definition: _Draft
    seen: AwareDatetime | None = None


class CheckJourney(BaseModel):
    """Ask what would keep a draft from being published; nothing is saved."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    definition: _Draft


class NamedBy(BaseModel):
    """One identifier of a person; the scope says of which account, where there are several."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    namespace: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    scope: Annotated[str, StringConstraints(max_length=128)] = ""
    value: Annotated[str, StringConstraints(min_length=1, max_length=512)]


def _small(properties: dict[str, Any]) -> dict[str, Any]:
    if len(msgspec.json.encode(properties)) > PROPERTIES_MAX:
        raise ValueError(f"properties have at most {PROPERTIES_MAX // 1024} KiB of JSON")
    return properties


class EnrolPerson(BaseModel):
    """Let one person into a journey, named by id or by an identifier.

    ``key``: the caller's own name of this entry; the same key lets the same person in once. ``properties``
    are what messages may say as ``event``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    person_id: Annotated[str, StringConstraints(min_length=1, max_length=40)] | None = None
    identifier: NamedBy | None = None
    properties: Annotated[dict[str, Any], AfterValidator(_small)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _names_one_person(self) -> "EnrolPerson":
        if (self.person_id is None) == (self.identifier is None):
            raise ValueError("name the person either by person_id or by identifier")
        return self


class EnrolmentResult(_Frozen):
    """Whether somebody came in. ``repeated``: they had, by the same key; ``id`` is of that entry.

    ``reason``, if not: they are on the way, or its rule of re-entry keeps them out.
    """

    id: str | None
    person_id: str
    entered: bool
    repeated: bool = False
    reason: Literal["on_the_way", "reentry"] | None = None


class NodeView(_Frozen):
    """One node and how many people passed: ``entered`` = ``waiting`` + ``left``, and ``left`` = all outcomes.

    ``messages``: of a send node, how many of its messages are in each state now; ``not_changed``: of a node
    that changes people, for how many it could not be done. Both only with one journey.
    """

    id: str
    kind: str
    label: str
    entered: int
    waiting: int
    left: int
    outcomes: dict[str, int]
    messages: dict[MessageState, int] = Field(default_factory=dict)
    not_changed: int = 0


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


class JourneyFindings(_Frozen):
    """Everything that keeps a draft from being published."""

    items: tuple[FindingView, ...]


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
    passage_id: str
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
