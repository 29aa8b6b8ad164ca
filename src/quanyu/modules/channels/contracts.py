"""What crosses the boundary of channels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, NewType, Protocol, TypeVar

import psycopg
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from quanyu.infra.unit_of_work import FactIdentifier
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.wechat.transport import OFFICIAL_BASE_URL

AccountId = NewType("AccountId", int)
ACCOUNT_PREFIX = "oac"
UNIONID_SCOPE = "wx"  # One open-platform account a brand.


class ConnectAccount(BaseModel):
    """What connecting an account of any product takes.

    ``token`` and ``encoding_aes_key`` are made here when left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    app_id: Annotated[str, StringConstraints(pattern=r"^wx[0-9a-zA-Z]{4,30}$")]
    app_secret: Annotated[str, StringConstraints(min_length=8, max_length=128)] = Field(repr=False)
    name: Annotated[str, StringConstraints(max_length=60)] = ""
    token: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9]{3,32})?$")] = Field(
        default="", repr=False
    )
    encoding_aes_key: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9]{43})?$")] = Field(
        default="", repr=False
    )
    base_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+$", max_length=200)] = (
        OFFICIAL_BASE_URL
    )


class ConnectOfficialAccount(ConnectAccount):
    """Connect an account, or replace the credentials of a connected one (the same app id)."""


class OfficialAccount(BaseModel):
    """A connected account, without its secrets."""

    model_config = ConfigDict(frozen=True)

    id: str
    app_id: str
    name: str
    base_url: str
    callback_url: str
    followers: int
    last_callback_at: datetime | None
    created_at: datetime
    updated_at: datetime


class CallbackSetup(BaseModel):
    """What to enter in the platform's console. Shown once, when connecting.

    Official accounts: 设置与开发 / 基本配置. Mini programs: 开发管理 / 消息推送.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    token: str
    encoding_aes_key: str  # Empty in plain mode.
    mode: str = "安全模式"
    data_format: str = ""  # XML or JSON, where the console asks.


class ConnectedAccount(BaseModel):
    """The account, and how to point the platform at us."""

    model_config = ConfigDict(frozen=True)

    account: OfficialAccount
    setup: CallbackSetup


class OfficialAccounts(BaseModel):
    """The brand's accounts."""

    model_config = ConfigDict(frozen=True)

    items: tuple[OfficialAccount, ...]


class CheckName(StrEnum):
    """What a check looks at."""

    API_REACHABLE = "api_reachable"
    CREDENTIALS = "credentials"
    IP_ALLOW_LIST = "ip_allow_list"
    ENCODING_AES_KEY = "encoding_aes_key"
    CALLBACK_URL = "callback_url"
    CALLBACK_REACHABLE = "callback_reachable"
    CALLBACK_NETWORK = "callback_network"
    CALLBACKS_RECEIVED = "callbacks_received"
    CALLBACKS_ACCEPTED = "callbacks_accepted"
    CLOCK = "clock"
    # Of corps of 企业微信.
    AGENT = "agent"
    CUSTOMER_CONTACT = "customer_contact"
    CONTACTS = "contacts"
    SERVICE = "service"
    ARCHIVE = "archive"
    # Of gateways.
    TEMPLATES = "templates"
    SENDER = "sender"
    ANSWER = "answer"


class Check(BaseModel):
    """One finding about an account; ``ok`` is ``None`` where another failure left nothing to look at."""

    model_config = ConfigDict(frozen=True)

    name: CheckName
    ok: bool | None
    detail_zh: str
    detail_en: str


class Checks(BaseModel):
    """All findings."""

    model_config = ConfigDict(frozen=True)

    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Recipient:
    """How an account reaches a person. ``subscribed`` is false also while it is not known."""

    address: str = field(repr=False)  # The openid.
    subscribed: bool


EventT = TypeVar("EventT", covariant=True)
TakenT = TypeVar("TakenT", contravariant=True)


class NewEvent(Protocol[EventT]):
    """Makes an event of the log: the log lies above this module, so its type comes in from outside."""

    def __call__(
        self,
        *,
        kind: str,
        name: str,
        source: str,
        message_id: str,
        occurred_at: datetime,
        identifiers: Sequence[FactIdentifier],
        properties: dict[str, Any],
        context: Mapping[str, str],
        stated: tuple[bytes, ...],
    ) -> EventT: ...


class AppendRecords(Protocol[TakenT]):
    """Appends rows to the log inside the caller's transaction; returns one outcome each.

    Idempotent: a row the log holds already is ``duplicate`` or ``duplicate_differs``, else ``accepted``.
    """

    async def __call__(
        self,
        connection: psycopg.AsyncConnection[Any],
        tenant_id: TenantId,
        records: Sequence[TakenT],
        /,
        *,
        received_at: datetime,
    ) -> Sequence[str]: ...


class FollowerEvent(Protocol):
    """An event of the log as the follower subscriber reads it."""

    @property
    def person_id(self) -> PersonId | None: ...
    @property
    def name(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def context(self) -> Mapping[str, str]: ...
