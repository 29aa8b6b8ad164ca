"""What crosses the boundary of content forms."""

from datetime import date
from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from quanyu.modules.insight.studies.contracts import Frozen, StudySummary

_Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
_Form = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]


class FormOf(Frozen):
    """The form of content that an event name, or the value of a property, tells."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    told: _Text
    form: _Form


DEFAULT_EVENTS = (
    FormOf(told="Article Viewed", form="article"),
    FormOf(told="Video Playback Started", form="video"),
    FormOf(told="Video Content Started", form="video"),
    FormOf(told="Video Viewed", form="video"),
    FormOf(told="Live Viewed", form="live"),
    FormOf(told="Image Viewed", form="image"),
    FormOf(told="Audio Playback Started", form="audio"),
)
DEFAULT_VALUES = tuple(FormOf(told=one, form=one) for one in ("article", "video", "live", "image", "audio"))


class ContentFormSettings(Frozen):
    """What tells a form, how far back to look, and how little is too little."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: Annotated[tuple[FormOf, ...], Field(max_length=100)] = DEFAULT_EVENTS
    field: _Text = "content_type"  # A property of any event; read where its name tells nothing.
    values: Annotated[tuple[FormOf, ...], Field(max_length=100)] = DEFAULT_VALUES
    days: Annotated[int, Field(ge=14, le=366)] = 90
    views_min: Annotated[int, Field(ge=1, le=1_000)] = 3
    weight: Annotated[float, Field(ge=0, le=1_000)] = 5.0  # Views of the crowd beside a person's own.

    @model_validator(mode="after")
    def _once(self) -> Self:
        for told in ([one.told for one in self.events], [one.told for one in self.values]):
            if len(told) != len(set(told)):
                raise ValueError("each event and value stands once")
        return self


class FormShare(Frozen):
    """Views of one form, their share of all, and how many people have any."""

    form: str
    views: int
    share: float
    people: int


class ContentFormCard(Frozen):
    """The brand's content: what people of few views are taken to prefer."""

    first_day: date
    last_day: date
    views: int
    viewers: int  # With any view; those with fewer than the settings ask for are not judged.
    forms: tuple[FormShare, ...]


class ContentFormSummary(StudySummary[ContentFormCard, ContentFormSettings]):
    """The last preferences."""
