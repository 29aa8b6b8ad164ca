"""The gateways' clients as ``messaging`` sends by them."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from quanyu.flows.gateways.mail import EmailSender
from quanyu.flows.gateways.sms_outcomes import marketing_wait, refused
from quanyu.flows.gateways.webhooks import WebhookSender
from quanyu.infra.outbound import Outbound
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import Clock
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.gateways.contracts import (
    EmailSettings,
    GatewayId,
    SmsSettings,
    WebhookSettings,
)
from quanyu.modules.channels.gateways.errors import SmsRefused
from quanyu.modules.channels.gateways.mail import MailClient
from quanyu.modules.channels.gateways.service import GatewayDesk, OpenGateway
from quanyu.modules.channels.gateways.sms import SmsClient
from quanyu.modules.channels.gateways.webhooks import WebhookClient
from quanyu.modules.messaging.ports import SendClient, SendNotMade, SendPutOff, SendUnknown
from quanyu.wechat.errors import NotSent, OutcomeUnknown
from quanyu.wechat.transport import Transport

_LOOK_AGAIN_S: Final = 5.0


class SmsSender:
    """Sends text messages of one application."""

    def __init__(self, client: SmsClient, settings: SmsSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._marketing = frozenset(one.template_id for one in settings.templates if one.is_marketing)

    async def send_sms(self, address: str, payload: Mapping[str, Any], *, key: str) -> str:
        """Send one; marketing waits for its hours without a call."""
        now = self._clock.now()
        wait = marketing_wait(self._settings, now) if payload["template_id"] in self._marketing else None
        if wait is not None:
            raise SendPutOff(wait, account_trouble=False)
        data: Mapping[str, str] = payload["data"]
        try:
            return await self._client.send(
                phone=address,
                template_id=payload["template_id"],
                params=[data[number] for number in sorted(data, key=int)],
                context=key,
            )
        except SmsRefused as error:
            raise refused(error.code, self._settings, now) from error
        except NotSent as error:
            raise SendNotMade(str(error)) from error
        except OutcomeUnknown as error:
            raise SendUnknown(str(error)) from error


@dataclass(slots=True)
class _Kept:
    known: OpenGateway
    sender: SendClient
    looked_at_s: float


class GatewaySenders:
    """Gives the sender of a gateway, made once and kept while its settings stay."""

    def __init__(
        self, uows: UnitOfWorkFactory, desk: GatewayDesk, transport: Transport, outbound: Outbound
    ) -> None:
        self._outbound = outbound
        self._uows = uows
        self._desk = desk
        self._transport = transport
        self._kept: dict[tuple[TenantId, int], _Kept] = {}

    async def find(self, tenant_id: TenantId, account_id: int) -> SendClient | None:
        """Return the sender of a gateway; of an account that is none, nothing."""
        kept = self._kept.get((tenant_id, account_id))
        now_s = time.monotonic()
        if kept is not None and now_s - kept.looked_at_s < _LOOK_AGAIN_S:
            return kept.sender
        if self._desk.is_known_other(tenant_id, account_id):
            return None
        async with self._uows.system(tenant_id) as uow:
            if await self._desk.channel_of(uow, account_id) is None:
                return None
            known = await self._desk.open(uow, GatewayId(account_id))
        kept = self._kept.get((tenant_id, account_id))  # Somebody else may have looked meanwhile.
        if kept is None or kept.known != known:
            kept = _Kept(known, self._make(known), now_s)
            self._kept[tenant_id, account_id] = kept
        kept.looked_at_s = now_s
        return kept.sender

    def sms(self, settings: SmsSettings, secret: str) -> SmsClient:
        """Return a client of an application."""
        return SmsClient(self._transport, settings, secret, self._uows.clock)

    def webhook(self, settings: WebhookSettings, secret: str) -> WebhookClient:
        """Return a client of an address."""
        return WebhookClient(self._outbound, settings, secret, self._uows.clock)

    def _make(self, gateway: OpenGateway) -> SendClient:
        match gateway.settings:
            case SmsSettings() as settings:
                return SmsSender(self.sms(settings, gateway.secret), settings, self._uows.clock)
            case EmailSettings() as settings:
                return EmailSender(MailClient(settings, gateway.secret), settings, self._uows.clock)
            case WebhookSettings() as settings:
                return WebhookSender(self.webhook(settings, gateway.secret))
