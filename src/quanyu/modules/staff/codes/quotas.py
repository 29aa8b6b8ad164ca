"""The corp's quota of codes: what is used, when it ends at this pace, and what can be given back (CW-7)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from quanyu.infra.telemetry import get_logger
from quanyu.infra.unit_of_work import UnitOfWork, UnitOfWorkFactory
from quanyu.infra.waiting import work_until
from quanyu.kernel.clock import business_span
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import TenantId, encode_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.staff.codes.contracts import QUOTA_MAX, CodeQuota
from quanyu.modules.staff.codes.finding import list_configs, look
from quanyu.modules.staff.codes.ports import CallsOfCorps, JoinWayCount
from quanyu.modules.staff.codes.queries import LiveCodeQueries
from quanyu.modules.staff.codes.states import LiveCodeId, StateSigner
from quanyu.modules.staff.codes.way_queries import Phase, WayQueries
from quanyu.wechat.errors import WechatError
from quanyu.wechat.wecom import contact_ways as calls
from quanyu.wechat.wecom.client import WeComClient

_log = get_logger("staff.codes")
CORP_PREFIX: Final = "wcp"
PACE_DAYS: Final = 30
FAR: Final = timedelta(days=3_650)  # A forecast beyond this says nothing.
UNUSED: Final = timedelta(days=30)  # A member's own code nobody was shown for so long is given back.
_SWEEP_EVERY: Final = timedelta(days=1)
_AGAIN: Final = timedelta(hours=1)
_CLAIM: Final = timedelta(minutes=5)
_FIRST_WAYS: Final = datetime(2021, 7, 10, tzinfo=UTC)  # Older ones are never listed (path 92228).
_LOOKED_MAX: Final = 200


class CorpIds(Protocol):
    """Tells which corps a brand has."""

    async def corp_ids(self, uow: UnitOfWork) -> Sequence[AccountId]: ...


def exhausted_on(*, used: int, limit: int, made: int, removed: int, today: date) -> date | None:
    """Return the day on which the quota is used up if the last 30 days go on like that; ``None`` if never."""
    if used >= limit:
        return today
    growth = made - removed
    if growth <= 0:
        return None
    days = (limit - used) * PACE_DAYS // growth
    return today + timedelta(days=days) if days <= FAR.days else None


@dataclass(frozen=True, slots=True)
class _Counts:
    ways: int
    made: int
    removed: int


class QuotaMeter:
    """Reads the meter."""

    def __init__(self, join_ways: JoinWayCount, *, limit: int = QUOTA_MAX) -> None:
        self._join_ways = join_ways
        self.limit = limit

    async def read(self, uow: UnitOfWork, corp_id: AccountId) -> CodeQuota:
        """Return how much of a corp's quota is used."""
        counts = await _count(uow, corp_id)
        rows = await uow.execute(
            "SELECT foreign_ways, swept_at FROM live_code_sweep "
            "WHERE tenant_id = :tenant AND corp_id = :corp",
            {"tenant": uow.tenant_id, "corp": corp_id},
        )
        swept = rows.first()
        foreign = 0 if swept is None else swept.foreign_ways
        join_ways = await self._join_ways.count(uow, corp_id)
        used = counts.ways + foreign + join_ways
        return CodeQuota(
            corp=encode_id(CORP_PREFIX, corp_id),
            used=used,
            ways=counts.ways,
            join_ways=join_ways,
            foreign=foreign,
            limit=self.limit,
            made_30d=counts.made,
            removed_30d=counts.removed,
            exhausted_on=exhausted_on(
                used=used,
                limit=self.limit,
                made=counts.made,
                removed=counts.removed,
                today=uow.clock.now().date(),
            ),
            swept_at=None if swept is None else swept.swept_at,
        )


async def _count(uow: UnitOfWork, corp_id: AccountId) -> _Counts:
    rows = await uow.execute(
        "SELECT count(*) FILTER (WHERE phase <> 'removed' AND (config_id IS NOT NULL OR phase = 'asked')), "
        "count(*) FILTER (WHERE config_id IS NOT NULL AND created_at > :since), "
        "count(*) FILTER (WHERE config_id IS NOT NULL AND removed_at > :since) "
        "FROM live_code_way WHERE tenant_id = :tenant AND corp_id = :corp",
        {
            "tenant": uow.tenant_id,
            "corp": corp_id,
            "since": uow.clock.now() - timedelta(days=PACE_DAYS),
        },
    )
    return _Counts(*rows.one())


