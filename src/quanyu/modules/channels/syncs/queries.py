"""Every statement on ``account_sync``, and what a sync of followers writes into ``follower``."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.syncs.contracts import SyncId, SyncKind, SyncStage, SyncState


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSync:
    """A row of ``account_sync``."""

    sync_id: SyncId
    account_id: AccountId
    kind: SyncKind
    state: SyncState
    stage: SyncStage
    cursor: bytes | None
    total: int
    listed: int
    next_step_at: datetime
    reason: str
    by_hand: bool = True
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class SyncQueries:
    """Syncs and their progress."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def start(
        self,
        sync_id: SyncId,
        account_id: AccountId,
        kind: SyncKind,
        stage: SyncStage,
        *,
        by_hand: bool = True,
    ) -> bool:
        """Insert a running sync unless one of its kind runs; return whether it was inserted."""
        done = await self._uow.execute(
            "INSERT INTO account_sync (tenant_id, id, account_id, kind, state, stage, next_step_at, "
            "started_at, updated_at, by_hand) "
            "VALUES (:tenant, :id, :account, :kind, 'running', :stage, :now, :now, :now, :by_hand) "
            "ON CONFLICT (tenant_id, account_id, kind) WHERE state = 'running' DO NOTHING",
            {
                "tenant": self._uow.tenant_id,
                "id": sync_id,
                "account": account_id,
                "kind": kind,
                "stage": stage,
                "by_hand": by_hand,
                "now": self._uow.clock.now(),
            },
        )
        return done.rowcount == 1

    async def last_started(self, account_id: AccountId, kind: SyncKind) -> datetime | None:
        """Return when the last sync of a kind began, whoever asked for it and whatever became of it."""
        rows = await self._uow.execute(
            "SELECT max(started_at) AS at FROM account_sync "
            "WHERE tenant_id = :tenant AND account_id = :account AND kind = :kind",
            {"tenant": self._uow.tenant_id, "account": account_id, "kind": kind},
        )
        at: datetime | None = rows.scalar_one()
        return at

    async def list_syncs(self, account_id: AccountId, *, limit: int) -> tuple[KeptSync, ...]:
        """Return the account's syncs, newest first."""
        rows = await self._uow.execute(
            "SELECT * FROM account_sync WHERE tenant_id = :tenant AND account_id = :account "
            "ORDER BY id DESC LIMIT :limit",
            {"tenant": self._uow.tenant_id, "account": account_id, "limit": limit},
        )
        return tuple(_sync(row) for row in rows)

    async def count_to_ask(self, account_id: AccountId) -> int:
        """Return how many listed people are still to be asked about."""
        rows = await self._uow.execute(
            "SELECT count(*) FROM follower WHERE tenant_id = :tenant AND account_id = :account "
            "AND sync_pending AND info_due_at IS NOT NULL",
            {"tenant": self._uow.tenant_id, "account": account_id},
        )
        return int(rows.scalar_one())

    async def cancel(self, account_id: AccountId, sync_id: SyncId) -> bool:
        """End a running sync; return whether it ran."""
        done = await self._uow.execute(
            "UPDATE account_sync SET state = 'cancelled', finished_at = :now, updated_at = :now "
            "WHERE tenant_id = :tenant AND account_id = :account AND id = :id AND state = 'running'",
            {
                "tenant": self._uow.tenant_id,
                "account": account_id,
                "id": sync_id,
                "now": self._uow.clock.now(),
            },
        )
        return done.rowcount == 1

    async def claim(self, kinds: Collection[SyncKind], *, now: datetime, until: datetime) -> KeptSync | None:
        """Take the sync of these kinds whose next step is due longest; until ``until`` nobody else does."""
        rows = await self._uow.execute(
            "WITH due AS MATERIALIZED (SELECT id FROM account_sync "
            "WHERE tenant_id = :tenant AND state = 'running' AND next_step_at <= :now AND kind = ANY(:kinds) "
            "ORDER BY next_step_at LIMIT 1 FOR UPDATE SKIP LOCKED) "
            "UPDATE account_sync s SET next_step_at = :until FROM due "
            "WHERE s.tenant_id = :tenant AND s.id = due.id RETURNING s.*",
            {"tenant": self._uow.tenant_id, "now": now, "until": until, "kinds": sorted(kinds)},
        )
        row = rows.first()
        return None if row is None else _sync(row)

    async def move(
        self,
        sync: KeptSync,
        *,
        stage: SyncStage,
        cursor: bytes | None,
        next_step_at: datetime,
        total: int | None = None,
        listed: int = 0,
        reason: str = "",
    ) -> None:
        """Write how far a running sync is; a cancelled one stays cancelled."""
        await self._uow.execute(
            "UPDATE account_sync SET stage = :stage, cursor = :cursor, next_step_at = :next, "
            "total = coalesce(:total, total), listed = listed + :listed, reason = :reason, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'running'",
            {
                "tenant": self._uow.tenant_id,
                "id": sync.sync_id,
                "stage": stage,
                "cursor": cursor,
                "next": next_step_at,
                "total": total,
                "listed": listed,
                "reason": reason,
                "now": self._uow.clock.now(),
            },
        )

    async def finish(self, sync: KeptSync, state: SyncState, *, reason: str = "") -> None:
        """End a running sync."""
        await self._uow.execute(
            "UPDATE account_sync SET state = :state, reason = :reason, finished_at = :now, updated_at = :now "
            "WHERE tenant_id = :tenant AND id = :id AND state = 'running'",
            {
                "tenant": self._uow.tenant_id,
                "id": sync.sync_id,
                "state": state,
                "reason": reason,
                "now": self._uow.clock.now(),
            },
        )

    async def known_tokens(self, account_id: AccountId, tokens: Sequence[bytes]) -> set[bytes]:
        """Return those of ``tokens`` whose openid we hold."""
        rows = await self._uow.execute(
            "SELECT openid_token FROM follower WHERE tenant_id = :tenant AND account_id = :account "
            "AND openid_token = ANY(:tokens) AND openid_sealed IS NOT NULL",
            {"tenant": self._uow.tenant_id, "account": account_id, "tokens": list(tokens)},
        )
        return {bytes(row.openid_token) for row in rows}

    async def list_followers(
        self,
        sync: KeptSync,
        tokens: Sequence[bytes],
        sealed: Sequence[bytes | None],
    ) -> None:
        """Have these openids known and their user info asked for. Idempotent: a page may be seen again."""
        await self._uow.execute(
            _LIST_FOLLOWERS,
            {
                "tenant": self._uow.tenant_id,
                "account": sync.account_id,
                "tokens": list(tokens),
                "sealed": list(sealed),
                "sync": sync.sync_id,
                "now": self._uow.clock.now(),
            },
        )

    async def ask_about_missing(self, sync: KeptSync, *, limit: int) -> int:
        """Have up to ``limit`` people asked about who follow as far as we know and were not listed."""
        done = await self._uow.execute(
            _MISSING,
            {
                "tenant": self._uow.tenant_id,
                "account": sync.account_id,
                "sync": sync.sync_id,
                "started": sync.started_at,
                "limit": limit,
                "now": self._uow.clock.now(),
            },
        )
        return int(done.rowcount)


