"""What crosses the module's boundary: commands, results, states and settings."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_serializer, model_validator

from quanyu.kernel.ids import PersonId, encode_id
from quanyu.modules.messaging.channels import ACCOUNT_PREFIXES, Channel
from quanyu.modules.messaging.hold import HoldReason
from quanyu.modules.messaging.policies import (
    CapRule,
    CapUnit,
    DayKind,
    ExclusionRule,
    Holidays,
    MessagePolicy,
    Priority,
    QuietHours,
    QuietMode,
    WhenCapped,
)
from quanyu.modules.messaging.reasons import (
    FailureReason,
    ReasonText,
    RefusalReason,
    RejectionReason,
    UnknownReason,
)
from quanyu.modules.messaging.traces import MessageDecision
from quanyu.modules.people.consent.contracts import PurposeKey

__all__ = [
    "ACCOUNT_PREFIXES",
    "AddressKind",
    "Allowance",
    "Allowances",
    "CampaignView",
    "CapRule",
    "CapUnit",
    "ChangeCampaign",
    "Channel",
    "DayKind",
    "ExclusionRule",
    "FailureReason",
    "HandedMessage",
    "HoldReason",
    "HoldView",
    "Holidays",
    "JourneySummary",
    "LaneView",
    "MessageClass",
    "MessageDecision",
    "MessageDetail",
    "MessageKind",
    "MessagePolicy",
    "MessageState",
    "MessageView",
    "MessagesSummary",
    "PlanMessage",
    "PlannedMessage",
    "Priority",
    "QuietHours",
    "QuietMode",
    "ReasonCount",
    "ReasonText",
    "RefusalReason",
    "RejectionReason",
    "SendMessage",
    "SentMessage",
    "TemplateRecord",
    "UnknownReason",
    "WhenCapped",
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# How origin keys of messages begin that only try something out: no fact tells of them, no figure counts them.
TEST_PREFIX: Final = "test:"


class _OfAccount(_Frozen):
    """Something of one account: a number inside, in JSON the id that its channel shows."""

    account_id: int
    # Not shown: the account's id says it.
    channel: Annotated[Channel, Field(exclude=True)] = Channel.OFFICIAL_ACCOUNT

    @field_serializer("account_id", when_used="json")
    def _shown(self, number: int) -> str:
        return encode_id(ACCOUNT_PREFIXES[self.channel], number)


class AddressKind(StrEnum):
    """By what a channel knows a person."""

    OPENID = "openid"
    PHONE = "phone"  # E.164.
    EMAIL = "email"
    PERSON = "person"  # Our own id, by which the brand's other systems ask for somebody.


class MessageKind(StrEnum):
    """Which of the channel's interfaces carries it; ``capabilities.py`` says what each needs."""

    CUSTOMER_SERVICE_TEXT = "customer_service_text"
    CUSTOMER_SERVICE_IMAGE = "customer_service_image"
    CUSTOMER_SERVICE_NEWS = "customer_service_news"
    CUSTOMER_SERVICE_MINI_PROGRAM = "customer_service_mini_program"
    CUSTOMER_SERVICE_MENU = "customer_service_menu"
    TEMPLATE = "template"
    OFFICIAL_ACCOUNT_NOTICE = "official_account_notice"
    MINI_PROGRAM_SUBSCRIBE = "mini_program_subscribe"
    SMS = "sms"
    EMAIL = "email"
    WEBHOOK = "webhook"


class MessageClass(StrEnum):
    """What we promise when the outcome is unknown: at most once, or at least once."""

    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"


class MessageState(StrEnum):
    """Where a message is. ``planned`` waits for a later hour; ``reserved`` for the dispatcher."""

    PLANNED = "planned"
    REFUSED = "refused"
    RESERVED = "reserved"
    HANDED = "handed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    FAILED = "failed"


class PlanMessage(_Frozen):
    """Say one thing to one person, once.

    ``content`` holds Liquid in the shape of its kind (``kinds/``): ``{"text": …}`` for customer-service text,
    ``{"template_id": …, "data": {field: …}, "url": …}`` for templates. Liquid sees ``person`` and every
    key of ``variables``. The kind says the channel.
    """

    # Chosen by the caller: the idempotency key.
    origin_key: Annotated[str, Field(min_length=1, max_length=200)]
    person_id: PersonId
    account_id: int
    message_kind: MessageKind
    content: Mapping[str, Any]
    variables: Mapping[str, Any] = Field(default_factory=dict)
    message_class: MessageClass = MessageClass.MARKETING
    purpose: PurposeKey | None = None  # ``None``: that of its class.
    journey_id: int | None = None
    node_id: str | None = None
    campaign: Annotated[str, Field(max_length=40)] = ""  # What it belongs to; empty: its journey, if any.
    expires_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _transactional_is_service(self) -> "PlanMessage":
        if self.purpose is not None and self.message_class is MessageClass.TRANSACTIONAL:
            raise ValueError("a transactional message serves its own purpose; name one for marketing only")
        return self


