"""What this module needs from outside it; wiring feeds these."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import PersonId, TenantId
from quanyu.modules.messaging.contracts import Channel, MessageClass, RefusalReason, RejectionReason


class Recipient(Protocol):
    """How an account reaches a person."""

    @property
    def address(self) -> str: ...  # Of the kind its channel knows people by.
    @property
    def subscribed(self) -> bool: ...


class Recipients(Protocol):
    """Knows by which address an account reaches people."""

    async def resolve(
        self, uow: UnitOfWork, account_id: int, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Recipient]:
        """Return the recipients of those persons whom the account can address."""
        ...

    async def accounts_of(self, uow: UnitOfWork, appids: Sequence[str]) -> Mapping[str, int]:
        """Return the account ids of those appids that are connected accounts of this brand."""
        ...


class PersonVariables(Protocol):
    """Knows what Liquid may say about a person."""

    async def load(
        self, uow: UnitOfWork, person_ids: Sequence[PersonId]
    ) -> Mapping[PersonId, Mapping[str, Any]]:
        """Return the attributes of persons as Liquid sees them under ``person``."""
        ...

    async def display_names(self, uow: UnitOfWork, person_ids: Sequence[PersonId]) -> Mapping[PersonId, str]:
        """Return the names the console shows."""
        ...


@dataclass(frozen=True, slots=True)
class ConsentAsk:
    """May this message go to this person, by this channel?"""

    person_id: PersonId
    purpose: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class ConsentRefusal:
    """Why it may not. ``about`` names the purpose and the version of its text."""

    reason: RefusalReason
    about: str


class ConsentBook(Protocol):
    """Knows what people agreed to."""

    async def refusals(
        self, uow: UnitOfWork, asks: Sequence[ConsentAsk]
    ) -> Mapping[ConsentAsk, ConsentRefusal]:
        """Return which of these may not be sent, and why; asked for whole batches."""
        ...


# Gives the address of the page on which a person chooses what they agree to.
PreferencePage = Callable[[TenantId, PersonId, datetime], str]


class PersonalPages(Protocol):
    """Knows the brand's pages that are addressed to one person each."""

    async def pages(self, uow: UnitOfWork, ids: Collection[str]) -> Mapping[str, Callable[[PersonId], str]]:
        """Return by id what makes somebody's address of a page; ids of no page are left out."""
        ...


class BrandZones(Protocol):
    """Knows where the brand lives."""

    async def zone_of(self, uow: UnitOfWork) -> str:
        """Return the IANA name of the brand's time zone."""
        ...


@dataclass(frozen=True, slots=True)
class MessageRef:
    """A message by the names its sender knows."""

    message_id: int
    origin_key: str
    person_id: PersonId
    journey_id: int | None
    message_class: MessageClass


class SendGuard(Protocol):
    """Lets a higher module stop a message at the last moment, in the transaction that hands it over."""

    async def refusals(self, uow: UnitOfWork, messages: Sequence[MessageRef]) -> Mapping[int, RefusalReason]:
        """Return why some of ``messages`` may not go out any more, by message id."""
        ...


class SendRefused(Exception):
    """The platform answered with an error code: the message did not go out."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code
        self.detail = detail


class SendTurnedDown(Exception):
    """The other side said no for good: the message did not go out."""

    def __init__(self, reason: RejectionReason, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason
        self.detail = detail  # The other side's own code or words; no personal data.


class SendPutOff(Exception):
    """The other side says "not now", or is not to be asked now: the message did not go out."""

    def __init__(self, wait: timedelta, *, account_trouble: bool) -> None:
        super().__init__(f"again in {wait}")
        self.wait = wait
        self.account_trouble = account_trouble  # The account, not the message.


class SendNotMade(Exception):
    """The call never took effect (no connection, no token): trying again is safe."""


class SendUnknown(Exception):
    """The call was made and no answer came: it may or may not have taken effect."""


# What an account's client can do, by interface. Each method raises ``SendRefused``, ``SendTurnedDown``,
# ``SendPutOff``, ``SendNotMade`` or ``SendUnknown``.


@runtime_checkable
class SendsCustom(Protocol):
    """Sends customer-service messages."""

    async def send_custom(self, openid: str, payload: Mapping[str, Any]) -> str:
        """Send one; the platform gives no message id for these, so return ''."""
        ...


@runtime_checkable
class SendsTemplates(Protocol):
    """Sends template messages."""

    async def send_template(self, openid: str, payload: Mapping[str, Any], *, client_msg_id: str) -> str:
        """Send one and return the platform's message id."""
        ...


@runtime_checkable
class SendsNotices(Protocol):
    """Sends subscription notices."""

    async def send_notice(self, openid: str, payload: Mapping[str, Any]) -> str:
        """Send one; the platform gives no message id for these, so return ''."""
        ...


@runtime_checkable
class SendsSubscribe(Protocol):
    """Sends subscribe messages."""

    async def send_subscribe(self, openid: str, payload: Mapping[str, Any]) -> str:
        """Send one and return the platform's message id, or '' where it tells none."""
        ...


@runtime_checkable
class SendsSms(Protocol):
    """Sends text messages."""

    async def send_sms(self, address: str, payload: Mapping[str, Any], *, key: str) -> str:
        """Send one and return its serial number, by which its report comes back."""
        ...


@runtime_checkable
class SendsEmail(Protocol):
    """Sends e-mail."""

    async def send_email(self, address: str, payload: Mapping[str, Any], *, key: str) -> str:
        """Send one and return its Message-ID, which is the same for each attempt."""
        ...


@runtime_checkable
class SendsWebhooks(Protocol):
    """Posts to other systems."""

    async def send_webhook(self, address: str, payload: Mapping[str, Any], *, key: str) -> str:
        """Post once; the receiver tells no id, so return ''. It takes each ``key`` once."""
        ...


SendClient = (
    SendsCustom | SendsTemplates | SendsNotices | SendsSubscribe | SendsSms | SendsEmail | SendsWebhooks
)


class SenderClients(Protocol):
    """Gives the client of an account."""

    async def client(self, tenant_id: TenantId, account_id: int) -> SendClient:
        """Return the client, made once and kept.

        Raises:
            SendNotMade: the account has no usable credentials.
        """
        ...
