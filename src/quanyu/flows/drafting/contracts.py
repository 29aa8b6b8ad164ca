"""What crosses the boundary of drafting: sentences in, drafts out. Nothing of it is saved or published."""

from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from quanyu.modules.journeys.contracts import FindingView
from quanyu.modules.journeys.definition import storable

TEXT_MAX: Final = 1_000
Said = Annotated[str, StringConstraints(min_length=1, max_length=TEXT_MAX, strip_whitespace=True)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Describe(BaseModel):
    """Say in plain words, Chinese or English, what is wanted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Said
    by: Literal["auto", "rules"] = "auto"  # ``auto``: by the brand's model, if it has one.


class CheckJourney(BaseModel):
    """A journey's graph to look over."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    definition: Annotated[dict[str, Any], AfterValidator(storable)]


class Source(StrEnum):
    """Who read the words."""

    RULES = "rules"
    MODEL = "model"


class NoteView(_Frozen):
    """Something to know of how the words were read."""

    code: str
    zh: str
    en: str


class SegmentDraft(_Frozen):
    """Conditions as they were understood, checked; ``unknown`` are the words nothing was made of."""

    definition: dict[str, Any]
    unknown: tuple[str, ...]
    notes: tuple[NoteView, ...]
    source: Source


class JourneyFindings(_Frozen):
    """What keeps a graph from being published; nothing, if it may be."""

    findings: tuple[FindingView, ...]


class JourneyDraft(_Frozen):
    """A journey's graph as it was understood; ``findings`` keep it from being published as it is."""

    name: str
    definition: dict[str, Any]
    unknown: tuple[str, ...]
    notes: tuple[NoteView, ...]
    findings: tuple[FindingView, ...]
    source: Source
