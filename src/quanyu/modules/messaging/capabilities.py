"""What each kind of message needs and carries, as data: the rest of the module asks this table.

Sources: official documentation of customer-service, template and subscribe messages, and of Tencent Cloud SMS
(read 2026); RFC 5321 for e-mail.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict

from quanyu.kernel.ids import decode_id
from quanyu.modules.messaging.contracts import ACCOUNT_PREFIXES, AddressKind, Channel, MessageKind


class Need(StrEnum):
    """What the platform asks for before it takes a message."""

    NOTHING = "nothing"
    WINDOW = "window"  # Something the person did lately: so many messages until an instant.
    CREDIT = "credit"  # The person accepted this template: one message each, or for good.
    QUOTA = "quota"  # The account's own allowance of a day or a month.


class FieldsRule(StrEnum):
    """Who says what a message may hold."""

    FREE = "free"  # Its sender.
    TEMPLATE = "template"  # The platform's template: these fields, any text.
    KEYWORDS = "keywords"  # The platform's template, and each field takes its own form of value.


class Attachment(StrEnum):
    """What may come with the words."""

    LINK = "link"
    IMAGE = "image"
    MINI_PROGRAM = "mini_program"


class CostClass(StrEnum):
    """What a message costs the brand."""

    FREE = "free"
    SCARCE = "scarce"  # Nothing to pay, but it uses up what the person gave.
    PAID = "paid"


class Capability(BaseModel):
    """One line of the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: MessageKind
    channel: Channel
    address: AddressKind
    need: Need
    followers_only: bool
    fields: FieldsRule
    attachments: tuple[Attachment, ...] = ()
    # The platform's own idempotency key, and for how many seconds it remembers one.
    platform_key: str | None = None
    platform_key_life_s: int = 0
    receipt: bool  # Whether the platform later says what became of it.
    cost: CostClass


def _customer_service(kind: MessageKind, *attachments: Attachment) -> Capability:
    return Capability(
        kind=kind,
        channel=Channel.OFFICIAL_ACCOUNT,
        address=AddressKind.OPENID,
        need=Need.WINDOW,
        followers_only=True,
        fields=FieldsRule.FREE,
        attachments=attachments,
        receipt=False,
        cost=CostClass.SCARCE,
    )


def _subscription(kind: MessageKind, channel: Channel, *, receipt: bool) -> Capability:
    return Capability(
        kind=kind,
        channel=channel,
        address=AddressKind.OPENID,
        need=Need.CREDIT,
        followers_only=False,
        fields=FieldsRule.KEYWORDS,
        attachments=(Attachment.LINK if channel is Channel.OFFICIAL_ACCOUNT else Attachment.MINI_PROGRAM,),
        receipt=receipt,
        cost=CostClass.SCARCE,
    )


_TABLE: Final = (
    _customer_service(MessageKind.CUSTOMER_SERVICE_TEXT, Attachment.LINK),
    _customer_service(MessageKind.CUSTOMER_SERVICE_IMAGE, Attachment.IMAGE),
    _customer_service(MessageKind.CUSTOMER_SERVICE_NEWS, Attachment.LINK, Attachment.IMAGE),
    _customer_service(MessageKind.CUSTOMER_SERVICE_MINI_PROGRAM, Attachment.IMAGE, Attachment.MINI_PROGRAM),
    _customer_service(MessageKind.CUSTOMER_SERVICE_MENU, Attachment.LINK),
    Capability(
        kind=MessageKind.TEMPLATE,
        channel=Channel.OFFICIAL_ACCOUNT,
        address=AddressKind.OPENID,
        need=Need.NOTHING,
        followers_only=True,
        fields=FieldsRule.TEMPLATE,
        attachments=(Attachment.LINK,),
        platform_key="client_msg_id",
        platform_key_life_s=600,
        receipt=True,
        cost=CostClass.FREE,
    ),
    _subscription(MessageKind.OFFICIAL_ACCOUNT_NOTICE, Channel.OFFICIAL_ACCOUNT, receipt=False),
    _subscription(MessageKind.MINI_PROGRAM_SUBSCRIBE, Channel.MINI_PROGRAM, receipt=True),
    Capability(
        kind=MessageKind.SMS,
        channel=Channel.SMS,
        address=AddressKind.PHONE,
        need=Need.NOTHING,
        followers_only=False,
        fields=FieldsRule.TEMPLATE,
        receipt=True,
        cost=CostClass.PAID,
    ),
    Capability(
        kind=MessageKind.EMAIL,
        channel=Channel.EMAIL,
        address=AddressKind.EMAIL,
        need=Need.NOTHING,
        followers_only=False,
        fields=FieldsRule.FREE,
        attachments=(Attachment.LINK, Attachment.IMAGE),
        receipt=False,
        cost=CostClass.FREE,
    ),
    Capability(
        kind=MessageKind.WEBHOOK,
        channel=Channel.WEBHOOK,
        address=AddressKind.PERSON,
        need=Need.NOTHING,
        followers_only=False,
        fields=FieldsRule.FREE,
        # Receivers are asked to take each key once, so asking again is safe: for a day.
        platform_key="Idempotency-Key",
        platform_key_life_s=86_400,
        receipt=False,
        cost=CostClass.FREE,
    ),
)


def _by_kind(table: Iterable[Capability]) -> Mapping[MessageKind, Capability]:
    return MappingProxyType({line.kind: line for line in table})


CAPABILITIES: Final = _by_kind(_TABLE)


def capability_of(kind: MessageKind | str) -> Capability:
    """Return what the table says of a kind."""
    return CAPABILITIES[MessageKind(kind)]


def read_account_id(kind: MessageKind | str, text: str) -> int:
    """Read an account's id as shown outside; it must be of the product that sends the kind.

    Raises:
        InvalidId: it is none, or of another product.
    """
    return decode_id(ACCOUNT_PREFIXES[capability_of(kind).channel], text)


def read_any_account_id(text: str) -> int:
    """Read the id of an account of any product that sends messages.

    Raises:
        InvalidId: it is none.
    """
    prefixes = [prefix for prefix in ACCOUNT_PREFIXES.values() if text.startswith(f"{prefix}_")]
    return decode_id(prefixes[0] if prefixes else ACCOUNT_PREFIXES[Channel.OFFICIAL_ACCOUNT], text)
