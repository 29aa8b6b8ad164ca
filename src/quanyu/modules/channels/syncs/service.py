"""Syncs as people start and watch them."""

from typing import Final

from quanyu.infra.unit_of_work import UnitOfWork
from quanyu.kernel.errors import NotFound
from quanyu.kernel.ids import decode_id, encode_id, new_id
from quanyu.modules.channels.contracts import AccountId
from quanyu.modules.channels.reasons import explained
from quanyu.modules.channels.syncs.contracts import (
    SYNC_PREFIX,
    Sync,
    SyncId,
    SyncKind,
    SyncStage,
    SyncState,
)
from quanyu.modules.channels.syncs.queries import KeptSync, SyncQueries
from quanyu.wechat.refusals import Dialect

_SHOWN_MAX = 20
FIRST_STAGE: Final = {
    SyncKind.FOLLOWERS: SyncStage.LISTING,
    SyncKind.TAGS: SyncStage.TAGS,
    SyncKind.DEPARTMENTS: SyncStage.DEPARTMENTS,
    SyncKind.STAFF: SyncStage.DEPARTMENTS,
    SyncKind.CUSTOMERS: SyncStage.CUSTOMERS,
    SyncKind.CUSTOMER_LISTS: SyncStage.CUSTOMERS,
}
_OF_CORPS: Final = frozenset(SyncKind) - {SyncKind.FOLLOWERS, SyncKind.TAGS}


class UnknownSync(NotFound):
    """The account has no such sync running."""

    code = "channels.unknown_sync"


class AccountSyncs:
    """Start, watch and cancel syncs; ``SyncWorker`` runs them."""

    async def start(
        self, uow: UnitOfWork, account_id: AccountId, kind: SyncKind, *, by_hand: bool = True
    ) -> Sync:
        """Start a sync, or return the one of its kind that runs."""
        queries = SyncQueries(uow)
        await queries.start(SyncId(new_id()), account_id, kind, FIRST_STAGE[kind], by_hand=by_hand)
        running = [
            sync
            for sync in await queries.list_syncs(account_id, limit=_SHOWN_MAX)
            if sync.kind is kind and sync.state is SyncState.RUNNING
        ]
        return await self._shown(uow, running[0])

    async def list_syncs(self, uow: UnitOfWork, account_id: AccountId) -> tuple[Sync, ...]:
        """Return the account's latest syncs, newest first."""
        kept = await SyncQueries(uow).list_syncs(account_id, limit=_SHOWN_MAX)
        return tuple([await self._shown(uow, sync) for sync in kept])

    async def cancel(self, uow: UnitOfWork, account_id: AccountId, sync_id: SyncId) -> None:
        """Cancel a running sync; what it brought stays.

        Raises:
            UnknownSync: the account has no such sync running.
        """
        if not await SyncQueries(uow).cancel(account_id, sync_id):
            raise UnknownSync("no such sync is running", message_zh="没有正在进行的该同步任务")

    async def _shown(self, uow: UnitOfWork, sync: KeptSync) -> Sync:
        reason_zh, reason_en = explained(
            sync.reason, Dialect.WECOM if sync.kind in _OF_CORPS else Dialect.OPEN
        )
        is_asking = sync.kind is SyncKind.FOLLOWERS and sync.state is SyncState.RUNNING
        return Sync(
            id=encode_id(SYNC_PREFIX, sync.sync_id),
            kind=sync.kind,
            state=sync.state,
            stage=sync.stage,
            by_hand=sync.by_hand,
            total=sync.total,
            listed=sync.listed,
            to_ask=await SyncQueries(uow).count_to_ask(sync.account_id) if is_asking else 0,
            waits_until=sync.next_step_at if sync.reason and sync.state is SyncState.RUNNING else None,
            reason=sync.reason,
            reason_zh=reason_zh,
            reason_en=reason_en,
            started_at=sync.started_at,
            updated_at=sync.updated_at,
            finished_at=sync.finished_at,
        )


def read_sync_id(text: str) -> SyncId:
    """Read an id as shown outside (``syn_…``).

    Raises:
        InvalidId: it is none.
    """
    return SyncId(decode_id(SYNC_PREFIX, text))
