"""What crosses the boundary of a study: state, groups, movement; its card and settings are its own."""

from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Base of everything here."""

    model_config = ConfigDict(frozen=True)


class TwoWords(Frozen):
    """A text in both languages."""

    zh: str
    en: str


class UnderWay(Frozen):
    """A computation that is running: what it does now, and how far it is, 0 to 1."""

    step: str
    share: float


class StudyGroup(Frozen):
    """People of one group now; ``came`` and ``left`` since the computation before."""

    label: str
    people: int
    came: int
    left: int


class StudyMove(Frozen):
    """How many people went from one group to another since the computation before; "" is "not there"."""

    before: str
    label: str
    people: int


class StudyPoint(Frozen):
    """People by group as of an earlier computation."""

    as_of: datetime
    groups: dict[str, int]


CardT = TypeVar("CardT", bound=BaseModel)
SettingsT = TypeVar("SettingsT", bound=BaseModel)


class StudySummary(Frozen, Generic[CardT, SettingsT]):
    """The last finished computation; ``as_of`` is ``None`` before the first."""

    as_of: datetime | None
    computed_at: datetime | None
    people: int
    settings: SettingsT
    card: CardT | None
    groups: tuple[StudyGroup, ...]
    moves: tuple[StudyMove, ...]
    history: tuple[StudyPoint, ...]
    under_way: UnderWay | None
    has_failed: bool  # The last attempt of this process ended in a defect; the figures are the ones before.


class StudyRun(Frozen):
    """What a call to compute started, or found under way."""

    under_way: UnderWay


class GroupPeople(Frozen):
    """Whose people are wanted: a group, those who came into it, or those who went from one to another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str | None = None
    before: str | None = None


class PersonFigure(Frozen):
    """What a study says of one person."""

    label: str
    before: str | None
    score: float | None
    detail: dict[str, object]
    as_of: datetime
