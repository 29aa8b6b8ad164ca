"""The call itself: tried again only where the platform said for sure that nothing went out."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import AppError, NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.staff.welcomes.blocking import WelcomeBlockList
from quanyu.modules.staff.welcomes.compose import REFUSED, Composed, plainer
from quanyu.modules.staff.welcomes.ledger import Settlement
from quanyu.modules.staff.welcomes.media import read_media_number
from quanyu.modules.staff.welcomes.media_queries import MediaQueries
from quanyu.modules.staff.welcomes.preparing import Prepared, Ready
from quanyu.modules.staff.welcomes.queries import RuleQueries
from quanyu.modules.staff.welcomes.rules import life_of_codes, time_left
from quanyu.modules.staff.welcomes.states import BLOCKED, Step, Verdict, WelcomeState, judge
from quanyu.wechat.errors import NotSent, PlatformRefusal, WechatError
from quanyu.wechat.wecom import app_messages, message_parts
from quanyu.wechat.wecom.attachments import Text
from quanyu.wechat.wecom.client import WeComClient
from quanyu.wechat.wecom.welcome import SEND, WelcomeRequest

_log = get_logger("staff.welcomes")
_CALL_S: Final = 10.0
_RETRY_AFTER: Final = timedelta(seconds=1)  # Of real time.
_UNKNOWN_MEDIA: Final = 40007
_NOT_SENT: Final = Verdict(Step.RETRY, WelcomeState.ERROR, "not_sent")
_NO_ANSWER: Final = Verdict(Step.SETTLE, WelcomeState.UNKNOWN, "no_answer")
_NO_CORP: Final = Verdict(Step.SETTLE, WelcomeState.ERROR, "no_corp")
_SENT: Final = Verdict(Step.SETTLE, WelcomeState.SENT, "")


class Calls:
    """Calls the platform for welcomes that are handed."""

    def __init__(self, uows: UnitOfWorkFactory, clients: CorpClients) -> None:
        self._uows = uows
        self._clients = clients

    async def send(self, tenant_id: TenantId, ready: Ready) -> Settlement:
        """Call until the platform has decided, or the code's time is over; return what came of it."""
        composed, is_plain = ready.composed, bool(ready.composed.fallback)
        while True:
            verdict = await self._call(tenant_id, ready, composed)
            if verdict.reason == str(_UNKNOWN_MEDIA):
                await self._distrust(tenant_id, ready)
            plain = plainer(ready.chosen.variant.content, REFUSED)
            if verdict.step is Step.PLAINER and not is_plain and plain is not None:
                composed, is_plain = plain, True
                continue
            if verdict.step is Step.RETRY and self._time_left(ready) > business_span(
                self._uows.clock, _RETRY_AFTER
            ):
                await asyncio.sleep(_RETRY_AFTER.total_seconds())
                continue
            return Settlement(ready.claimed, verdict.state, verdict.reason, ready.chosen, composed.fallback)

    def _time_left(self, ready: Ready) -> timedelta:
        clock = self._uows.clock
        life = life_of_codes(clock)
        return time_left(happened_at=ready.claimed.happened_at, now=clock.now(), life=life)

    async def _call(self, tenant_id: TenantId, ready: Ready, composed: Composed) -> Verdict:
        request = WelcomeRequest(
            welcome_code=ready.claimed.secret.code,
            text=Text(composed.text) if composed.text else None,
            attachments=composed.attachments,
        )
        try:
            client = await self._clients.get(tenant_id, ready.claimed.corp_id)
            async with asyncio.timeout(_CALL_S):
                await client.call(SEND, request)
        except NotFound:
            return _NO_CORP
        except NotSent:
            return _NOT_SENT
        except PlatformRefusal as error:
            return judge(error.errcode)
        except (WechatError, TimeoutError):
            return _NO_ANSWER  # It may have arrived.
        return _SENT

    async def _distrust(self, tenant_id: TenantId, ready: Ready) -> None:
        """Have the files of a refused welcome uploaded anew: the next customer shall see them."""
        numbers = [read_media_number(ref) for ref in ready.chosen.variant.content.media]
        async with self._uows.system(tenant_id) as uow:
            await RuleQueries(uow).bump(ready.claimed.corp_id)
            await MediaQueries(uow).distrust(numbers)

    async def alert(self, tenant_id: TenantId, one: Settlement, prepared: Prepared | None) -> None:
        """Tell who wants to know that a suspect was not greeted (WM-7); once, and if it can be told."""
        if one.reason != BLOCKED or prepared is None or not prepared.book.block_list.alert:
            return
        try:
            client = await self._clients.get(tenant_id, one.claimed.corp_id)
            await _tell(client, prepared.book.block_list, one, at=self._uows.clock.now())
        except AppError as error:
            _log.warning("staff.welcomes.alert_failed", code=error.code)


async def _tell(client: WeComClient, block_list: WelcomeBlockList, one: Settlement, *, at: datetime) -> None:
    # Who it is stands in the console: a message of an app is no place for names.
    told = f"可疑客户（命中屏蔽词）添加了 {one.claimed.userid}，未发送欢迎语。{at:%m-%d %H:%M} UTC"
    message = app_messages.TextMessage(
        agentid=client.agent_id,
        touser=app_messages.joined(*block_list.alert),
        text=message_parts.Text(told),
        enable_duplicate_check=1,
    )
    await client.call(app_messages.SEND, message)
