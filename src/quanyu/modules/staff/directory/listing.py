"""The members a sync has listed, and how many of them are still to be asked about."""

from collections.abc import Sequence
from typing import Any

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.ids import new_id
from quanyu.modules.channels.syncs.queries import KeptSync


class ListedMembers:
    """What one sync of staff writes into ``staff_member``."""

    def __init__(self, uow: UnitOfWork, sync: KeptSync) -> None:
        self._uow = uow
        self._params: dict[str, Any] = {
            "tenant": uow.tenant_id,
            "corp": sync.account_id,
            "sync": sync.sync_id,
            "started": sync.started_at,
            "now": uow.clock.now(),
        }

    async def add(self, userids: Sequence[str]) -> None:
        """Have these members known and asked about. Idempotent: a page may be seen again."""
        ordered = sorted(set(userids))
        await self._uow.execute(
            "INSERT INTO staff_member AS m (tenant_id, corp_id, userid, id, details_due_at, sync_id, "
            "created_at, updated_at) SELECT :tenant, :corp, n.userid, n.id, :now, :sync, :now, :now "
            "FROM unnest(CAST(:userids AS text[]), CAST(:ids AS bigint[])) AS n (userid, id) "
            "ORDER BY n.userid ON CONFLICT (tenant_id, corp_id, userid) DO UPDATE SET "
            "details_due_at = excluded.details_due_at, details_attempts = 0, sync_id = excluded.sync_id "
            "WHERE m.sync_id IS DISTINCT FROM excluded.sync_id",
            {**self._params, "userids": ordered, "ids": [new_id() for _ in ordered]},
        )

    async def ask_about_missing(self) -> None:
        """Have those asked about who are here and were not listed."""
        await self._uow.execute(
            "UPDATE staff_member SET details_due_at = :now, details_attempts = 0, sync_id = :sync "
            "WHERE tenant_id = :tenant AND corp_id = :corp AND sync_id IS DISTINCT FROM :sync "
            "AND created_at < :started AND left_at IS NULL",
            self._params,
        )

    async def count(self) -> int:
        """Return how many members the sync is about."""
        return await self._count("true")

    async def count_waiting(self) -> int:
        """Return how many of them are still to be asked about."""
        return await self._count("details_due_at IS NOT NULL AND details_attempts < 3")

    async def _count(self, condition: str) -> int:
        rows = await self._uow.execute(
            "SELECT count(*) FROM staff_member WHERE tenant_id = :tenant "  # noqa: S608 - constants.
            f"AND corp_id = :corp AND sync_id = :sync AND {condition}",
            self._params,
        )
        return int(rows.scalar_one())
