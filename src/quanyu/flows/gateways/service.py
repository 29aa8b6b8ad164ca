"""Gateways as the console sets them up: connected, with their templates in the registry, and checked."""

from quanyu.flows.gateways.checks import check_mail, check_sms, check_webhook
from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import Check
from quanyu.modules.channels.gateways.contracts import (
    Connect,
    ConnectSms,
    EmailSettings,
    Gateway,
    GatewayId,
    SmsSettings,
    SmsTemplate,
    WebhookSettings,
)
from quanyu.modules.channels.gateways.mail import MailClient
from quanyu.modules.channels.gateways.service import GatewayDesk, read_gateway_id
from quanyu.modules.messaging.contracts import Channel, MessageKind, TemplateRecord
from quanyu.modules.messaging.service import Messaging


class Gateways:
    """Connect and check what carries messages outside WeChat."""

    def __init__(
        self, uows: UnitOfWorkFactory, desk: GatewayDesk, senders: GatewaySenders, messaging: Messaging
    ) -> None:
        self._uows = uows
        self.desk = desk
        self._senders = senders
        self._messaging = messaging

    async def connect(self, uow: UnitOfWork, command: Connect) -> Gateway:
        """Connect a gateway, or change it; its templates are from then on what messages are made of.

        Raises:
            SecretNeeded: it is new, and its secret is not given.
        """
        gateway = await self.desk.connect(uow, command)
        if isinstance(command, ConnectSms):
            account_id = read_gateway_id(gateway.id)
            records = [_record(account_id, one) for one in command.templates]
            await self._messaging.replace_templates(uow, account_id, records)
        return gateway

    async def check(self, tenant_id: TenantId, gateway_id: GatewayId) -> tuple[Check, ...]:
        """Look at everything that can be wrong; no transaction stays open meanwhile.

        Raises:
            UnknownGateway: the brand has no such gateway.
        """
        async with self._uows.app(tenant_id) as uow:
            gateway = await self.desk.open(uow, gateway_id)
        match gateway.settings:
            case SmsSettings() as settings:
                return await check_sms(self._senders.sms(settings, gateway.secret), settings)
            case EmailSettings() as settings:
                return await check_mail(MailClient(settings, gateway.secret))
            case WebhookSettings() as settings:
                return await check_webhook(self._senders.webhook(settings, gateway.secret))


def _record(account_id: int, template: SmsTemplate) -> TemplateRecord:
    return TemplateRecord(
        account_id=account_id,
        channel=Channel.SMS,
        template_id=template.template_id,
        title=template.title,
        fields=template.parameters,
        message_kind=MessageKind.SMS,
        names={number: _around(template.text, number) for number in template.parameters},
    )


def _around(text: str, number: str) -> str:
    """Return the words before and after a parameter, by which people know it."""
    before, _, after = text.partition(f"{{{number}}}")
    return f"{before[-8:]}{{{number}}}{after[:8]}"
