"""Invitations into groups as people plan and follow them (GC-7)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal, NewType

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

InvitationId = NewType("InvitationId", int)
INVITATION_PREFIX: Final = "giv"
AUDIENCE_MAX: Final = 50_000  # Relations looked at for one invitation.
TEXT_BYTES_MAX: Final = 4_000
REMINDERS_MAX: Final = 3  # In 24 hours, of one message.


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _fits(text: str) -> str:
    size = len(text.encode())
    if size > TEXT_BYTES_MAX:
        raise ValueError(f"at most {TEXT_BYTES_MAX} bytes, this has {size}")
    return text


class Audience(_Frozen):
    """Which customers to invite."""

    kind: Literal["all", "tags", "segment", "people"]
    tags: Annotated[tuple[str, ...], Field(max_length=100)] = ()  # Corp tags, any of them.
    segment: Annotated[str, StringConstraints(pattern=r"^(seg_[0-9a-z]{1,13})?$")] = ""
    people: Annotated[tuple[str, ...], Field(max_length=1_000)] = ()  # ``per_…``

    @model_validator(mode="after")
    def _names_somebody(self) -> "Audience":
        given = {"all": True, "tags": self.tags, "segment": self.segment, "people": self.people}
        if not given[self.kind]:
            raise ValueError(f"an audience by {self.kind} has to say which")
        return self


class InvitationDraft(_Frozen):
    """What is sent to whom."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True)]
    code: Annotated[str, StringConstraints(pattern=r"^gcd_[0-9a-z]{1,13}$")]
    audience: Audience
    text: Annotated[str, StringConstraints(min_length=1), AfterValidator(_fits)]
    carry: Literal["link", "picture"] = "link"  # The code as a card to tap, or as a picture to scan.
    title: Annotated[str, StringConstraints(max_length=40, strip_whitespace=True)] = ""  # Of the card.
    remind_after_h: Annotated[int, Field(ge=0, le=72)] = 4  # Hours without confirmation; 0: never.
    reminders: Annotated[int, Field(ge=0, le=REMINDERS_MAX)] = 2


class InvitationState(StrEnum):
    """Where an invitation is."""

    DRAFT = "draft"
    SENDING = "sending"  # The platform is being asked.
    WAITING = "waiting"  # Members have it in their client.
    DONE = "done"
    STOPPED = "stopped"


class SendState(StrEnum):
    """Where one member's message is."""

    PLANNED = "planned"
    ASKED = "asked"  # The platform was asked; without an answer it is looked up before it is asked again.
    WAITING = "waiting"  # For the member.
    CONFIRMED = "confirmed"
    FAILED = "failed"
    EXPIRED = "expired"  # Seven days without confirmation.
    STOPPING = "stopping"
    STOPPED = "stopped"


class StaffSend(_Frozen):
    """One member's part."""

    id: str
    userid: str
    state: SendState
    invitees: int
    sent: int
    joined: int
    reminded: int
    reminded_at: datetime | None
    confirmed_at: datetime | None
    reason: str


class Excluded(_Frozen):
    """How many are left out for one reason."""

    reason: str  # in_group, duplicate, no_sender.
    count: int


class StaffShare(_Frozen):
    """How many customers a member would be asked to invite."""

    userid: str
    count: int


class InvitationPreview(_Frozen):
    """Who would be invited now."""

    customers: int  # Distinct people the audience has.
    invited: int
    excluded: tuple[Excluded, ...]
    staff: tuple[StaffShare, ...]


class Invitation(_Frozen):
    """An invitation with how it goes."""

    id: str
    corp_id: str
    draft: InvitationDraft
    state: InvitationState
    invited: int
    excluded: tuple[Excluded, ...]
    confirmed_staff: int
    staff: int
    sent: int
    not_friend: int
    over_quota: int
    visited: int  # Distinct visitors of the page who came by this message.
    joined: int  # Sent to, and in a group of the code since.
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


class Invitations(_Frozen):
    """The brand's invitations, newest first."""

    items: tuple[Invitation, ...]


class StaffSends(_Frozen):
    """How far each member is."""

    items: tuple[StaffSend, ...]


class NewInvitation(InvitationDraft):
    """An invitation to be kept."""