def _sync(row: Any) -> KeptSync:
    return KeptSync(
        sync_id=SyncId(row.id),
        account_id=AccountId(row.account_id),
        kind=SyncKind(row.kind),
        state=SyncState(row.state),
        stage=SyncStage(row.stage),
        cursor=row.cursor and bytes(row.cursor),
        total=row.total,
        listed=row.listed,
        next_step_at=row.next_step_at,
        reason=row.reason,
        by_hand=row.by_hand,
        started_at=row.started_at,
        updated_at=row.updated_at,
        finished_at=row.finished_at,
    )


_LIST_FOLLOWERS: Final = """
INSERT INTO follower AS f (tenant_id, account_id, openid_token, openid_sealed, first_seen_at, info_due_at,
    sync_id, sync_pending)
SELECT :tenant, :account, n.token, n.sealed, :now, :now, :sync, true
FROM unnest(CAST(:tokens AS bytea[]), CAST(:sealed AS bytea[])) AS n (token, sealed)
ORDER BY n.token
ON CONFLICT (tenant_id, account_id, openid_token) DO UPDATE SET
    openid_sealed = coalesce(f.openid_sealed, excluded.openid_sealed), info_due_at = excluded.info_due_at,
    info_attempts = 0, sync_id = excluded.sync_id, sync_pending = true
    WHERE f.sync_id IS DISTINCT FROM excluded.sync_id
"""
_MISSING: Final = """
WITH missing AS MATERIALIZED (
    SELECT openid_token FROM follower
    WHERE tenant_id = :tenant AND account_id = :account AND subscribed AND openid_sealed IS NOT NULL
        AND sync_id IS DISTINCT FROM :sync AND (changed_at IS NULL OR changed_at < :started)
        AND first_seen_at < :started
    ORDER BY openid_token LIMIT :limit
    FOR UPDATE SKIP LOCKED
)
UPDATE follower f SET info_due_at = :now, info_attempts = 0, sync_id = :sync, sync_pending = true
FROM missing
WHERE f.tenant_id = :tenant AND f.account_id = :account AND f.openid_token = missing.openid_token
"""
