"""Asking the platform for codes: the intent is a row, so no crash loses or forgets one.

Asking twice for the same scene gives a code that says the same; a lost answer costs at most one of the
account's 100,000 permanent ones.
"""

import asyncio
from datetime import timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.clients import AccountClients
from quanyu.modules.channels.codes.contracts import CodeId, CodeKind
from quanyu.modules.channels.codes.queries import CodeQueries, KeptCode
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.official_account import qr_codes
from quanyu.wechat.refusals import Action

_log = get_logger("channels.codes")
_CLAIM: Final = timedelta(minutes=1)
_IDLE_S: Final = 2.0
_DAY_S: Final = 86_400


class CodeIssuer:
    """Gets tickets for the codes that wait for one."""

    def __init__(self, uows: UnitOfWorkFactory, clients: AccountClients) -> None:
        self._uows = uows
        self._clients = clients

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.issue(tenant_id), failed="channels.codes_failed")

    async def issue(self, tenant_id: TenantId, code_id: CodeId | None = None) -> bool:
        """Get one due code's ticket (``code_id``: this one's); return whether one was due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            until = now + business_span(uow.clock, _CLAIM)
            code = await CodeQueries(uow).claim_issue(now=now, until=until, code_id=code_id)
        if code is None:
            return False
        try:
            await self._ask(tenant_id, code)
        except (WechatError, NotFound) as error:
            await self._refused(tenant_id, code, error)
        return True

    async def _ask(self, tenant_id: TenantId, code: KeptCode) -> None:
        client = await self._clients.client(tenant_id, code.account_id)
        request = (
            qr_codes.permanent(code.scene)
            if code.kind is CodeKind.PERMANENT
            else qr_codes.temporary(code.scene, seconds=code.days * _DAY_S)
        )
        asked_at = self._uows.clock.now()
        made = await client.call(qr_codes.CREATE, request)
        lives = code.kind is CodeKind.TEMPORARY
        expires_at = asked_at + timedelta(seconds=made.expire_seconds) if lives else None
        async with self._uows.system(tenant_id) as uow:
            await CodeQueries(uow).issued(code, ticket=made.ticket, url=made.url, expires_at=expires_at)

    async def _refused(self, tenant_id: TenantId, code: KeptCode, error: WechatError | NotFound) -> None:
        _log.warning("channels.code_not_issued", code_id=code.code_id, error=str(error))
        async with self._uows.system(tenant_id) as uow:
            again_at = None
            if isinstance(error, WechatError) and (is_about_pace(error) or not _is_final(error)):
                again_at = retry_at(error, uow.clock.now(), attempts=code.attempts)
            reason = str(error.errcode) if isinstance(error, PlatformRefusal) else error.code
            await CodeQueries(uow).not_issued(code, reason, again_at=again_at)


def _is_final(error: WechatError) -> bool:
    return isinstance(error, PlatformRefusal) and error.action is Action.GIVE_UP