class Sweeper:
    """Once a day: lists a corp's codes, gives back what nobody needs, and finds those that are lost."""

    def __init__(
        self, uows: UnitOfWorkFactory, clients: CallsOfCorps, corps: CorpIds, signer: StateSigner
    ) -> None:
        self._uows = uows
        self._clients = clients
        self._corps = corps
        self._signer = signer

    async def run(self, tenant_id: TenantId, stopping: asyncio.Event) -> None:
        """Work until ``stopping`` is set."""
        await work_until(stopping, lambda: self.run_once(tenant_id), failed="staff.codes.sweep_failed")

    async def run_once(self, tenant_id: TenantId) -> int:
        """Sweep one corp that is due; return whether one was."""
        async with self._uows.system(tenant_id) as uow:
            corp_id = await self._claim(uow)
            if corp_id is not None:
                await self._recycle(uow, corp_id)
        if corp_id is None:
            return 0
        try:
            await self.sweep(tenant_id, corp_id)
        except (WechatError, NotFound) as error:
            _log.warning("staff.codes.not_swept", corp_id=corp_id, error=str(error))
            async with self._uows.system(tenant_id) as uow:
                await self._next(uow, corp_id, uow.clock.now() + _AGAIN)
        return 1

    async def sweep(self, tenant_id: TenantId, corp_id: AccountId) -> None:
        """List every code of a corp. Ours that nobody knows of are deleted, lost ones are looked at again."""
        client = await self._clients.get(tenant_id, corp_id)
        now = self._uows.clock.now()
        # What is being made meanwhile is not ours to judge yet.
        until = now - business_span(self._uows.clock, _CLAIM)
        listed = {one async for one in list_configs(client, since=_FIRST_WAYS, until=until)}
        everything = {one async for one in list_configs(client, since=_FIRST_WAYS, until=now + _AGAIN)}
        async with self._uows.system(tenant_id) as uow:
            known = await WayQueries(uow).known_configs(corp_id)
        strangers = sorted(listed - set(known))
        orphans = await self._delete_orphans(client, corp_id, strangers[:_LOOKED_MAX])
        lost = [config for config, phase in known.items() if phase is Phase.LIVE and config not in everything]
        again = sorted(
            config for config, phase in known.items() if phase is Phase.REMOVED and config in listed
        )
        for config_id in again:
            await client.call(calls.DELETE, calls.ConfigId(config_id=config_id))
        async with self._uows.system(tenant_id) as uow:
            await WayQueries(uow).check_soon(corp_id, lost)
            await uow.execute(
                "UPDATE live_code_sweep SET foreign_ways = :foreign, orphans = orphans + :orphans, "
                "swept_at = :now WHERE tenant_id = :tenant AND corp_id = :corp",
                {
                    "tenant": tenant_id,
                    "corp": corp_id,
                    "foreign": len(strangers) - orphans,
                    "orphans": orphans,
                    "now": now,
                },
            )

    async def _delete_orphans(self, client: WeComClient, corp_id: AccountId, strangers: Sequence[str]) -> int:
        """Delete codes that carry a state of ours although no row knows them: an answer that never came."""
        deleted = 0
        for config_id in strangers:
            there = await look(client, config_id)
            if there is not None and self._signer.read(corp_id, there.state) is not None:
                await client.call(calls.DELETE, calls.ConfigId(config_id=config_id))
                deleted += 1
        return deleted

    async def _claim(self, uow: UnitOfWork) -> AccountId | None:
        now = uow.clock.now()
        for corp_id in await self._corps.corp_ids(uow):
            await uow.execute(
                "INSERT INTO live_code_sweep (tenant_id, corp_id, due_at) VALUES (:tenant, :corp, :now) "
                "ON CONFLICT DO NOTHING",
                {"tenant": uow.tenant_id, "corp": corp_id, "now": now},
            )
            done = await uow.execute(
                "UPDATE live_code_sweep SET due_at = :next WHERE tenant_id = :tenant AND corp_id = :corp "
                "AND due_at <= :now AND EXISTS (SELECT FROM live_code "
                "WHERE tenant_id = :tenant AND corp_id = :corp)",
                {
                    "tenant": uow.tenant_id,
                    "corp": corp_id,
                    "now": now,
                    "next": now + _SWEEP_EVERY,
                },
            )
            if done.rowcount:
                return corp_id
        return None

    async def _next(self, uow: UnitOfWork, corp_id: AccountId, due_at: datetime) -> None:
        await uow.execute(
            "UPDATE live_code_sweep SET due_at = :due WHERE tenant_id = :tenant AND corp_id = :corp",
            {"tenant": uow.tenant_id, "corp": corp_id, "due": due_at},
        )

    async def _recycle(self, uow: UnitOfWork, corp_id: AccountId) -> None:
        """Give back members' own codes that nobody was shown for a month."""
        rows = await uow.execute(
            "UPDATE live_code_way SET phase = 'removing', due_at = :now, attempts = 0 "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND userid <> '' AND phase = 'live' "
            "AND used_at < :before RETURNING code_id, userid",
            {
                "tenant": uow.tenant_id,
                "corp": corp_id,
                "now": uow.clock.now(),
                "before": uow.clock.now() - UNUSED,
            },
        )
        for row in rows.all():
            await LiveCodeQueries(uow).note(LiveCodeId(row.code_id), "recycled", {"userid": row.userid})
