"""What became of text messages, and what people answered: asked of the platform again and again.

The platform gives each report and answer once. Those of one call are written in one transaction right after
it; when the process dies in between, they are lost, which the guide says.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from quanyu.flows.gateways.senders import GatewaySenders
from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.gateways.contracts import GatewayChannel, GatewayId, SmsSettings
from quanyu.modules.channels.gateways.errors import SmsRefused
from quanyu.modules.channels.gateways.facts import sms_received
from quanyu.modules.channels.gateways.service import GatewayDesk, read_gateway_id
from quanyu.modules.channels.gateways.sms import PULL_MAX, Reply, Report, SmsClient
from quanyu.modules.messaging.service import Messaging
from quanyu.wechat.errors import TransportError

_log = get_logger("gateways.sms")

EVERY_S: Final = 20.0
_PULLS_MAX: Final = 50  # Of one turn.
_SUCCESS: Final = "SUCCESS"


class SmsReports:
    """Pulls reports and answers of every application of a brand."""

    def __init__(
        self, uows: UnitOfWorkFactory, desk: GatewayDesk, senders: GatewaySenders, messaging: Messaging
    ) -> None:
        self._uows = uows
        self._desk = desk
        self._senders = senders
        self._messaging = messaging

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Pull until told to stop."""
        while not stopping.is_set():
            await self.pull(tenant_id)
            await wait(stopping, EVERY_S)

    async def pull(self, tenant_id: TenantId) -> None:
        """Take what there is now, of each application; one in trouble does not keep the others waiting."""
        async with self._uows.app(tenant_id) as uow:
            shown = await self._desk.list_gateways(uow, GatewayChannel.SMS)
            gateways = [await self._desk.open(uow, read_gateway_id(one.id)) for one in shown]
        for gateway in gateways:
            assert isinstance(gateway.settings, SmsSettings), "the list was of one channel"
            client = self._senders.sms(gateway.settings, gateway.secret)
            try:
                await self._pull_reports(tenant_id, gateway.id, client)
                await self._pull_replies(tenant_id, gateway.settings.app_id, client)
            except SmsRefused as error:
                _log.warning("gateways.sms_pull_refused", code=error.code)
            except TransportError as error:
                _log.warning("gateways.sms_pull_failed", reason=error.code)

    async def _pull_reports(self, tenant_id: TenantId, gateway_id: GatewayId, client: SmsClient) -> None:
        for _ in range(_PULLS_MAX):
            reports = await client.pull_reports()
            if reports:
                async with self._uows.app(tenant_id) as uow:
                    receipts = {one.SerialNo: _receipt(one, uow.clock.now()) for one in reports}
                    await self._messaging.take_receipts(uow, gateway_id, receipts)
            if len(reports) < PULL_MAX:
                return

    async def _pull_replies(self, tenant_id: TenantId, app_id: str, client: SmsClient) -> None:
        for _ in range(_PULLS_MAX):
            replies = await client.pull_replies()
            await self._state(tenant_id, app_id, replies)
            if len(replies) < PULL_MAX:
                return

    async def _state(self, tenant_id: TenantId, app_id: str, replies: Sequence[Reply]) -> None:
        """State what people answered; who asks to be left alone is, by the subscriber of consent."""
        if not replies:
            return
        async with self._uows.app(tenant_id) as uow:
            for one in replies:
                at = datetime.fromtimestamp(one.ReplyTime, UTC)
                uow.publish(sms_received(app_id, one.PhoneNumber, one.ReplyContent, at=at))


def _receipt(report: Report, now: datetime) -> tuple[str, datetime]:
    at = datetime.fromtimestamp(report.UserReceiveTime, UTC) if report.UserReceiveTime else now
    return ("success" if report.ReportStatus == _SUCCESS else f"failed:{report.Description}"[:200], at)
