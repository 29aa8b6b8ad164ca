"""What crosses the boundary of payments. Amounts are integers of fen."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, NewType

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from quanyu.modules.payments.rules import (
    AttemptState,
    DifferenceKind,
    EntryKind,
    PaymentState,
    RefundCause,
    RefundState,
)
from quanyu.wechat.pay.client import OFFICIAL_BASE_URL

MerchantId = NewType("MerchantId", int)
PaymentId = NewType("PaymentId", int)
AttemptId = NewType("AttemptId", int)
RefundId = NewType("RefundId", int)
MERCHANT_PREFIX = "mch"
PAYMENT_PREFIX = "pay"
ATTEMPT_PREFIX = "pat"
REFUND_PREFIX = "rfd"
DIFFERENCE_PREFIX = "dif"

Fen = Annotated[int, Field(ge=1, le=10_000_000_000)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:\-]{1,80}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Command(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ConnectMerchant(_Command):
    """Connect a merchant of 微信支付, or replace the keys of the one with this number.

    With ``public_key_id`` the platform's public key verifies (公钥模式), without it its certificates do.
    """

    mch_id: Annotated[str, StringConstraints(pattern=r"^\d{8,10}$")]
    serial_no: Annotated[str, StringConstraints(pattern=r"^[0-9A-Fa-f]{8,64}$", to_upper=True)]
    private_key: Annotated[str, StringConstraints(max_length=10_000)] = Field(repr=False)
    api_v3_key: Annotated[str, StringConstraints(max_length=64)] = Field(repr=False)
    public_key_id: Annotated[str, StringConstraints(pattern=r"^(PUB_KEY_ID_\w{1,60})?$")] = ""
    public_key: Annotated[str, StringConstraints(max_length=10_000)] = ""
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+$", max_length=200)] = (
        OFFICIAL_BASE_URL
    )


class Merchant(_Frozen):
    """A connected merchant, without its secrets."""

    id: str
    mch_id: str
    name: str
    serial_no: str
    public_key_id: str
    base_url: str
    notify_url: str
    last_notice_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Merchants(_Frozen):
    items: tuple[Merchant, ...]


class MerchantCheck(_Frozen):
    """One finding; ``ok`` is ``None`` where another failure left nothing to look at."""

    name: str
    ok: bool | None
    detail_zh: str
    detail_en: str


class MerchantChecks(_Frozen):
    checks: tuple[MerchantCheck, ...]


class CreatePayment(_Command):
    """Ask for an amount once. ``key`` is the caller's: the same key and content is the same payment."""

    key: Key
    merchant_id: str
    amount_minor: Fen
    description: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    expires_at: AwareDatetime


class AttemptKind(StrEnum):
    """Where the person pays."""

    JSAPI = "jsapi"  # A page or a mini program inside WeChat.
    APP = "app"
    H5 = "h5"  # A page outside WeChat.
    NATIVE = "native"  # A QR code.


class StartAttempt(_Command):
    """Let a person pay now. JSAPI needs ``openid``, H5 ``client_ip``."""

    kind: AttemptKind
    app_id: Annotated[str, StringConstraints(pattern=r"^wx[0-9a-zA-Z]{4,30}$")]
    openid: Annotated[str, StringConstraints(max_length=128)] = Field(default="", repr=False)
    client_ip: Annotated[str, StringConstraints(max_length=45)] = Field(default="", repr=False)


class Attempt(_Frozen):
    """One order at the platform."""

    id: str
    kind: AttemptKind
    app_id: str
    out_trade_no: str
    state: AttemptState
    reason: str
    transaction_id: str
    paid_at: datetime | None
    created_at: datetime


class Refund(_Frozen):
    """Money on its way back."""

    id: str
    payment_id: str
    merchant_id: str
    out_refund_no: str
    amount_minor: int
    reason: str
    cause: RefundCause
    state: RefundState
    note: str
    refund_id: str
    succeeded_at: datetime | None
    created_at: datetime


class Payment(_Frozen):
    """An amount asked for, and what came of it."""

    id: str
    key: str
    merchant_id: str
    amount_minor: int
    currency: str
    description: str
    state: PaymentState
    closing: bool
    expires_at: datetime
    paid_at: datetime | None
    closed_at: datetime | None
    refunded_minor: int
    refunding_minor: int  # What has gone back, and what is on its way.
    refundable_minor: int  # What may still be given back.
    created_at: datetime


class Notice(_Frozen):
    """A notification of the platform, and what it came to.

    ``outcome``: applied, unchanged, mismatch, unknown_order or kept.
    """

    id: str
    event_type: str
    number: str  # Ours: of the order, or of the refund.
    outcome: str
    received_at: datetime


class PaymentDetail(_Frozen):
    payment: Payment
    attempts: tuple[Attempt, ...]
    notices: tuple[Notice, ...]
    refunds: tuple[Refund, ...]


class ListFilter(_Frozen):
    """Which payments or refunds; ``number`` is any number of ours or the platform's, in full."""

    state: str | None = None
    merchant: MerchantId | None = None
    number: str | None = None


class PaymentPage(_Frozen):
    items: tuple[Payment, ...]
    next_cursor: str | None


class RefundPage(_Frozen):
    items: tuple[Refund, ...]
    next_cursor: str | None


class Invocation(_Frozen):
    """What the front end needs: parameters for WeChat, or an address to open or show."""

    attempt: Attempt
    parameters: dict[str, str]
    url: str = ""


class AskRefund(_Command):
    """Give back a part or all. ``key`` is the caller's: the same key and content is the same refund."""

    key: Key
    amount_minor: Fen
    reason: Annotated[str, StringConstraints(max_length=26)] = ""  # 80 bytes on the wire.


class AskedRefund(_Frozen):
    """The refund as it stands; it is carried out in the background."""

    refund: Refund


class BillKind(StrEnum):
    TRADE = "trade"
    FUND_FLOW = "fund_flow"


class BillState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"  # Tried often enough; a person may have it tried again.


class Bill(_Frozen):
    """One day's bill of one merchant, and what the comparison found."""

    merchant_id: str
    kind: BillKind
    day: date
    state: BillState
    note: str
    lines: int
    income_minor: int
    spent_minor: int
    differences: int
    compared_at: datetime | None


class Bills(_Frozen):
    items: tuple[Bill, ...]


class DifferenceState(StrEnum):
    OPEN = "open"
    GONE = "gone"  # A later bill or our own recovery explained it.
    RESOLVED = "resolved"  # By a person, with a note.


class Difference(_Frozen):
    """Where a bill and our ledger do not agree."""

    id: str
    merchant_id: str
    bill: BillKind
    day: date
    kind: DifferenceKind
    entry: EntryKind
    number: str
    own_number: str
    ours_minor: int | None
    bill_minor: int | None
    state: DifferenceState
    note: str
    found_at: datetime


class DifferenceFilter(_Frozen):
    """Which differences."""

    state: DifferenceState | None = None
    merchant: MerchantId | None = None
    day: date | None = None


class DifferencePage(_Frozen):
    items: tuple[Difference, ...]
    next_cursor: str | None


class ResolveDifference(_Command):
    note: Annotated[str, StringConstraints(min_length=1, max_length=400)]