class SendMessage(_Frozen):
    """Say one thing to one person now, by hand; the governor decides like about any other message."""

    key: Annotated[
        str, Field(min_length=1, max_length=100)
    ]  # The caller's: repeated, it sends nothing again.
    person_id: Annotated[str, Field(min_length=1, max_length=40)]
    account_id: Annotated[str, Field(min_length=1, max_length=40)]
    message_kind: MessageKind
    content: Mapping[str, Any]
    message_class: MessageClass = MessageClass.MARKETING
    purpose: PurposeKey | None = None
    expires_after_s: Annotated[int, Field(ge=1, le=30 * 86_400)] = 86_400


class SentMessage(_Frozen):
    """What the governor decided."""

    id: str
    state: MessageState
    reason: str | None
    reason_text: ReasonText | None


class HandedMessage(_Frozen):
    """A message that was handed to the platform."""

    at: datetime
    is_test: bool


class PlannedMessage(_Frozen):
    """What became of a ``PlanMessage``: the decision, or the message that already had this origin key."""

    message_id: int
    origin_key: str
    person_id: PersonId
    state: MessageState
    reason: str | None
    due_at: datetime
    created: bool  # False when the origin key was used before and nothing was done now.


class TemplateRecord(_OfAccount):
    """A template of one account, as the platform lists it."""

    template_id: Annotated[str, Field(min_length=1, max_length=100)]
    title: str
    fields: tuple[str, ...]  # The keywords the platform expects in ``data``.
    message_kind: MessageKind = MessageKind.TEMPLATE  # The kind of message made from it.
    names: Mapping[str, str] = Field(default_factory=dict)  # What people read beside a keyword.
    choices: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # Of keywords that take few values.
    long_term: bool = False  # One accept pays until it is withdrawn.
    withdrawn_at: datetime | None = None


class MessageView(_Frozen):
    """A message as the console lists it."""

    id: str
    person_id: str
    display_name: str
    channel: Channel
    kind: MessageKind
    message_class: MessageClass
    purpose: str  # The key of the purpose it is sent for.
    state: MessageState
    reason: str | None
    reason_text: ReasonText | None
    detail: str | None  # What the reason is about: the purpose and version of a consent, a template's fault.
    code: int | None  # The platform's error code, where it gave one.
    body: str | None
    planned_at: datetime
    due_at: datetime
    updated_at: datetime
    attempts: int
    journey_id: str | None
    node_id: str | None
    is_test: bool  # Tried out on a colleague: exempt from caps and quiet hours, counted nowhere.


class MessageDetail(MessageView):
    """A message with every decision about it, the oldest first; at most the last twenty."""

    decisions: tuple[MessageDecision, ...]


class ReasonCount(_Frozen):
    """How many messages ended with one reason."""

    state: MessageState
    reason: str
    reason_text: ReasonText
    count: int


class JourneySummary(_Frozen):
    """Counts of one journey's messages by state."""

    journey_id: str | None  # None: messages that belong to no journey.
    planned: int
    by_state: Mapping[MessageState, int]


class MessagesSummary(_Frozen):
    """Every planned message is in exactly one place.

    ``planned = refused + accepted + rejected + unknown + in_progress``; accepted counts those whose receipt
    came (delivered, failed), too.
    """

    planned: int
    refused: int
    accepted: int
    rejected: int
    unknown: int
    in_progress: int
    delivered: int
    failed: int
    by_state: Mapping[MessageState, int]
    reasons: tuple[ReasonCount, ...]
    journeys: tuple[JourneySummary, ...]


class CampaignView(_Frozen):
    """How far a journey's or broadcast's messages are.

    ``planned = refused + accepted + rejected + unknown + held + waiting``; accepted counts those whose
    receipt came, too.
    """

    id: str
    paused: bool
    stopped: bool
    rate_per_s: float | None  # The most it may send in a second; None: as fast as its accounts.
    planned: int
    refused: int
    accepted: int
    rejected: int
    unknown: int
    held: int  # Until quiet hours end.
    waiting: int  # For their turn, or for the platform's answer.
    delivered: int
    failed: int
    per_minute: int  # Handed over in the last minute.
    finishes_in_s: int | None  # At that pace; None: nothing goes out now.
    reasons: tuple[ReasonCount, ...]


class ChangeCampaign(_Frozen):
    """Hold or let go a campaign's sending, and how fast it goes at most."""

    paused: bool | None = None  # Left out: as it is.
    rate_per_s: Annotated[float, Field(gt=0, le=100_000)] | None = None  # Null: no limit of its own.


class HoldView(_Frozen):
    """Whether all of a brand's sending is held: after a restore, or by hand."""

    held: bool
    reason: HoldReason | None
    since: datetime | None
    made_at: datetime | None  # When the restored backup was made: nothing later is known.
    waiting: int  # Messages that wait to be sent.
    waiting_since_before: int  # Those of them that were planned before the hold.
    advice: str  # What to check before releasing; empty unless a backup was restored.
    advice_zh: str


class Allowance(_Frozen):
    """What people let an account send by one template."""

    template_id: str
    people: int  # Who has something left.
    messages: int  # How many messages that is; a long-term accept counts as one.


class Allowances(_Frozen):
    """What can be sent from one account now, beside kinds that need nothing."""

    window_people: int  # Whose customer-service window is open with something left in it.
    credits: tuple[Allowance, ...]


class LaneView(_OfAccount):
    """How one account's sending is doing."""

    paused: bool
    rate_per_s: float | None  # None: the deployment default.
    waiting: int
    in_flight: int
