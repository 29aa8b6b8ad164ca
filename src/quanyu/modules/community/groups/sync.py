"""Reconciliation: the platform's list of groups against ours (EV-3).

What it finds is looked into like any news, but nothing says when it happened: joins found so are flagged
``synthetic``. A sync begins when a corp is first seen, every night after, and when somebody asks.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import wait
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId, new_id
from quanyu.modules.channels.pacing import is_about_pace, retry_at
from quanyu.modules.community.groups.handovers import ask_for_owners
from quanyu.modules.community.groups.queries import GroupQueries
from quanyu.modules.community.ports import CorpRef, Corps
from quanyu.wechat.errors import PlatformRefusal, WechatError
from quanyu.wechat.wecom import customer_groups
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("community.groups")
_EVERY: Final = timedelta(hours=24)
_CLAIM: Final = timedelta(minutes=2)
_REST_S: Final = 5.0
_ATTEMPTS_MAX: Final = 10
_PAGE: Final = 500
_TOO_MANY_MEMBERS: Final = 81017  # Without naming owners, at most 1,000 members may be in scope.


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSync:
    """A row of ``group_sync``. ``cursor`` is ``<owners from>:<the platform's cursor>``; -1: of everybody."""

    sync_id: int
    corp_id: int
    owners_from: int
    cursor: str
    listed: int
    attempts: int
    started_at: datetime


class GroupSync:
    """Walks the platform's lists, one page a step; a restart goes on where it was."""

    def __init__(self, uows: UnitOfWorkFactory, corps: Corps) -> None:
        self._uows = uows
        self._corps = corps

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        while not stopping.is_set():
            try:
                await self.begin_due(tenant_id)
                while await self.step(tenant_id) and not stopping.is_set():
                    pass
            except Exception as error:
                _log.error("community.group_sync_failed", exc_info=error)
            await wait(stopping, _REST_S)

    async def begin(self, uow: UnitOfWork, corp: CorpRef) -> None:
        """Begin a sync of a corp unless one runs."""
        await SyncQueries(uow).begin(corp.account_id)

    async def begin_due(self, tenant_id: TenantId) -> None:
        """Begin the syncs of corps whose last one began a day ago or that never had one."""
        async with self._uows.system(tenant_id) as uow:
            for corp in await self._corps.list(uow):
                latest = await SyncQueries(uow).latest_start(corp.account_id)
                if latest is None or latest + _EVERY <= uow.clock.now():
                    await self.begin(uow, corp)

    async def step(self, tenant_id: TenantId) -> bool:
        """Take one page of a due sync; return whether one was due."""
        async with self._uows.system(tenant_id) as uow:
            now = uow.clock.now()
            sync = await SyncQueries(uow).claim(now=now, until=now + business_span(uow.clock, _CLAIM))
            corps = {corp.account_id: corp for corp in await self._corps.list(uow)}
        if sync is None:
            return False
        corp = corps.get(sync.corp_id)
        try:
            if corp is None:
                raise NotFound("the corp is not connected any more")
            client = await self._corps.client(tenant_id, corp.account_id)
            owners, is_last = await _owners(client, sync.owners_from)
            page = await client.call(
                customer_groups.LIST,
                customer_groups.ListRequest(limit=_PAGE, owner_filter=owners, cursor=sync.cursor),
            )
        except (WechatError, NotFound) as error:
            await self._refused(tenant_id, sync, error)
            return True
        await self._keep(tenant_id, corp, sync, page, is_last=is_last)
        return True

    async def _keep(
        self,
        tenant_id: TenantId,
        corp: CorpRef,
        sync: KeptSync,
        page: customer_groups.Groups,
        *,
        is_last: bool,
    ) -> None:
        async with self._uows.system(tenant_id) as uow:
            chats = [(one.chat_id, one.status) for one in page.group_chat_list]
            await GroupQueries(uow).listed(corp.account_id, sync.sync_id, chats)
            if page.next_cursor:
                await SyncQueries(uow).move(sync, sync.owners_from, page.next_cursor, listed=len(chats))
            elif not is_last:
                following = sync.owners_from + customer_groups.OWNERS_MAX
                await SyncQueries(uow).move(sync, following, "", listed=len(chats))
            else:
                await self._finish(uow, corp, sync, listed=len(chats))

    async def _finish(self, uow: UnitOfWork, corp: CorpRef, sync: KeptSync, *, listed: int) -> None:
        queries = GroupQueries(uow)
        await queries.ask_about_missing(corp.account_id, sync.sync_id, started_at=sync.started_at)
        left_behind = await queries.with_owner_gone(corp.account_id, sync.sync_id)
        await ask_for_owners(uow, corp, ((group, uow.clock.now()) for group in left_behind))
        await SyncQueries(uow).finish(sync, "done", listed=listed)

    async def _refused(self, tenant_id: TenantId, sync: KeptSync, error: WechatError | NotFound) -> None:
        _log.warning("community.group_sync_refused", corp_id=sync.corp_id, error=str(error))
        async with self._uows.system(tenant_id) as uow:
            queries = SyncQueries(uow)
            if isinstance(error, PlatformRefusal) and error.errcode == _TOO_MANY_MEMBERS:
                await queries.move(sync, 0, "", listed=0)
            elif not isinstance(error, WechatError) or (
                sync.attempts >= _ATTEMPTS_MAX and not is_about_pace(error)
            ):
                await queries.finish(sync, "failed", reason=error.code)
            else:
                at = retry_at(error, uow.clock.now(), attempts=sync.attempts)
                await queries.postpone(sync, error.code, again_at=at)


