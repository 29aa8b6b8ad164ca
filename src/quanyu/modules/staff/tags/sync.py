"""The platform's list of tags, read whole: at first, every night, after news of it, and when asked for.

Every call tells everything, so the order of news does not matter and nothing is ever missing.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.pacing import retry_at
from quanyu.modules.channels.wecom.clients import CorpClients
from quanyu.modules.channels.wecom.corps import Corps
from quanyu.modules.staff.tags.queries.marks import MarkQueries
from quanyu.modules.staff.tags.queries.tags import TagQueries
from quanyu.modules.staff.tags.worker import reason_of
from quanyu.wechat.errors import WechatError
from quanyu.wechat.wecom import corp_tags as calls

_log = get_logger("staff.corp_tags")
_EVERY: Final = timedelta(hours=24)
_CLAIM: Final = timedelta(minutes=2)
_LOOK_FOR_CORPS: Final = timedelta(seconds=10)


class TagListWorker:
    """Keeps the mirror of groups and tags."""

    def __init__(self, uows: UnitOfWorkFactory, clients: CorpClients, corps: Corps) -> None:
        self._uows = uows
        self._clients = clients
        self._corps = corps
        self._looked_at: dict[TenantId, datetime] = {}

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.corp_tag_list_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Read one list that is due; return how many were."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            if self._is_time(tenant_id, now):
                corps = await self._corps.corp_ids(uow)
                await TagQueries(uow).ask_for_new(corps, due_at=now)
            until = now + business_span(uow.clock, _CLAIM)
            due = await TagQueries(uow).claim_list(now=now, until=until)
        if due is None:
            return 0
        await self._read(tenant_id, AccountId(due.corp_id), until, due.attempts)
        return 1

    async def _read(
        self, tenant_id: TenantId, corp_id: AccountId, claimed_until: datetime, attempts: int
    ) -> None:
        started = self._uows.clock.now()
        try:
            client = await self._clients.get(tenant_id, corp_id)
            answer = await client.call(calls.LIST, calls.ListRequest())
        except (WechatError, NotFound) as error:
            _log.warning("staff.corp_tag_list_refused", corp_id=corp_id, error=str(error))
            reason = reason_of(error) if isinstance(error, WechatError) else error.code
            async with self._uows.system(tenant_id) as uow:
                now = uow.clock.now()
                again = retry_at(error, now, attempts=attempts) if isinstance(error, WechatError) else None
                await TagQueries(uow).not_listed(corp_id, reason=reason, again_at=again or now + _EVERY)
            return
        async with self._uows.system(tenant_id) as uow:
            queries = TagQueries(uow)
            for group in sorted(answer.tag_group, key=lambda one: one.group_id):
                await queries.save_group(corp_id, group)
            gone = await queries.drop_others(corp_id, answer.tag_group, before=started)
            await MarkQueries(uow).forget_tags(corp_id, gone)
            await queries.listed(corp_id, claimed_until=claimed_until, next_at=uow.clock.now() + _EVERY)

    def _is_time(self, tenant_id: TenantId, now: datetime) -> bool:
        """Whether to look for companies connected since; each process does so for itself."""
        latest = self._looked_at.get(tenant_id)
        if latest is not None and now - latest < _LOOK_FOR_CORPS:
            return False
        self._looked_at[tenant_id] = now
        return True
