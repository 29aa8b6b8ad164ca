"""What crosses the room's boundary."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from quanyu.modules.messaging.contracts import MessageKind, MessageState
from quanyu.modules.messaging.reasons import ReasonText

PREFIX: Final = "mtp"
VARIANTS_MAX: Final = 20
TESTERS_MAX: Final = 10

_Id = Annotated[str, Field(min_length=1, max_length=40)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TemplateVariant(_Frozen):
    """How it is said as one kind of message of one account; the content has the shape of its kind."""

    account_id: _Id
    message_kind: MessageKind
    content: Mapping[str, Any]


_Variants = Annotated[tuple[TemplateVariant, ...], Field(min_length=1, max_length=VARIANTS_MAX)]


class SaveMessageTemplate(_Frozen):
    """A template with everything it says."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    note: Annotated[str, Field(max_length=500)] = ""
    variants: _Variants

    @model_validator(mode="after")
    def _one_each(self) -> "SaveMessageTemplate":
        said = [(one.account_id, one.message_kind) for one in self.variants]
        if len(set(said)) < len(said):
            raise ValueError("one variant for each account and kind of message")
        return self


class MessageTemplateView(_Frozen):
    """A template as it is now."""

    id: str
    name: str
    note: str
    version: int
    variants: tuple[TemplateVariant, ...]
    created_at: datetime
    updated_at: datetime


class TemplateVersionView(_Frozen):
    """What it said since somebody saved it."""

    version: int
    variants: tuple[TemplateVariant, ...]
    saved_at: datetime
    saved_by: str


class AskPreview(_Frozen):
    """What would somebody read? ``variables`` stand for what journeys know, for example ``event``."""

    person_id: _Id
    variants: _Variants
    variables: Mapping[str, Any] = Field(default_factory=dict)


class VariantPreview(_Frozen):
    """What one variant would say to them, or why it would say nothing."""

    account_id: str
    message_kind: MessageKind
    text: str | None
    payload: Mapping[str, Any] | None  # As the platform would get it; links lead nowhere.
    reason: str | None
    reason_text: ReasonText | None
    detail: str | None
    missing: tuple[str, ...]  # Values it says that this person does not have, with or without a replacement.
    is_reachable: bool  # Whether the account knows the person.


class TemplatePreview(_Frozen):
    """What every variant would say."""

    items: tuple[VariantPreview, ...]


class AskMissing(_Frozen):
    """Whom of a segment does it lack values for?"""

    segment_id: _Id
    variants: _Variants


class MissingAttribute(_Frozen):
    """An attribute that is said, and how many people lack it."""

    attribute: str
    people: int
    is_needed: bool  # Who lacks it is refused the message; else there is a replacement.
    variants: tuple[int, ...]  # Which variants say it, by their place.


class VariantMissing(_Frozen):
    """How many people one variant would be refused for because of values they lack."""

    account_id: str
    message_kind: MessageKind
    refused: int


class MissingReport(_Frozen):
    """What people of a segment lack, before anything is sent."""

    people: int
    attributes: tuple[MissingAttribute, ...]
    variants: tuple[VariantMissing, ...]
    elsewhere: tuple[str, ...]  # Values that are not the person's, for example ``event.order_id``.


class LackingPerson(_Frozen):
    """Somebody who lacks an attribute."""

    id: str
    display_name: str


class LackingPeople(_Frozen):
    """Some of them."""

    items: tuple[LackingPerson, ...]
    next_cursor: str | None


class SendTest(_Frozen):
    """Try a variant out on colleagues."""

    key: Annotated[str, Field(min_length=1, max_length=60)]  # The caller's: repeated, it sends nothing again.
    person_ids: Annotated[tuple[_Id, ...], Field(min_length=1, max_length=TESTERS_MAX)]
    variant: TemplateVariant
    variables: Mapping[str, Any] = Field(default_factory=dict)


class TriedMessage(_Frozen):
    """What became of a test for one person."""

    person_id: str
    message_id: str
    state: MessageState
    reason: str | None
    reason_text: ReasonText | None


class SentTests(_Frozen):
    """What became of it for each."""

    items: tuple[TriedMessage, ...]