async def _owners(client: WeComClient, owners_from: int) -> tuple[customer_groups.Owners | None, bool]:
    """Return whose groups to list, and whether nobody comes after them."""
    if owners_from < 0:
        return None, True
    everybody = sorted(await client.follow_users())
    upto = owners_from + customer_groups.OWNERS_MAX
    chosen = tuple(everybody[owners_from:upto])
    return customer_groups.Owners(chosen) if chosen else None, upto >= len(everybody)


class SyncQueries:
    """Every statement on ``group_sync``."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def begin(self, corp_id: int) -> None:
        await self._uow.execute(
            "INSERT INTO group_sync (tenant_id, id, corp_id, state, cursor, next_step_at, started_at) "
            "VALUES (:tenant, :id, :corp, 'running', '-1:', :now, :now) "
            "ON CONFLICT (tenant_id, corp_id) WHERE state = 'running' DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "id": new_id(),
                "corp": corp_id,
                "now": self._uow.clock.now(),
            },
        )

    async def latest_start(self, corp_id: int) -> datetime | None:
        rows = await self._uow.execute(
            "SELECT max(started_at) FROM group_sync WHERE tenant_id = :tenant AND corp_id = :corp",
            {"tenant": self._uow.tenant_id, "corp": corp_id},
        )
        found: datetime | None = rows.scalar_one()
        return found

    async def latest(self) -> list[Any]:
        """Return the newest sync of each corp."""
        rows = await self._uow.execute(
            "SELECT DISTINCT ON (corp_id) * FROM group_sync WHERE tenant_id = :tenant "
            "ORDER BY corp_id, started_at DESC",
            {"tenant": self._uow.tenant_id},
        )
        return list(rows)

    async def claim(self, *, now: datetime, until: datetime) -> KeptSync | None:
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM group_sync WHERE tenant_id = :tenant "
            "AND state = 'running' AND next_step_at <= :now ORDER BY next_step_at LIMIT 1 "
            "FOR UPDATE SKIP LOCKED) "
            "UPDATE group_sync s SET next_step_at = :until, attempts = s.attempts + 1 FROM due "
            "WHERE s.tenant_id = :tenant AND s.id = due.id RETURNING s.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until},
        )
        row = rows.first()
        if row is None:
            return None
        owners_from, _, cursor = row.cursor.partition(":")
        return KeptSync(
            sync_id=row.id,
            corp_id=row.corp_id,
            owners_from=int(owners_from),
            cursor=cursor,
            listed=row.listed,
            attempts=row.attempts,
            started_at=row.started_at,
        )

    async def move(self, sync: KeptSync, owners_from: int, cursor: str, *, listed: int) -> None:
        await self._uow.execute(
            "UPDATE group_sync SET cursor = :cursor, listed = listed + :listed, attempts = 0, reason = '', "
            "next_step_at = :now WHERE tenant_id = :tenant AND id = :id AND state = 'running'",
            {**self._of(sync), "cursor": f"{owners_from}:{cursor}", "listed": listed},
        )

    async def postpone(self, sync: KeptSync, reason: str, *, again_at: datetime) -> None:
        await self._uow.execute(
            "UPDATE group_sync SET reason = :reason, next_step_at = :again "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'running' AND :now <= :again",
            {**self._of(sync), "reason": reason, "again": again_at},
        )

    async def finish(self, sync: KeptSync, state: str, *, listed: int = 0, reason: str = "") -> None:
        await self._uow.execute(
            "UPDATE group_sync SET state = :state, reason = :reason, listed = listed + :listed, "
            "finished_at = :now WHERE tenant_id = :tenant AND id = :id AND state = 'running'",
            {**self._of(sync), "state": state, "reason": reason, "listed": listed},
        )

    def _of(self, sync: KeptSync) -> dict[str, Any]:
        return {"tenant": self._uow.tenant_id, "id": sync.sync_id, "now": self._uow.clock.now()}
