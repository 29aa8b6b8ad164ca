"""What looking into segments takes and tells."""

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from quanyu.modules.people.contracts import PersonRow

OVERLAP_MAX: Final = 5


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExplainSegment(_Frozen):
    """Ask why somebody is, or is not, in what a definition selects."""

    definition: dict[str, Any]
    person: Annotated[str, Field(max_length=40)]
    as_of: AwareDatetime | None = None  # Default: now.


class Moment(_Frozen):
    """An event that bears on a condition."""

    name: str
    at: datetime


class Explained(_Frozen):
    """One condition or group, whether it is met, and what was found.

    ``found`` is the value looked at as text (``None`` where there is none); ``moments`` are the newest events
    counted, at most five, of ``moments_total``.
    """

    kind: str
    met: bool
    path: str  # Where in the definition, such as ``of.1.of``.
    found: str | None
    moments: tuple[Moment, ...]
    moments_total: int
    parts: tuple["Explained", ...]


class Explanation(_Frozen):
    """Why a person is in or not. Attributes and tags are today's, events those up to ``as_of``."""

    person: PersonRow
    as_of: datetime
    tree: Explained


class AskOverlap(_Frozen):
    """Ask how two to five segments overlap, by stored members."""

    segments: Annotated[
        tuple[Annotated[str, Field(max_length=40)], ...], Field(min_length=2, max_length=OVERLAP_MAX)
    ]


class OverlapPart(_Frozen):
    """People in exactly these of the segments asked about, and in none of the others."""

    segments: tuple[str, ...]
    count: int


class Overlap(_Frozen):
    """Every combination that has people, the largest first; ``sizes`` in the order asked."""

    sizes: tuple[int, ...]
    union: int
    parts: tuple[OverlapPart, ...]


class SizePoint(_Frozen):
    """A segment's size at the end of an hour with an evaluation, and who came and went in it."""

    at: datetime
    count: int
    entered: int
    left: int


class Sizes(_Frozen):
    """A segment's size over time, oldest first."""

    items: tuple[SizePoint, ...]
